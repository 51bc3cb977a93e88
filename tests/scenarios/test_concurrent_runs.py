"""If two runs evaluate one database at the same time, the newer evidence wins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from rds_tls_audit.findings.asff import Finding
from rds_tls_audit.findings.change import Change
from rds_tls_audit.findings.import_result import ImportResult
from rds_tls_audit.findings.state import FindingState, StateKey
from rds_tls_audit.pipeline.messages import ProbedTarget, ProbeResult
from rds_tls_audit.pipeline.run import RunKind
from rds_tls_audit.stages import publish
from tests.scenarios.simulated_account import DAY, SimulatedAccount, finding_id, readiness_in
from tests.support.builders import bad, database, good
from tests.support.in_memory_stores import FindingStates
from tests.support.strict_hub import StrictHub

ORDERS = database("orders-prod")
SESSIONS = finding_id("sessions-encrypted", ORDERS.resource_id)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def account() -> SimulatedAccount:
    """An account whose only plaintext client disconnected more than a week ago."""
    account = SimulatedAccount()
    account.set_databases(bad(ORDERS))
    account.run_full()
    account.advance_clock(8 * DAY)
    account.set_databases(good(ORDERS))
    account.run_full()
    account.advance_clock(DAY)
    assert sessions(account) == "PASSED"
    return account


def sessions(account: SimulatedAccount) -> str:
    return str(account.hub.findings[SESSIONS]["Compliance"]["Status"])


def probe_orders(account: SimulatedAccount, kind: RunKind, found: ProbedTarget) -> ProbeResult:
    """Probe the database now, and let a minute pass."""
    account.set_databases(found)
    run = account.start_run(kind)
    (batch,) = account.write_manifest(run, [ORDERS.id])
    probe_result = account.probe(run, batch)
    account.advance_clock(MINUTE)
    return probe_result


@dataclass
class InterleavedHub(StrictHub):
    """A hub; as soon as it has imported something, another run acts once."""

    other_run: Callable[[], object] | None = None

    def import_findings(self, findings: Sequence[Finding]) -> ImportResult:
        imported = super().import_findings(findings)
        if self.other_run is not None:
            act, self.other_run = self.other_run, None
            act()
        return imported


@dataclass
class InterleavedStates(FindingStates):
    """A table; before the first state is written, another run acts once."""

    other_run: Callable[[], object] | None = None

    def write(
        self,
        key: StateKey,
        state: FindingState,
        previous: FindingState | None,
        change: Change | None = None,
    ) -> bool:
        if self.other_run is not None:
            act, self.other_run = self.other_run, None
            act()
        return super().write(key, state, previous, change)


def test_an_older_batch_does_not_overwrite_what_security_hub_has_just_imported(
    account: SimulatedAccount,
) -> None:
    older = probe_orders(account, RunKind.FULL, good(ORDERS))
    newer = probe_orders(account, RunKind.SAMPLE, bad(ORDERS))
    hub = InterleavedHub(
        findings=account.hub.findings, workflow=account.hub.workflow, calls=account.hub.calls
    )
    hub.other_run = lambda: publish.publish_batch(older, account.settings, account.publish_ports)

    publish.publish_batch(newer, account.settings, replace(account.publish_ports, hub=hub))

    assert sessions(account) == "FAILED"
    assert [change.check for change in account.states.changes] == ["sessions-encrypted"]


def test_a_newer_failure_is_sent_even_if_an_older_run_stored_its_state_first(
    account: SimulatedAccount,
) -> None:
    older = probe_orders(account, RunKind.FULL, good(ORDERS))
    newer = probe_orders(account, RunKind.SAMPLE, bad(ORDERS))
    states = InterleavedStates(items=account.states.items, outbox=account.states.outbox)
    states.other_run = lambda: publish.publish_batch(older, account.settings, account.publish_ports)

    publish.publish_batch(newer, account.settings, replace(account.publish_ports, states=states))

    assert sessions(account) == "FAILED"
    assert [change.check for change in account.states.changes] == ["sessions-encrypted"]


def test_a_failure_that_is_fixed_while_its_readiness_is_attached_stays_passed(
    account: SimulatedAccount,
) -> None:
    account.set_databases(bad(ORDERS))
    run = account.start_run(RunKind.FULL)
    account.probe_and_publish(run, account.write_manifest(run, [ORDERS.id]))
    newer = probe_orders(account, RunKind.NAMED, good(ORDERS))
    states = InterleavedStates(items=account.states.items, outbox=account.states.outbox)
    states.other_run = lambda: publish.publish_batch(newer, account.settings, account.publish_ports)
    account.states = states

    account.close_run(run, 1, complete=True)

    assert states.other_run is None
    finding = account.get_finding("force-ssl", ORDERS.resource_id)
    assert (finding["Compliance"]["Status"], readiness_in(finding)) == ("PASSED", None)


def test_a_run_whose_writes_always_conflict_leaves_the_finding_to_the_other_runs(
    account: SimulatedAccount,
) -> None:
    newer = probe_orders(account, RunKind.SAMPLE, bad(ORDERS))

    class Contested(FindingStates):
        def write(self, *_: object) -> bool:
            return False

    contested = Contested(items=account.states.items)

    result = publish.publish_batch(
        newer, account.settings, replace(account.publish_ports, states=contested)
    )

    assert (result.imported, result.rejected) == (0, ())
    assert sessions(account) == "PASSED"
