"""Publish sends what changed, remembers what was taken, and can be repeated."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from rds_tls_audit.check import all_checks
from rds_tls_audit.evidence import Unseen
from rds_tls_audit.finding import Finding
from rds_tls_audit.messages import Evidence, Witnessed
from rds_tls_audit.observation import Observation
from rds_tls_audit.result import BatchResult
from rds_tls_audit.run import Run, RunKind
from rds_tls_audit.settings import Settings
from rds_tls_audit.stages import publish
from rds_tls_audit.stages.publish import PublishPorts
from rds_tls_audit.transition import ChangeKind
from rds_tls_audit.verdict import Status
from tests.asff import StrictHub
from tests.unit.examples import bad, cluster, database, evidence, good, run, settings
from tests.unit.fakes import LostError, States

ORDERS = database("orders-prod", tags={"Owner": "orders team", "Team": "shop", "Blank": " "})
BILLING = database("billing")
MEMBERS = [database(f"ledger-{number}", cluster=cluster()) for number in (1, 2, 3)]
FAILING = ["force-ssl", "plaintext-refused", "sessions-encrypted"]
"""What is wrong with a database that is `bad`."""
DEFAULTS = settings()


@dataclass
class Results:
    """The run bucket in memory."""

    written: list[tuple[str, BatchResult]] = field(default_factory=list)

    def write_result(self, run: Run, result: BatchResult) -> None:
        self.written.append((run.id, result))


@dataclass
class World:
    """Everything that publish reaches."""

    hub: StrictHub = field(default_factory=StrictHub)
    states: States = field(default_factory=States)
    results: Results = field(default_factory=Results)

    def publish(self, what: Evidence, told: Settings = DEFAULTS) -> BatchResult:
        ports = PublishPorts(hub=self.hub, states=self.states, results=self.results)
        return publish.run(what, told, ports)

    @property
    def sent(self) -> list[Finding]:
        """What the last run sent."""
        return self.hub.calls[-1]


@pytest.fixture
def world() -> World:
    return World()


def checks(findings: Sequence[Finding]) -> list[str]:
    return [finding["GeneratorId"].removeprefix("rds-tls-audit/") for finding in findings]


def finding_of(check: str, resource_id: str = "db-ORDERS-PROD") -> str:
    return f"eu-central-1/123456789012/rds-tls-audit/{check}/{resource_id}"


def seen(of: Witnessed, observation: Observation) -> Witnessed:
    return replace(of, observation=observation)


def test_the_first_run_sends_failures_only(world: World) -> None:
    result = world.publish(evidence(run(), [bad(ORDERS), good(BILLING)]))

    assert checks(world.sent) == FAILING
    assert world.hub.findings.keys() == {finding_of(check) for check in FAILING}
    assert result.imported == 3
    assert not result.rejected
    assert {change.kind for change in result.changes} == {ChangeKind.NEW}


def test_nothing_is_sent_where_nothing_is_wrong(world: World) -> None:
    result = world.publish(evidence(run(), [good(ORDERS)]))

    assert world.sent == []
    assert result.changes == ()
    assert world.states.items == {}


def test_the_second_run_sends_nothing(world: World) -> None:
    world.publish(evidence(run(), [bad(ORDERS)]))

    result = world.publish(evidence(run(hours=24), [bad(ORDERS)]))

    assert world.sent == []
    assert result.imported == 0
    assert result.changes == ()


def test_a_fix_sends_the_fix_alone_and_leaves_the_birth_date(world: World) -> None:
    world.publish(evidence(run(), [bad(ORDERS)]))
    plaintext_fixed = replace(bad(ORDERS).observation, plaintext=good(ORDERS).observation.plaintext)

    result = world.publish(evidence(run(hours=24), [seen(good(ORDERS), plaintext_fixed)]))

    assert checks(world.sent) == ["force-ssl", "plaintext-refused"]
    for finding in world.sent:
        assert finding["Compliance"]["Status"] == "PASSED"
        assert finding["CreatedAt"] == "2026-03-01T06:00:00.000Z"
        assert finding["UpdatedAt"] == "2026-03-02T06:00:00.000Z"
    assert {change.kind for change in result.changes} == {ChangeKind.RESOLVED}
    assert world.hub.violations == []


def test_three_members_of_a_cluster_give_one_force_ssl_finding(world: World) -> None:
    result = world.publish(evidence(run(), [bad(member) for member in MEMBERS]))

    assert checks(world.sent).count("force-ssl") == 1
    assert checks(world.sent).count("plaintext-refused") == 3
    assert finding_of("force-ssl", "cluster-LEDGER") in world.hub.findings
    assert [it.database for it in result.changes if it.check == "force-ssl"] == ["ledger"]
    assert [it.cluster for it in result.databases] == ["ledger"] * 3
    assert world.hub.violations == []


def test_a_cluster_that_was_not_listed_has_no_force_ssl_finding(world: World) -> None:
    unlisted = replace(cluster(), resource_id=None, parameter_group=None)

    world.publish(evidence(run(), [bad(database("ledger-1", cluster=unlisted))]))

    assert checks(world.sent) == ["plaintext-refused", "sessions-encrypted"]


def test_what_the_hub_rejects_is_sent_again_and_nothing_else(world: World) -> None:
    world.hub.reject(finding_of("plaintext-refused"), "InternalError")

    first = world.publish(evidence(run(), [bad(ORDERS)]))

    assert [rejection.id for rejection in first.rejected] == [finding_of("plaintext-refused")]
    assert first.imported == 2
    assert "plaintext-refused" not in [change.check for change in first.changes]
    assert ("db-ORDERS-PROD", "plaintext-refused") not in world.states.items

    world.hub.take_again()
    second = world.publish(evidence(run(hours=24), [bad(ORDERS)]))

    assert checks(world.sent) == ["plaintext-refused"]
    assert [change.check for change in second.changes] == ["plaintext-refused"]


def test_a_rejected_update_leaves_the_state_where_it_was(world: World) -> None:
    world.publish(evidence(run(), [bad(ORDERS)]))
    before = dict(world.states.items)
    for check in FAILING:
        world.hub.reject(finding_of(check), "InternalError")

    result = world.publish(evidence(run(hours=24), [good(ORDERS)]))

    assert len(result.rejected) == 3
    assert world.states.items == before


def test_a_disabled_check_is_judged_but_not_sent(world: World) -> None:
    off = settings(DISABLED_CHECKS="plaintext-refused")

    result = world.publish(evidence(run(), [bad(ORDERS)]), off)

    assert checks(world.sent) == ["force-ssl", "sessions-encrypted"]
    verdicts = {it.check: it.status for it in result.databases[0].verdicts}
    assert verdicts["plaintext-refused"] is Status.FAILED


def test_a_check_that_gets_disabled_is_archived_by_the_next_full_run_alone(world: World) -> None:
    off = settings(DISABLED_CHECKS="plaintext-refused")
    world.publish(evidence(run(), [bad(ORDERS)]))

    world.publish(evidence(run(RunKind.NAMED, hours=1), [bad(ORDERS)]), off)
    assert world.sent == []

    world.publish(evidence(run(hours=24), [bad(ORDERS)]), off)
    assert checks(world.sent) == ["plaintext-refused"]
    assert world.sent[0]["RecordState"] == "ARCHIVED"
    assert world.sent[0]["Compliance"]["Status"] == "FAILED"


def test_force_ssl_of_plain_instances_can_be_left_to_awss_own_control(world: World) -> None:
    deferring = settings(DEFER_TO_RDS38="true")

    world.publish(evidence(run(), [bad(ORDERS), bad(MEMBERS[0])]), deferring)

    force_ssl = [it for it in world.sent if it["GeneratorId"] == "rds-tls-audit/force-ssl"]
    assert [it["Id"] for it in force_ssl] == [finding_of("force-ssl", "cluster-LEDGER")]


def test_passed_is_sent_where_it_is_asked_for(world: World) -> None:
    result = world.publish(evidence(run(), [good(ORDERS)]), settings(PUBLISH_PASSED="true"))

    assert checks(world.sent) == [check.id for check in all_checks()]
    assert {it["Compliance"]["Status"] for it in world.sent} == {"PASSED"}
    assert result.changes == ()


@pytest.mark.parametrize(
    ("environment", "owner"),
    [
        ({}, "orders team"),
        ({"OWNER_TAG": "Team"}, "shop"),
        ({"OWNER_TAG": "Nobody"}, None),
        ({"OWNER_TAG": "Blank"}, None),
    ],
    ids=["Owner", "another-tag", "no-such-tag", "blank"],
)
def test_the_owner_is_the_value_of_the_owner_tag(
    world: World, environment: dict[str, str], owner: str | None
) -> None:
    result = world.publish(evidence(run(), [bad(ORDERS)]), settings(**environment))

    assert {it["ProductFields"].get("rds-tls-audit/owner") for it in world.sent} == {owner}
    assert {change.owner for change in result.changes} == {owner}


@pytest.mark.parametrize(
    ("detail", "who"),
    [
        ("none", "4 of 4 client sessions in clear: 4 by a role not shown."),
        ("roles", "4 of 4 client sessions in clear: 4 by orders_app (web)."),
        ("full", "4 of 4 client sessions in clear: 4 by orders_app (web) at 10.0.1.7."),
    ],
)
def test_a_finding_tells_of_clients_what_may_be_told(world: World, detail: str, who: str) -> None:
    result = world.publish(evidence(run(), [bad(ORDERS)]), settings(CLIENT_DETAIL=detail))

    assert world.hub.findings[finding_of("sessions-encrypted")]["Description"] == who
    (told,) = [it for it in result.changes if it.check == "sessions-encrypted"]
    assert f"{told.because}." == who


def test_a_batch_that_comes_twice_changes_nothing(world: World) -> None:
    batch = evidence(run(), [bad(ORDERS), good(BILLING)])
    world.publish(batch)
    findings, states = dict(world.hub.findings), dict(world.states.items)

    world.publish(batch)

    assert world.sent == []
    assert (world.hub.findings, world.states.items) == (findings, states)


def test_a_batch_that_comes_twice_tells_its_changes_twice(world: World) -> None:
    batch = evidence(run(), [bad(ORDERS)])

    first, second = world.publish(batch), world.publish(batch)

    assert len(first.changes) == 3
    assert second.changes == first.changes


def test_a_change_is_not_told_again_by_the_next_run(world: World) -> None:
    fixed = evidence(run(hours=24), [good(ORDERS)])
    world.publish(evidence(run(), [bad(ORDERS)]))
    assert world.publish(fixed).changes == world.publish(fixed).changes != ()

    assert world.publish(evidence(run(hours=48), [good(ORDERS)])).changes == ()


def test_a_run_that_died_before_it_remembered_is_made_good_by_its_repetition(world: World) -> None:
    batch = evidence(run(), [bad(ORDERS)])
    world.states.away = True
    with pytest.raises(LostError):
        world.publish(batch)
    findings = dict(world.hub.findings)
    world.states.away = False

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

    assert world.results.written == [("full-0", result)]
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

    result = world.publish(evidence(run(RunKind.SAMPLE, hours=1), [good(ORDERS)]))

    assert result.changes == ()
    assert (world.hub.findings, world.states.items) == (findings, states)
