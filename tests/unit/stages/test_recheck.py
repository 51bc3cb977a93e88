"""A burst of changes starts one run of the affected databases, or none."""

import itertools
import re
from collections.abc import Sequence

import pytest

from rds_tls_audit.fleet.configuration import GroupKey
from rds_tls_audit.fleet.database import Database
from rds_tls_audit.pipeline.changes import Changes
from rds_tls_audit.pipeline.manifest import Batch
from rds_tls_audit.pipeline.requests import parse_discover
from rds_tls_audit.pipeline.run import RunKind
from rds_tls_audit.stages import recheck
from rds_tls_audit.stages.recheck import MAX_NAMED, RecheckPorts, Started
from tests.support import in_memory_stores
from tests.support.builders import cluster, database, run, target, unlisted_cluster

LEDGER = cluster("ledger", parameter_group="aurora16")
FLEET = (
    database("orders-prod", parameter_group="pg16"),
    database("billing-prod", parameter_group="pg16"),
    database("crm-prod", parameter_group="of-crm"),
    database("ledger-1", cluster=LEDGER, parameter_group="of-members"),
    database("ledger-2", cluster=LEDGER, parameter_group="of-members"),
    database("lost-1", cluster=unlisted_cluster("lost"), parameter_group="of-members"),
)
PG16 = GroupKey(name="pg16", of_cluster=False)
AURORA16 = GroupKey(name="aurora16", of_cluster=True)


def after_full_run(fleet: Sequence[Database] = FLEET) -> in_memory_stores.RunStore:
    """Return the run store after a full run with a batch for each database."""
    runs = in_memory_stores.RunStore()
    full_run = run()
    batches = [
        Batch(run_id=full_run.id, batch=number, probe_function=None, targets=(target(member),))
        for number, member in enumerate(fleet)
    ]
    runs.write_manifest(full_run, batches)
    runs.set_latest_full_run(full_run)
    return runs


def start(changes: Changes, runs: in_memory_stores.RunStore | None = None) -> Started | None:
    ports = RecheckPorts(
        manifests=runs or after_full_run(), executions=in_memory_stores.Executions()
    )
    return recheck.start_recheck(changes, ports)


def changed(*names: str | GroupKey) -> Changes:
    """Return changes, each from a separate message."""
    return Changes(
        names=frozenset(name for name in names if isinstance(name, str)),
        groups=frozenset(name for name in names if isinstance(name, GroupKey)),
        messages=tuple(str(number) for number, _ in enumerate(names)),
    )


@pytest.mark.parametrize(
    ("changes", "databases"),
    [
        pytest.param(["orders-prod"], ["orders-prod"], id="an instance"),
        pytest.param(
            ["new-prod"], ["new-prod"], id="an instance that is newer than the latest full run"
        ),
        pytest.param(["ledger"], ["ledger"], id="a cluster, for its members"),
        pytest.param(["b", "a", "c"], ["a", "b", "c"], id="a burst, in order"),
        pytest.param(
            [PG16], ["billing-prod", "orders-prod"], id="all instances with the changed group"
        ),
        pytest.param([AURORA16], ["ledger"], id="a cluster once for all members"),
        pytest.param([PG16, "orders-prod"], ["billing-prod", "orders-prod"], id="both, once"),
        pytest.param([PG16, AURORA16], ["billing-prod", "ledger", "orders-prod"], id="two groups"),
    ],
)
def test_a_burst_starts_a_run_of_its_databases(
    changes: list[str | GroupKey], databases: list[str]
) -> None:
    started = start(changed(*changes))

    assert started is not None
    assert started.execution_input == {"databases": databases, "ignore_missing": True}


@pytest.mark.parametrize(
    "group",
    [
        pytest.param(GroupKey(name="unused", of_cluster=False), id="no database uses it"),
        pytest.param(GroupKey(name="of-members", of_cluster=False), id="the cluster group decides"),
        pytest.param(GroupKey(name="pg16", of_cluster=True), id="a cluster group of the same name"),
        pytest.param(
            GroupKey(name="aurora16", of_cluster=False), id="an instance group of the same name"
        ),
    ],
)
def test_a_group_that_no_database_depends_on_starts_nothing(group: GroupKey) -> None:
    assert start(changed(group)) is None


def test_no_changes_start_nothing() -> None:
    assert start(Changes()) is None


@pytest.mark.parametrize("missing", ["full run", "manifest"])
def test_a_group_starts_nothing_if_its_users_are_not_known(missing: str) -> None:
    runs = in_memory_stores.RunStore()
    if missing == "manifest":
        runs.set_latest_full_run(run())

    assert start(changed(PG16), runs) is None


@pytest.mark.parametrize(
    ("number", "kind"),
    [(MAX_NAMED - 1, RunKind.NAMED), (MAX_NAMED, RunKind.NAMED), (MAX_NAMED + 1, RunKind.FULL)],
)
def test_more_than_a_hundred_databases_start_a_full_run(number: int, kind: RunKind) -> None:
    started = start(changed(*(f"db-{index}" for index in range(number))))

    assert started is not None
    request = parse_discover({"execution": started.execution, "input": started.execution_input})
    assert request.kind is kind
    assert len(request.databases) == (number if kind is RunKind.NAMED else 0)
    assert request.ignore_missing is (kind is RunKind.NAMED)


def test_a_group_with_more_than_a_hundred_users_starts_a_full_run() -> None:
    fleet = [database(f"db-{number}") for number in range(MAX_NAMED + 1)]

    started = start(changed(PG16), after_full_run(fleet))

    assert started is not None
    assert started.execution_input == {"kind": "full"}


def test_redelivered_messages_start_one_run_in_whatever_order_they_arrive() -> None:
    ports = RecheckPorts(
        manifests=after_full_run(), executions=(executions := in_memory_stores.Executions())
    )
    for messages in itertools.permutations(["m1", "m2", "m3"]):
        recheck.start_recheck(Changes(names=frozenset({"orders-prod"}), messages=messages), ports)

    assert len(executions.started) == 1


def test_other_messages_start_another_run_of_the_same_database() -> None:
    ports = RecheckPorts(
        manifests=after_full_run(), executions=(executions := in_memory_stores.Executions())
    )
    for messages in (("m1",), ("m2",), ("m1", "m2")):
        recheck.start_recheck(Changes(names=frozenset({"orders-prod"}), messages=messages), ports)

    assert len(executions.started) == 3


@pytest.mark.parametrize(
    "messages", [(), ("m",), tuple(f"{number}" * 36 for number in range(1000))]
)
def test_step_functions_and_the_run_bucket_accept_the_name_of_an_execution(
    messages: tuple[str, ...],
) -> None:
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", recheck.execution_name(messages))
