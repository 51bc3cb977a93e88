"""A burst of changes becomes one run of the databases that they concern, or none."""

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


def runs(fleet: Sequence[Database] = FLEET) -> in_memory_stores.Runs:
    """A bucket with the manifest of a full run, a batch for each database."""
    kept = in_memory_stores.Runs()
    last = run()
    batches = [
        Batch(run_id=last.id, batch=number, probe_function=None, targets=(target(it),))
        for number, it in enumerate(fleet)
    ]
    kept.write_manifest(last, batches)
    kept.set_latest_full_run(last)
    return kept


def asked(changes: Changes, kept: in_memory_stores.Runs | None = None) -> Started | None:
    ports = RecheckPorts(manifests=kept or runs(), executions=in_memory_stores.Executions())
    return recheck.start_recheck(changes, ports)


def changed(*names: str | GroupKey) -> Changes:
    """Changes, each by a message of its own."""
    return Changes(
        names=frozenset(it for it in names if isinstance(it, str)),
        groups=frozenset(it for it in names if isinstance(it, GroupKey)),
        messages=tuple(str(number) for number, _ in enumerate(names)),
    )


@pytest.mark.parametrize(
    ("changes", "databases"),
    [
        pytest.param(["orders-prod"], ["orders-prod"], id="an instance"),
        pytest.param(["new-prod"], ["new-prod"], id="an instance the last full run did not see"),
        pytest.param(["ledger"], ["ledger"], id="a cluster, for its members"),
        pytest.param(["b", "a", "c"], ["a", "b", "c"], id="a burst, in order"),
        pytest.param([PG16], ["billing-prod", "orders-prod"], id="all whom a group decides for"),
        pytest.param([AURORA16], ["ledger"], id="members by their cluster, once"),
        pytest.param([PG16, "orders-prod"], ["billing-prod", "orders-prod"], id="both, once"),
        pytest.param([PG16, AURORA16], ["billing-prod", "ledger", "orders-prod"], id="two groups"),
    ],
)
def test_a_burst_asks_for_its_databases(
    changes: list[str | GroupKey], databases: list[str]
) -> None:
    started = asked(changed(*changes))

    assert started is not None
    assert started.asked == {"databases": databases, "ignore_missing": True}


@pytest.mark.parametrize(
    "group",
    [
        pytest.param(GroupKey(name="of-nobody", of_cluster=False), id="nobody has it"),
        pytest.param(GroupKey(name="of-members", of_cluster=False), id="the cluster's decides"),
        pytest.param(GroupKey(name="pg16", of_cluster=True), id="a cluster's of the same name"),
        pytest.param(GroupKey(name="aurora16", of_cluster=False), id="an instance's of that name"),
    ],
)
def test_a_group_that_decides_for_nobody_starts_nothing(group: GroupKey) -> None:
    assert asked(changed(group)) is None


def test_nothing_starts_nothing() -> None:
    assert asked(Changes()) is None


@pytest.mark.parametrize("lost", ["no full run yet", "its manifest is gone"])
def test_a_group_nobody_knows_the_users_of_starts_nothing(lost: str) -> None:
    kept = in_memory_stores.Runs()
    if lost == "its manifest is gone":
        kept.set_latest_full_run(run())

    assert asked(changed(PG16), kept) is None


@pytest.mark.parametrize(
    ("number", "kind"),
    [(MAX_NAMED - 1, RunKind.NAMED), (MAX_NAMED, RunKind.NAMED), (MAX_NAMED + 1, RunKind.FULL)],
)
def test_more_than_a_hundred_databases_are_a_full_run(number: int, kind: RunKind) -> None:
    started = asked(changed(*(f"db-{it}" for it in range(number))))

    assert started is not None
    request = parse_discover({"execution": started.execution, "input": started.asked})
    assert request.kind is kind
    assert len(request.databases) == (number if kind is RunKind.NAMED else 0)
    assert request.ignore_missing is (kind is RunKind.NAMED)


def test_the_group_of_a_whole_fleet_is_a_full_run() -> None:
    fleet = [database(f"db-{number}") for number in range(MAX_NAMED + 1)]

    started = asked(changed(PG16), runs(fleet))

    assert started is not None
    assert started.asked == {"kind": "full"}


def test_the_same_messages_start_one_run_in_whatever_order_they_come_again() -> None:
    ports = RecheckPorts(manifests=runs(), executions=(executions := in_memory_stores.Executions()))
    for messages in itertools.permutations(["m1", "m2", "m3"]):
        recheck.start_recheck(Changes(names=frozenset({"orders-prod"}), messages=messages), ports)

    assert len(executions.started) == 1


def test_other_messages_start_another_run_of_the_same_database() -> None:
    ports = RecheckPorts(manifests=runs(), executions=(executions := in_memory_stores.Executions()))
    for messages in (("m1",), ("m2",), ("m1", "m2")):
        recheck.start_recheck(Changes(names=frozenset({"orders-prod"}), messages=messages), ports)

    assert len(executions.started) == 3


@pytest.mark.parametrize("messages", [(), ("m",), tuple(f"{it}" * 36 for it in range(1000))])
def test_the_name_of_an_execution_is_one_that_step_functions_and_the_bucket_take(
    messages: tuple[str, ...],
) -> None:
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", recheck.execution_name(messages))
