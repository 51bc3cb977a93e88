"""Accepted risks: the grammar of the tag, and what becomes of the finding."""

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
from rds_tls_audit.findings.state import ChangeKind
from rds_tls_audit.fleet.database import TAG_ACCEPT, Database
from rds_tls_audit.pipeline.run import RunKind
from rds_tls_audit.results.batch_result import BatchResult
from rds_tls_audit.stages import publish
from tests.support.builders import NOW, bad, database, evidence, run, settings
from tests.support.in_memory_stores import ClientHistory, Runs, States
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
    ids=["a check alone", "all of it", "blanks, another order"],
)
def test_the_tag_names_checks_an_end_and_a_reference(text: str, acceptance: Acceptance) -> None:
    assert parse_acceptance(text) == acceptance


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "none"),
        ("force_ssl", "force_ssl"),
        ("force-ssl+", "it names no check"),
        ("force-ssl, plaintext-refused", "force-ssl,"),
        ("force-ssl until=soon", "until=soon"),
        ("force-ssl until=2027-13-01", "until=2027-13-01"),
        ("force-ssl till=2027-01-31", "till"),
        ("force-ssl forever", "forever"),
    ],
)
def test_a_tag_that_is_not_understood_is_ignored_and_says_why(text: str, named: str) -> None:
    with pytest.raises(MalformedAcceptanceError, match=named):
        parse_acceptance(text)

    assert named in (acceptance_problem(tagged(text), NOW) or "")
    marked = apply_acceptance(evaluation(), tagged(text), observed_at=NOW, since=None)
    assert marked == evaluation()


@pytest.mark.parametrize(
    ("until", "is_accepted"),
    [(TODAY + DAY, True), (TODAY, False), (TODAY - DAY, False)],
    ids=["tomorrow", "today", "yesterday"],
)
def test_the_end_date_is_the_first_day_on_which_it_counts_again(
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
def test_without_an_end_it_is_accepted_for_ninety_days(
    since: datetime | None, *, is_accepted: bool
) -> None:
    marked = apply_acceptance(evaluation(), tagged("force-ssl"), observed_at=NOW, since=since)

    assert (marked.accepted is not None) is is_accepted


@pytest.mark.parametrize("status", [Status.PASSED, Status.UNKNOWN])
def test_only_what_fails_or_warns_is_accepted(status: Status) -> None:
    marked = apply_acceptance(evaluation(status), tagged("force-ssl"), observed_at=NOW, since=None)

    assert marked.accepted is None


def test_an_accepted_finding_is_archived_with_the_reason_and_comes_back_at_the_end() -> None:
    hub, states = StrictHub(), States()
    ports = publish.PublishPorts(hub=hub, states=states, results=Runs(), sightings=ClientHistory())
    plain, until = database("orders-prod"), TODAY + 10 * DAY
    risk = tagged(f"force-ssl until={until} ref=RISK-7")

    def at(days: float, of: Database, kind: RunKind = RunKind.FULL) -> BatchResult:
        this_run = run(kind, hours=24 * days)
        return publish.publish_batch(evidence(this_run, [bad(of)]), settings(), ports)

    at(0, plain)
    assert at(1, risk, RunKind.NAMED).imported == 0
    at(2, risk)

    change = [it for it in states.changes if it.check == "force-ssl"][-1]
    assert change.kind is ChangeKind.ACCEPTED
    assert "RISK-7" in change.because
    (finding,) = [it for it in hub.findings.values() if it["GeneratorId"].endswith("/force-ssl")]
    assert finding["RecordState"] == "ARCHIVED"
    assert "Accepted until" in finding["Description"]
    assert at(3, risk).imported == 0
    at(11, risk)
    back = [it for it in states.changes if it.check == "force-ssl"]
    assert [it.kind for it in back] == [ChangeKind.NEW, ChangeKind.ACCEPTED, ChangeKind.NEW]
