"""After one fault at any call, the next runs recover and report everything once."""

from collections import Counter, defaultdict
from contextlib import suppress
from copy import deepcopy
from functools import cache
from itertools import pairwise

import pytest

from rds_tls_audit.findings.state import FindingState
from rds_tls_audit.pipeline.run import RunKind
from tests.scenarios.faults import (
    Fault,
    FaultInjector,
    inject_faults,
    list_faults,
)
from tests.scenarios.simulated_account import DAY, SimulatedAccount, readiness_in, unreachable
from tests.support.builders import bad, cluster, database, good

ORDERS, DELETED = database("orders-prod"), database("deleted")
OUT_OF_SCOPE = database("out-of-scope")
FAR = database("far", vpc_id="vpc-2")
NEW, MEMBER = database("new"), database("ledger-1", cluster=cluster())
TURNED = database("turned", parameter_group="pg17")
RUNS_AFTER = 2
"""A failed run counts no absences and no unknown verdicts, so these come one run later."""


@cache
def account_before() -> SimulatedAccount:
    """Return the account on the evening before everything happens in one run."""
    account = SimulatedAccount()
    account.set_databases(
        *(bad(database) for database in (ORDERS, DELETED, OUT_OF_SCOPE, FAR, MEMBER)), good(TURNED)
    )
    account.run_full()
    account.advance_clock(DAY)
    account.delete_databases("deleted")
    account.set_databases(unreachable(bad(FAR)))
    account.run_full()
    account.advance_clock(DAY)
    account.set_databases(good(ORDERS), bad(NEW), bad(TURNED))
    account.out_of_scope = {"out-of-scope"}
    return account


def run_once(account: SimulatedAccount) -> None:
    """Run as the state machine does: a failed batch has no result, and the run is closed."""
    run = account.start_run(RunKind.FULL)
    found = sorted(account.fleet.keys() - account.out_of_scope)
    for batch in account.write_manifest(run, found):
        with suppress(Exception):
            account.probe_and_publish(run, [batch])
    with suppress(Exception):
        account.close_run(run, len(found), complete=True)


def run_through(fault: Fault | None) -> tuple[SimulatedAccount, FaultInjector]:
    """Run for one day with this fault, and for the following days without."""
    account, faults = deepcopy(account_before()), FaultInjector(armed=fault)
    inject_faults(account, faults)
    run_once(account)
    happened = FaultInjector(calls={place: list(calls) for place, calls in faults.calls.items()})
    faults.armed = None
    for _ in range(RUNS_AFTER):
        account.advance_clock(DAY)
        run_once(account)
    return account, happened


@cache
def without_fault() -> tuple[SimulatedAccount, FaultInjector]:
    return run_through(None)


def count_reports(account: SimulatedAccount, topic: str) -> Counter[tuple[str, str, str]]:
    """Count how often each change was reported."""
    return Counter(
        (change.kind, change.check, change.database) for change in account.reported_changes(topic)
    )


def reported_readiness(account: SimulatedAccount, topic: str) -> dict[str, list[str]]:
    """Return the reported readiness of each parameter group, in order, without numbers."""
    statuses: dict[str, list[str]] = defaultdict(list)
    for digest in account.topics[topic].digests:
        for line in digest.readiness_changes:
            group, title, *_ = line.split(": ")
            statuses[group].append(title)
    return statuses


def readiness_is_reported(account: SimulatedAccount, expected: SimulatedAccount) -> bool:
    """Whether each topic received the final readiness, and never the same twice in a row.

    A batch without a result changes the readiness for a day, and that is reported.
    """
    return all(
        reported_readiness(account, topic).keys() == reported_readiness(expected, topic).keys()
        and all(
            statuses[-1] == reported_readiness(expected, topic)[group][-1]
            and all(earlier != later for earlier, later in pairwise(statuses))
            for group, statuses in reported_readiness(account, topic).items()
        )
        for topic in account.topics
    )


def findings(account: SimulatedAccount) -> dict[str, tuple[object, ...]]:
    """Return what reviewers see, without times, runs, and numbers of samples."""
    return {
        key: (
            finding["Compliance"]["Status"],
            finding["RecordState"],
            finding["Description"].partition(" Is it safe to force TLS? ")[0],
            readiness_in(finding),
            finding["FindingProviderFields"],
            account.hub.workflow[key],
        )
        for key, finding in account.hub.findings.items()
    }


def states(account: SimulatedAccount) -> dict[tuple[str, str], tuple[object, ...]]:
    """Return the stored states without times."""

    def lasting(state: FindingState) -> tuple[object, ...]:
        readiness = state.answer and state.answer.form
        return (
            *(state.status, state.fingerprint, state.because),
            *(state.archived, state.to_resolve, state.attempt, readiness),
        )

    return {key: lasting(state) for key, state in account.states.items.items()}


@cache
def broken_by(fault: Fault) -> frozenset[str]:
    """Return the names of everything that differs from the account without the fault."""
    expected, _ = without_fault()
    account, _ = run_through(fault)
    reported_alike = all(
        count_reports(account, topic) == count_reports(expected, topic) for topic in account.topics
    )
    created = [violation for violation in account.hub.violations if "changes its" in violation]
    alike = {
        "the findings": findings(account) == findings(expected),
        "the states": states(account) == states(expected),
        "the reported changes": reported_alike and not account.outbox.entries,
        "the reported readiness": readiness_is_reported(account, expected),
        "CreatedAt": not created,
        "the rules of the hub": len(created) == len(account.hub.violations),
    }
    return frozenset(name for name, is_alike in alike.items() if not is_alike)


FAULTS = list(list_faults(without_fault()[1]))


def test_the_account_without_a_fault_makes_every_call_that_can_fail() -> None:
    account, recorded = without_fault()

    kinds = {change.kind.value for change in account.reported_changes()}
    assert kinds == {"new", "resolved", "not assessed", "archived"}
    assert all(recorded.calls.values())
    assert count_reports(account, "digest") == count_reports(account, "chat")
    assert set(count_reports(account, "digest").values()) == {1}
    assert (
        reported_readiness(account, "digest")
        == reported_readiness(account, "chat")
        == {
            "parameter group pg16": ["check these first"],
            "cluster parameter group aurora16": ["check these first"],
            "parameter group pg17": ["check these first"],
        }
    )
    # One each for publish, for retired databases, for the coverage, and for the readiness.
    assert recorded.calls["hub"].count("import") == 4
    with_readiness = {
        key.rpartition("/")[2]
        for key, finding in account.hub.findings.items()
        if readiness_in(finding)
    }
    assert with_readiness == {"cluster-LEDGER", "db-FAR", "db-NEW", "db-TURNED"}
    assert account.hub.violations == []


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_after_any_fault_the_next_runs_recover_and_report_everything_once(fault: Fault) -> None:
    assert not broken_by(fault)
