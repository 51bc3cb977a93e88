"""Publish sends the findings that changed, stores what was imported, and can be repeated."""

import math
from dataclasses import replace

import pytest

from rds_tls_audit.evidence.observation import Observation
from rds_tls_audit.evidence.observed import Unseen
from rds_tls_audit.findings.state import ChangeKind
from rds_tls_audit.pipeline.run import RunKind
from tests.support.builders import bad, database, good, probe_result, run, unlisted_cluster
from tests.support.in_memory_stores import StoreUnavailableError
from tests.unit.stages.publish_helpers import (
    BILLING,
    FAILING,
    MEMBERS,
    ORDERS,
    PublishHarness,
    checks,
    finding_id,
    with_observation,
)


def test_the_first_run_sends_failures_only(publisher: PublishHarness) -> None:
    result = publisher.publish(probe_result(run(), [bad(ORDERS), good(BILLING)]))

    assert checks(publisher.sent) == FAILING
    assert publisher.hub.findings.keys() == {finding_id(check) for check in FAILING}
    assert result.imported == 3
    assert not result.rejected
    assert {change.kind for change in publisher.changes} == {ChangeKind.NEW}


def test_a_database_without_failures_sends_nothing(publisher: PublishHarness) -> None:
    publisher.publish(probe_result(run(), [good(ORDERS)]))

    assert publisher.sent == []
    assert publisher.changes == []
    assert publisher.states.items == {}


def test_the_second_run_sends_nothing(publisher: PublishHarness) -> None:
    first = publisher.changes_from(probe_result(run(), [bad(ORDERS)]))

    result = publisher.publish(probe_result(run(hours=24), [bad(ORDERS)]))

    assert publisher.sent == []
    assert result.imported == 0
    assert publisher.changes == first


def test_a_fix_sends_only_the_fixed_findings_and_keeps_created_at(
    publisher: PublishHarness,
) -> None:
    publisher.publish(probe_result(run(), [bad(ORDERS)]))
    plaintext_fixed = replace(bad(ORDERS).observation, plaintext=good(ORDERS).observation.plaintext)

    changes = publisher.changes_from(
        probe_result(run(hours=24), [with_observation(good(ORDERS), plaintext_fixed)])
    )

    assert checks(publisher.sent) == ["force-ssl", "plaintext-refused"]
    for finding in publisher.sent:
        assert finding["Compliance"]["Status"] == "PASSED"
        assert finding["CreatedAt"] == "2026-03-01T06:00:00.000Z"
        assert finding["UpdatedAt"] == "2026-03-02T06:00:00.000Z"
    assert {change.kind for change in changes} == {ChangeKind.RESOLVED}
    assert publisher.hub.violations == []


def test_the_members_of_a_cluster_share_one_force_ssl_finding(publisher: PublishHarness) -> None:
    result = publisher.publish(probe_result(run(), [bad(member) for member in MEMBERS]))

    assert checks(publisher.sent).count("force-ssl") == 1
    assert checks(publisher.sent).count("plaintext-refused") == 3
    assert finding_id("force-ssl", "cluster-LEDGER") in publisher.hub.findings
    assert [change.database for change in publisher.changes if change.check == "force-ssl"] == [
        "ledger"
    ]
    assert [database.cluster for database in result.databases] == ["ledger"] * 3
    assert publisher.hub.violations == []


def test_a_cluster_that_was_not_listed_has_no_force_ssl_finding(publisher: PublishHarness) -> None:
    member = database("ledger-1", cluster=unlisted_cluster())

    publisher.publish(probe_result(run(), [bad(member)]))

    assert checks(publisher.sent) == ["plaintext-refused", "sessions-encrypted"]


def test_only_a_rejected_finding_is_sent_again(publisher: PublishHarness) -> None:
    publisher.hub.reject(finding_id("plaintext-refused"), "InternalError")

    first = publisher.publish(probe_result(run(), [bad(ORDERS)]))

    assert [rejection.id for rejection in first.rejected] == [finding_id("plaintext-refused")]
    assert first.imported == 2
    assert "plaintext-refused" not in [change.check for change in publisher.changes]
    assert ("db-ORDERS-PROD", "plaintext-refused") not in publisher.states.items

    publisher.hub.accept_again()
    changes = publisher.changes_from(probe_result(run(hours=24), [bad(ORDERS)]))

    assert checks(publisher.sent) == ["plaintext-refused"]
    assert [change.check for change in changes] == ["plaintext-refused"]


def test_a_rejected_update_does_not_change_the_state(publisher: PublishHarness) -> None:
    publisher.publish(probe_result(run(), [bad(ORDERS)]))
    before = dict(publisher.states.items)
    for check in FAILING:
        publisher.hub.reject(finding_id(check), "InternalError")

    result = publisher.publish(probe_result(run(hours=24), [good(ORDERS)]))

    assert len(result.rejected) == 3
    assert publisher.states.items == before


def test_publishing_a_batch_again_changes_nothing(publisher: PublishHarness) -> None:
    batch = probe_result(run(), [bad(ORDERS), good(BILLING)])
    publisher.publish(batch)
    findings, states = dict(publisher.hub.findings), dict(publisher.states.items)

    publisher.publish(batch)

    assert publisher.sent == []
    assert (publisher.hub.findings, publisher.states.items) == (findings, states)


