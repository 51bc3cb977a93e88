"""Publish sends what changed, remembers what was taken, and can be repeated."""

import math
from dataclasses import replace

import pytest

from rds_tls_audit.evidence.observation import Observation
from rds_tls_audit.evidence.observed import Unseen
from rds_tls_audit.findings.state import ChangeKind
from rds_tls_audit.pipeline.run import RunKind
from tests.support.builders import bad, database, evidence, good, run, unlisted_cluster
from tests.support.in_memory_stores import LostError
from tests.unit.stages.publish_helpers import (
    BILLING,
    FAILING,
    MEMBERS,
    ORDERS,
    World,
    checks,
    finding_of,
    seen,
)


def test_the_first_run_sends_failures_only(world: World) -> None:
    result = world.publish(evidence(run(), [bad(ORDERS), good(BILLING)]))

    assert checks(world.sent) == FAILING
    assert world.hub.findings.keys() == {finding_of(check) for check in FAILING}
    assert result.imported == 3
    assert not result.rejected
    assert {change.kind for change in world.changes} == {ChangeKind.NEW}


def test_nothing_is_sent_where_nothing_is_wrong(world: World) -> None:
    world.publish(evidence(run(), [good(ORDERS)]))

    assert world.sent == []
    assert world.changes == []
    assert world.states.items == {}


def test_the_second_run_sends_nothing(world: World) -> None:
    first = world.told_by(evidence(run(), [bad(ORDERS)]))

    result = world.publish(evidence(run(hours=24), [bad(ORDERS)]))

    assert world.sent == []
    assert result.imported == 0
    assert world.changes == first


def test_a_fix_sends_the_fix_alone_and_leaves_the_birth_date(world: World) -> None:
    world.publish(evidence(run(), [bad(ORDERS)]))
    plaintext_fixed = replace(bad(ORDERS).observation, plaintext=good(ORDERS).observation.plaintext)

    told = world.told_by(evidence(run(hours=24), [seen(good(ORDERS), plaintext_fixed)]))

    assert checks(world.sent) == ["force-ssl", "plaintext-refused"]
    for finding in world.sent:
        assert finding["Compliance"]["Status"] == "PASSED"
        assert finding["CreatedAt"] == "2026-03-01T06:00:00.000Z"
        assert finding["UpdatedAt"] == "2026-03-02T06:00:00.000Z"
    assert {change.kind for change in told} == {ChangeKind.RESOLVED}
    assert world.hub.violations == []


def test_three_members_of_a_cluster_give_one_force_ssl_finding(world: World) -> None:
    result = world.publish(evidence(run(), [bad(member) for member in MEMBERS]))

    assert checks(world.sent).count("force-ssl") == 1
    assert checks(world.sent).count("plaintext-refused") == 3
    assert finding_of("force-ssl", "cluster-LEDGER") in world.hub.findings
    assert [it.database for it in world.changes if it.check == "force-ssl"] == ["ledger"]
    assert [it.cluster for it in result.databases] == ["ledger"] * 3
    assert world.hub.violations == []


def test_a_cluster_that_was_not_listed_has_no_force_ssl_finding(world: World) -> None:
    member = database("ledger-1", cluster=unlisted_cluster())

    world.publish(evidence(run(), [bad(member)]))

    assert checks(world.sent) == ["plaintext-refused", "sessions-encrypted"]


def test_what_the_hub_rejects_is_sent_again_and_nothing_else(world: World) -> None:
    world.hub.reject(finding_of("plaintext-refused"), "InternalError")

    first = world.publish(evidence(run(), [bad(ORDERS)]))

    assert [rejection.id for rejection in first.rejected] == [finding_of("plaintext-refused")]
    assert first.imported == 2
    assert "plaintext-refused" not in [change.check for change in world.changes]
    assert ("db-ORDERS-PROD", "plaintext-refused") not in world.states.items

    world.hub.take_again()
    told = world.told_by(evidence(run(hours=24), [bad(ORDERS)]))

    assert checks(world.sent) == ["plaintext-refused"]
    assert [change.check for change in told] == ["plaintext-refused"]


def test_a_rejected_update_leaves_the_state_where_it_was(world: World) -> None:
    world.publish(evidence(run(), [bad(ORDERS)]))
    before = dict(world.states.items)
    for check in FAILING:
        world.hub.reject(finding_of(check), "InternalError")

    result = world.publish(evidence(run(hours=24), [good(ORDERS)]))

    assert len(result.rejected) == 3
    assert world.states.items == before


