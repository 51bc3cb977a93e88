"""Accepted risks: the syntax of the tag, and what happens to the finding."""

from datetime import date, datetime, timedelta

import pytest

from rds_tls_audit.checks.acceptance import (
    DEFAULT_ACCEPTANCE,
    Acceptance,
    MalformedAcceptanceError,
    acceptance_problem,
    apply_acceptance,
    parse_acceptance,
)
from rds_tls_audit.checks.evaluation import Evaluation
from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.checks.verdict import Status, Verdict
from rds_tls_audit.findings.change import Change
from rds_tls_audit.findings.state import ChangeKind
from rds_tls_audit.fleet.database import TAG_ACCEPT, Database
from rds_tls_audit.pipeline.run import RunKind
from rds_tls_audit.results.batch_result import BatchResult
from rds_tls_audit.stages import publish
from tests.support.builders import NOW, bad, database, probe_result, run, settings
from tests.support.in_memory_stores import ClientHistory, FindingStates, RunStore
from tests.support.strict_hub import StrictHub

CHECK = next(check for check in all_checks() if check.id == "force-ssl")
DAY = timedelta(days=1)
TODAY = NOW.date()


def tagged(text: str) -> Database:
    return database("orders-prod", tags={TAG_ACCEPT: text})


def evaluation(status: Status = Status.FAILED) -> Evaluation:
    return Evaluation(
        check=CHECK,
        verdict=Verdict(status=status, because="rds.force_ssl is 0"),
        cannot_recur=True,
        remedy=CHECK.remedy,
        cause=CHECK,
    )


@pytest.mark.parametrize(
    ("text", "acceptance"),
    [
        ("force-ssl", Acceptance(checks=frozenset({"force-ssl"}))),
        (
            "force-ssl+plaintext-refused until=2027-01-31 ref=RISK-7",
            Acceptance(
                checks=frozenset({"force-ssl", "plaintext-refused"}),
                until=date(2027, 1, 31),
                reference="RISK-7",
            ),
        ),
        (
            "  force-ssl  ref=RISK-7   until=2027-01-31 ",
            Acceptance(
                checks=frozenset({"force-ssl"}), until=date(2027, 1, 31), reference="RISK-7"
            ),
        ),
    ],
    ids=["one check", "all fields", "more blanks, another order"],
)
def test_the_tag_names_checks_an_end_and_a_reference(text: str, acceptance: Acceptance) -> None:
    assert parse_acceptance(text) == acceptance


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("", "''"),
        ("force_ssl", "'force_ssl'"),
        ("force-ssl+", "''"),
        ("force-ssl, plaintext-refused", "'force-ssl,'"),
        ("force-ssl until=soon", "'soon'"),
        ("force-ssl until=2027-13-01", "'2027-13-01'"),
        ("force-ssl till=2027-01-31", "'till'"),
        ("force-ssl forever", "'forever'"),
    ],
)
def test_a_malformed_tag_is_ignored_and_the_problem_quotes_what_is_wrong(
    text: str, quoted: str
) -> None:
    with pytest.raises(MalformedAcceptanceError, match=quoted):
        parse_acceptance(text)

    assert quoted in (acceptance_problem(tagged(text), NOW) or "")
    marked = apply_acceptance(evaluation(), tagged(text), observed_at=NOW, since=None)
    assert marked == evaluation()


@pytest.mark.parametrize(
    ("until", "is_accepted"),
    [(TODAY + DAY, True), (TODAY, False), (TODAY - DAY, False)],
    ids=["tomorrow", "today", "yesterday"],
)
def test_the_end_date_is_the_first_day_on_which_the_risk_is_not_accepted(
    until: date, *, is_accepted: bool
) -> None:
    database = tagged(f"force-ssl until={until} ref=RISK-7")

    marked = apply_acceptance(evaluation(), database, observed_at=NOW, since=None)

    assert (marked.accepted == f"accepted until {until} (RISK-7)") is is_accepted
    assert (acceptance_problem(database, NOW) is None) is is_accepted


@pytest.mark.parametrize(
    ("since", "is_accepted"),
    [(None, True), (NOW - DEFAULT_ACCEPTANCE + DAY, True), (NOW - DEFAULT_ACCEPTANCE, False)],
    ids=["from now on", "for 89 days", "for 90 days"],
)
def test_without_an_end_date_a_risk_is_accepted_for_ninety_days(
    since: datetime | None, *, is_accepted: bool
) -> None:
    marked = apply_acceptance(evaluation(), tagged("force-ssl"), observed_at=NOW, since=since)

    assert (marked.accepted is not None) is is_accepted


@pytest.mark.parametrize("status", [Status.PASSED, Status.UNKNOWN])
def test_only_a_failure_or_warning_can_be_accepted(status: Status) -> None:
    marked = apply_acceptance(evaluation(status), tagged("force-ssl"), observed_at=NOW, since=None)

    assert marked.accepted is None


def test_an_accepted_finding_is_archived_with_the_reason_and_reopened_at_the_end_date() -> None:
    hub, states = StrictHub(), FindingStates()
    ports = publish.PublishPorts(
        hub=hub, states=states, results=RunStore(), client_history=ClientHistory()
    )
    until = TODAY + 10 * DAY
    accepting = tagged(f"force-ssl until={until} ref=RISK-7")

    def publish_on(day: int, of: Database, kind: RunKind = RunKind.FULL) -> BatchResult:
        probed = probe_result(run(kind, hours=24 * day), [bad(of)])
        return publish.publish_batch(probed, settings(), ports)

    def changes() -> list[Change]:
        return [change for change in states.changes if change.check == "force-ssl"]

    publish_on(0, database("orders-prod"))
    assert publish_on(1, accepting, RunKind.NAMED).imported == 0
    publish_on(2, accepting)

    assert changes()[-1].kind is ChangeKind.ACCEPTED
    assert "RISK-7" in changes()[-1].because
    (finding,) = [
        finding
        for finding in hub.findings.values()
        if finding["GeneratorId"] == "rds-tls-audit/force-ssl"
    ]
    assert finding["RecordState"] == "ARCHIVED"
    assert f"{until} (RISK-7)" in finding["Description"]
    assert publish_on(3, accepting).imported == 0
    publish_on(11, accepting)
    assert [change.kind for change in changes()] == [
        ChangeKind.NEW,
        ChangeKind.ACCEPTED,
        ChangeKind.NEW,
    ]