def test_publishing_a_batch_again_adds_no_change_to_the_outbox(publisher: PublishHarness) -> None:
    batch = probe_result(run(), [bad(ORDERS)])

    assert len(publisher.changes_from(batch)) == 3
    assert publisher.changes_from(batch) == []


def test_the_next_run_does_not_add_a_change_to_the_outbox_again(publisher: PublishHarness) -> None:
    publisher.publish(probe_result(run(), [bad(ORDERS)]))
    assert len(publisher.changes_from(probe_result(run(hours=24), [good(ORDERS)]))) == 3

    assert publisher.changes_from(probe_result(run(hours=48), [good(ORDERS)])) == []


def test_repeating_a_run_that_crashed_before_it_stored_the_import_completes_it(
    publisher: PublishHarness,
) -> None:
    batch = probe_result(run(), [bad(ORDERS)])
    publisher.states.writes_left = (
        3  # the marks that they are in flight, not the results of the import
    )
    with pytest.raises(StoreUnavailableError):
        publisher.publish(batch)
    findings = dict(publisher.hub.findings)
    publisher.states.writes_left = math.inf

    result = publisher.publish(batch)

    assert result.imported == 3
    assert publisher.hub.findings == findings
    assert publisher.hub.violations == []
    assert len(publisher.states.items) == 3


def test_a_delayed_batch_of_an_older_run_changes_nothing(publisher: PublishHarness) -> None:
    publisher.publish(probe_result(run(hours=24), [bad(ORDERS)]))
    states = dict(publisher.states.items)

    publisher.publish(probe_result(run(), [good(ORDERS)]))

    assert publisher.sent == []
    assert publisher.states.items == states


def test_a_database_that_was_not_reached_opens_no_finding(publisher: PublishHarness) -> None:
    unseen = with_observation(good(ORDERS), Observation.unseen("no answer within the deadline"))

    result = publisher.publish(probe_result(run(), [unseen]))

    assert publisher.sent == []
    assert not result.databases[0].logged_in


def test_a_finding_becomes_not_available_after_two_unknown_verdicts(
    publisher: PublishHarness,
) -> None:
    publisher.publish(probe_result(run(), [bad(ORDERS)]))
    unknown = with_observation(
        bad(ORDERS), replace(bad(ORDERS).observation, plaintext=Unseen(reason="timed out"))
    )

    publisher.publish(probe_result(run(hours=24), [unknown]))
    assert publisher.sent == []

    publisher.publish(probe_result(run(hours=48), [unknown]))
    assert checks(publisher.sent) == ["plaintext-refused"]
    assert publisher.sent[0]["Compliance"]["Status"] == "NOT_AVAILABLE"


def test_the_verdicts_are_in_the_documented_order_with_the_severity_of_the_check(
    publisher: PublishHarness,
) -> None:
    result = publisher.publish(probe_result(run(), [good(ORDERS), bad(BILLING)]))

    expected = [
        ("force-ssl", "MEDIUM"),
        ("force-ssl-in-effect", "MEDIUM"),
        ("plaintext-refused", "HIGH"),
        ("sessions-encrypted", "HIGH"),
        ("sessions-modern-tls", "MEDIUM"),
        ("minimum-protocol", "MEDIUM"),
        ("legacy-tls-refused", "MEDIUM"),
        ("weak-ciphers-refused", "MEDIUM"),
        ("certificate-trusted", "HIGH"),
        ("certificate-current", "HIGH"),
    ]
    assert [database.id for database in result.databases] == ["orders-prod", "billing"]
    for database_result in result.databases:
        verdicts = [(verdict.check, verdict.severity) for verdict in database_result.verdicts]
        assert verdicts == expected


def test_the_result_is_stored_by_run_and_batch(publisher: PublishHarness) -> None:
    result = publisher.publish(probe_result(run(), [good(ORDERS)], batch=7))

    assert publisher.runs.results == {"full-0": [result]}
    assert result.batch == 7
    assert result.databases[0].logged_in
    assert result.part is None


def test_the_result_of_a_database_that_was_retried_alone_has_its_position(
    publisher: PublishHarness,
) -> None:
    alone = replace(probe_result(run(), [good(ORDERS)], batch=7), part=3)

    result = publisher.publish(alone)

    assert (result.batch, result.part) == (7, 3)


def test_a_sample_run_evaluates_and_sends_only_session_checks(publisher: PublishHarness) -> None:
    result = publisher.publish(probe_result(run(RunKind.SAMPLE), [bad(ORDERS)]))

    assert checks(publisher.sent) == ["sessions-encrypted"]
    (evaluated,) = result.databases
    assert [verdict.check for verdict in evaluated.verdicts] == [
        "sessions-encrypted",
        "sessions-modern-tls",
    ]


def test_a_passing_sample_run_does_not_change_the_findings_of_a_full_run(
    publisher: PublishHarness,
) -> None:
    publisher.publish(probe_result(run(), [bad(ORDERS)]))
    findings, states = dict(publisher.hub.findings), dict(publisher.states.items)

    changes = publisher.changes_from(probe_result(run(RunKind.SAMPLE, hours=1), [good(ORDERS)]))

    assert changes == []
    assert (publisher.hub.findings, publisher.states.items) == (findings, states)
