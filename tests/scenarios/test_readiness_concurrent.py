"""The readiness in findings whose database another run evaluated meanwhile, or no run at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rds_tls_audit.codec import MalformedError
from rds_tls_audit.evidence.observed import Unseen
from rds_tls_audit.findings.state import FindingState, StateKey
from rds_tls_audit.pipeline.run import RunKind
from tests.scenarios.faults import ONE_FAILS, Fault, FaultInjector, inject_faults
from tests.scenarios.readiness_helpers import (
    MEMBERS,
    NEW,
    ORDERS,
    readiness_of,
    record_five_weeks_of_samples,
    without_plaintext_clients,
)
from tests.scenarios.simulated_account import (
    DAY,
    HOUR,
    SimulatedAccount,
    check_ids,
    findings_sent_by,
    readiness_in,
)
from tests.support.builders import bad, good
from tests.support.in_memory_stores import FindingStates


def test_readiness_is_not_attached_if_another_parameter_group_is_the_deciding_one_by_then(
    account: SimulatedAccount,
) -> None:
    account.set_databases(without_plaintext_clients(ORDERS))
    record_five_weeks_of_samples(account, ORDERS)
    run = account.start_run(RunKind.FULL)
    account.probe_and_publish(run, account.write_manifest(run, [ORDERS.id]))
    account.advance_clock(HOUR)
    account.set_databases(without_plaintext_clients(replace(ORDERS, parameter_group="pg17")))
    account.run_named(ORDERS.id)
    account.advance_clock(HOUR)

    account.close_run(replace(run, observed_at=account.now), 1, complete=True)
    assert (
        "parameter group pg17"
        in account.get_finding("force-ssl", ORDERS.resource_id)["Description"]
    )
    assert readiness_of(account, ORDERS) is None

    account.advance_clock(DAY)
    record_five_weeks_of_samples(account, ORDERS)
    account.run_full()
    assert readiness_of(account, ORDERS) == "safe"


def test_a_database_without_a_result_is_no_longer_safe(
    safe_account: SimulatedAccount,
) -> None:
    safe_account.advance_clock(DAY)
    run = safe_account.start_run(RunKind.FULL)
    safe_account.write_manifest(run, [ORDERS.id])

    sent = findings_sent_by(safe_account, lambda: safe_account.close_run(run, 1, complete=True))

    assert [readiness_in(finding) for finding in sent if check_ids([finding]) == ["force-ssl"]] == [
        "not-known"
    ]
    safe_account.advance_clock(DAY)
    record_five_weeks_of_samples(safe_account, ORDERS)
    safe_account.run_full()
    assert readiness_of(safe_account, ORDERS) == "safe"


def test_a_database_whose_parameter_group_cannot_be_read_is_no_longer_safe(
    safe_account: SimulatedAccount,
) -> None:
    probed = without_plaintext_clients(ORDERS)
    configuration = replace(probed.target.configuration, group=Unseen(reason="AccessDenied"))
    safe_account.set_databases(
        replace(probed, target=replace(probed.target, configuration=configuration)), bad(NEW)
    )
    safe_account.advance_clock(DAY)

    safe_account.run_full()

    assert [readiness_of(safe_account, database) for database in (ORDERS, NEW)] == [
        "check-first"
    ] * 2


def test_a_member_with_a_verdict_represents_a_member_without_a_result(
    account: SimulatedAccount,
) -> None:
    account.set_databases(*map(without_plaintext_clients, MEMBERS))
    run = account.start_run(RunKind.FULL)
    (batch,) = account.write_manifest(run, [database.id for database in MEMBERS])
    account.probe_and_publish(run, [replace(batch, targets=batch.targets[1:])])

    account.close_run(run, 2, complete=True)

    assert readiness_of(account, MEMBERS[0]) == "not-known"


def test_a_pass_that_security_hub_rejects_is_not_followed_by_a_failure_with_readiness(
    safe_account: SimulatedAccount,
) -> None:
    faults = FaultInjector(armed=Fault("hub", ONE_FAILS, call=1))
    inject_faults(safe_account, faults)
    safe_account.set_databases(good(ORDERS))
    safe_account.advance_clock(DAY)

    safe_account.run_full()
    assert faults.calls["hub"].count("import") == 1

    safe_account.advance_clock(DAY)
    safe_account.run_full()
    assert (
        safe_account.get_finding("force-ssl", ORDERS.resource_id)["Compliance"]["Status"]
        == "PASSED"
    )


@dataclass
class MalformedStates(FindingStates):
    """A table with a malformed state of one database."""

    malformed_resource: str = ""

    def read(self, resource_ids: Sequence[str]) -> Mapping[StateKey, FindingState | None]:
        if self.malformed_resource in resource_ids:
            raise MalformedError(f"the item db#{self.malformed_resource} is malformed")
        return super().read(resource_ids)


def test_a_malformed_state_does_not_prevent_a_run_from_being_closed(
    safe_account: SimulatedAccount,
) -> None:
    safe_account.states = MalformedStates(
        items=safe_account.states.items,
        outbox=safe_account.states.outbox,
        malformed_resource=ORDERS.resource_id,
    )
    safe_account.advance_clock(DAY)
    run = safe_account.start_run(RunKind.FULL)
    safe_account.write_manifest(run, [ORDERS.id])

    ended = safe_account.close_run(run, 1, complete=True)

    assert (ended.lost, ended.digest_sent) == (1, True)