def test_a_batch_that_comes_twice_changes_nothing(world: World) -> None:
    batch = evidence(run(), [bad(ORDERS), good(BILLING)])
    world.publish(batch)
    findings, states = dict(world.hub.findings), dict(world.states.items)

    world.publish(batch)

    assert world.sent == []
    assert (world.hub.findings, world.states.items) == (findings, states)


def test_a_batch_that_comes_twice_notes_its_changes_once(world: World) -> None:
    batch = evidence(run(), [bad(ORDERS)])

    assert len(world.told_by(batch)) == 3
    assert world.told_by(batch) == []


def test_a_change_is_not_noted_again_by_the_next_run(world: World) -> None:
    world.publish(evidence(run(), [bad(ORDERS)]))
    assert len(world.told_by(evidence(run(hours=24), [good(ORDERS)]))) == 3

    assert world.told_by(evidence(run(hours=48), [good(ORDERS)])) == []


def test_a_run_that_died_before_it_remembered_is_made_good_by_its_repetition(world: World) -> None:
    batch = evidence(run(), [bad(ORDERS)])
    world.states.writes_left = 3  # that they are on their way, and not that they were taken
    with pytest.raises(LostError):
        world.publish(batch)
    findings = dict(world.hub.findings)
    world.states.writes_left = math.inf

    result = world.publish(batch)

    assert result.imported == 3
    assert world.hub.findings == findings
    assert world.hub.violations == []
    assert len(world.states.items) == 3


def test_a_late_batch_of_an_older_run_changes_nothing(world: World) -> None:
    world.publish(evidence(run(hours=24), [bad(ORDERS)]))
    states = dict(world.states.items)

    world.publish(evidence(run(), [good(ORDERS)]))

    assert world.sent == []
    assert world.states.items == states


def test_a_database_that_was_not_seen_opens_nothing_of_the_probe(world: World) -> None:
    nothing = seen(good(ORDERS), Observation.unseen("no answer within the deadline"))

    result = world.publish(evidence(run(), [nothing]))

    assert world.sent == []
    assert not result.databases[0].logged_in


def test_one_lapse_leaves_a_finding_as_it_is_and_two_make_it_not_available(world: World) -> None:
    world.publish(evidence(run(), [bad(ORDERS)]))
    lapsed = seen(
        bad(ORDERS), replace(bad(ORDERS).observation, plaintext=Unseen(reason="timed out"))
    )

    world.publish(evidence(run(hours=24), [lapsed]))
    assert world.sent == []

    world.publish(evidence(run(hours=48), [lapsed]))
    assert checks(world.sent) == ["plaintext-refused"]
    assert world.sent[0]["Compliance"]["Status"] == "NOT_AVAILABLE"


def test_the_verdicts_are_in_the_order_of_the_table_with_the_severity_of_the_check(
    world: World,
) -> None:
    result = world.publish(evidence(run(), [good(ORDERS), bad(BILLING)]))

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
    assert [it.id for it in result.databases] == ["orders-prod", "billing"]
    for one in result.databases:
        assert [(it.check, it.severity) for it in one.verdicts] == expected


def test_the_result_is_kept_under_its_run_and_batch(world: World) -> None:
    result = world.publish(evidence(run(), [good(ORDERS)], batch=7))

    assert world.runs.results == {"full-0": [result]}
    assert result.batch == 7
    assert result.databases[0].logged_in
    assert result.part is None


def test_the_result_of_one_database_of_a_batch_says_which(world: World) -> None:
    alone = replace(evidence(run(), [good(ORDERS)], batch=7), part=3)

    result = world.publish(alone)

    assert (result.batch, result.part) == (7, 3)


def test_a_sample_run_judges_and_sends_session_checks_alone(world: World) -> None:
    result = world.publish(evidence(run(RunKind.SAMPLE), [bad(ORDERS)]))

    assert checks(world.sent) == ["sessions-encrypted"]
    (judged,) = result.databases
    assert [it.check for it in judged.verdicts] == ["sessions-encrypted", "sessions-modern-tls"]


def test_a_sample_run_leaves_what_a_full_run_told_as_it_is(world: World) -> None:
    world.publish(evidence(run(), [bad(ORDERS)]))
    findings, states = dict(world.hub.findings), dict(world.states.items)

    told = world.told_by(evidence(run(RunKind.SAMPLE, hours=1), [good(ORDERS)]))

    assert told == []
    assert (world.hub.findings, world.states.items) == (findings, states)
