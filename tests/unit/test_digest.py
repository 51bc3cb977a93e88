"""The digest: what people and programs read of a run, within what SNS takes."""

import json
from dataclasses import replace

import pytest

from rds_tls_audit.change import Change
from rds_tls_audit.digest import Digest, Gap, Summary, digest
from rds_tls_audit.finding_state import ChangeKind
from rds_tls_audit.run import RunKind
from rds_tls_audit.verdict import Status
from tests.unit.examples import run

MAX_MESSAGE = 256 * 1024

NEW = Change(
    kind=ChangeKind.NEW,
    check="plaintext-refused",
    database="orders-prod",
    status=Status.FAILED,
    because="a connection without TLS is accepted: SCRAM asked in clear",
    owner="orders team",
)
RICH = Summary(
    left_out=0,
    accepted=[],
    problems=[],
    run=run(),
    place="account 123456789012, eu-central-1",
    databases=42,
    changes=[
        NEW,
        replace(NEW, check="force-ssl", database="ledger", because="forced by nobody", owner=None),
        replace(
            NEW,
            kind=ChangeKind.WORSE,
            check="certificate-current",
            database="billing",
            because="the served certificate ended on 2026-02-28",
            owner=None,
        ),
        replace(
            NEW,
            kind=ChangeKind.BETTER,
            check="certificate-current",
            database="search",
            status=Status.WARNING,
            because="its CA ends on 2026-03-21 (in 20 days)",
            owner=None,
        ),
        replace(
            NEW,
            kind=ChangeKind.RESOLVED,
            database="crm",
            status=Status.PASSED,
            because="a connection without TLS is turned away",
        ),
        replace(
            NEW,
            kind=ChangeKind.NOT_ASSESSED,
            check="sessions-encrypted",
            database="archive",
            status=Status.UNKNOWN,
            because="no answer within the deadline",
            owner="größe",
        ),
        replace(NEW, kind=ChangeKind.ARCHIVED, database="old", because="in clear", owner=None),
    ],
    gaps=[
        Gap(database="archive", reason="no answer within the deadline", checks=9),
        Gap(database="lost", reason="its batch was lost", checks=1),
    ],
    rejected=1,
    complete=False,
)
RICH_TEXT = """\
RDS TLS audit of account 123456789012, eu-central-1, 2026-03-01 06:00 UTC
42 databases looked at, 2 new, 1 worse, 1 better, 1 resolved, 1 no longer assessed, 1 archived \
(full run full-0).
Security Hub did not take 1 finding: see the log.
The list of databases is not complete: RDS did not answer every call.

New:
- orders-prod [orders team]: plaintext-refused FAILED: a connection without TLS is accepted: \
SCRAM asked in clear
- ledger: force-ssl FAILED: forced by nobody

Worse:
- billing: certificate-current FAILED: the served certificate ended on 2026-02-28

Better:
- search: certificate-current WARNING: its CA ends on 2026-03-21 (in 20 days)

Resolved:
- crm [orders team]: plaintext-refused PASSED: a connection without TLS is turned away

No longer assessed:
- archive [größe]: sessions-encrypted UNKNOWN: no answer within the deadline

Archived:
- old: plaintext-refused FAILED: in clear

Could not be assessed:
- archive: 9 checks: no answer within the deadline
- lost: 1 check: its batch was lost
"""
BARE = replace(RICH, changes=[], gaps=[], rejected=0, complete=True, databases=1)


def message(of: Digest) -> str:
    """The whole message that SNS is given, as ports.sns writes it."""
    copies = dict.fromkeys(("sqs", "lambda", "https"), of.document)
    return json.dumps({"default": of.text, **copies})


def many(because: str) -> Summary:
    """A bad day: 5,000 changes of every kind, and as many gaps."""
    kinds = list(ChangeKind)
    changes = [
        replace(
            NEW,
            kind=kinds[number % len(kinds)],
            database=f"database-{number:04}",
            because=because,
            owner=because[:50],
        )
        for number in range(5000)
    ]
    gaps = [Gap(database=change.database, reason=because, checks=9) for change in changes]
    return replace(RICH, changes=changes, gaps=gaps)


def test_the_text_tells_everything_worst_news_first() -> None:
    assert digest(RICH).text == RICH_TEXT


def test_the_text_of_a_quiet_run_is_short() -> None:
    assert digest(BARE).text == (
        "RDS TLS audit of account 123456789012, eu-central-1, 2026-03-01 06:00 UTC\n"
        "1 database looked at, nothing changed (full run full-0).\n"
    )


@pytest.mark.parametrize("kind", [RunKind.NAMED, RunKind.SAMPLE])
def test_a_run_that_lists_nothing_is_not_called_incomplete(kind: RunKind) -> None:
    assert "not complete" not in digest(replace(BARE, run=run(kind), complete=False)).text


def test_the_subject_counts_by_kind() -> None:
    assert digest(RICH).subject == (
        "RDS TLS audit: 2 new, 1 worse, 1 better, 1 resolved, 1 no longer assessed, 1 archived"
    )
    assert digest(BARE).subject == "RDS TLS audit: nothing changed"


@pytest.mark.parametrize("because", ["a\nb", "\x1b[31mred", "x" * 1000], ids=repr)
def test_the_subject_is_one_short_line_whatever_happened(because: str) -> None:
    subject = digest(many(because)).subject

    assert len(subject) < 100
    assert subject.isprintable()


@pytest.mark.parametrize(
    "because",
    [
        pytest.param("x" * 1000, id="ascii"),
        pytest.param("why " * 250, id="words"),
        pytest.param("accepté à ciel ouvert " * 45, id="french"),
        pytest.param('application "web" at 10.0.0.1 ' * 33, id="some-quotes"),
        pytest.param("é" * 100, id="two-bytes"),
        pytest.param("\U0001f512" * 100, id="four-bytes"),
        pytest.param('"' * 100, id="quotes"),
        pytest.param("\\" * 100, id="backslashes"),
        pytest.param("x", id="short"),
        pytest.param("", id="empty"),
    ],
)
def test_five_thousand_changes_fit_into_one_message(because: str) -> None:
    assert len(message(digest(many(because))).encode()) < MAX_MESSAGE


def test_what_does_not_fit_is_counted() -> None:
    told = digest(many("x" * 1000))

    document = json.loads(told.document)
    lines = told.text.splitlines()
    listed = sum(1 for line in lines if line.startswith("- database-"))
    more = [int(line.split()[2]) for line in lines if line.startswith("- and ")]
    assert len(more) == len(ChangeKind) + 1
    assert listed + sum(more) == 10_000
    assert len(document["changes"]) + document["changes_left_out"] == 5000
    assert len(document["not_assessed"]) + document["not_assessed_left_out"] == 5000
    assert document["changes"]


def test_everything_is_listed_where_it_fits() -> None:
    document = json.loads(digest(RICH).document)

    assert "more" not in digest(RICH).text
    assert document["changes_left_out"] == document["not_assessed_left_out"] == 0


def test_programs_read_a_document_with_its_version() -> None:
    small = replace(RICH, changes=[NEW], gaps=RICH.gaps[:1])

    assert json.loads(digest(small).document) == {
        "schema_version": 1,
        "run_id": "full-0",
        "kind": "full",
        "observed_at": "2026-03-01T06:00:00+00:00",
        "databases": 42,
        "left_out": 0,
        "changes": [
            {
                "kind": "new",
                "check": "plaintext-refused",
                "database": "orders-prod",
                "status": "FAILED",
                "because": "a connection without TLS is accepted: SCRAM asked in clear",
                "owner": "orders team",
            }
        ],
        "changes_left_out": 0,
        "not_assessed": [
            {"database": "archive", "reason": "no answer within the deadline", "checks": 9}
        ],
        "not_assessed_left_out": 0,
        "accepted": [],
        "accepted_left_out": 0,
        "problems": [],
        "problems_left_out": 0,
        "rejected": 1,
        "complete": False,
    }


def test_what_is_left_out_accepted_or_not_understood_is_said() -> None:
    more = replace(
        RICH,
        left_out=3,
        accepted=["crm: force-ssl FAILED: accepted until 2027-01-31 (RISK-7): 0"],
        problems=["billing: the tag is ignored: not understood: forever"],
    )

    text = digest(more).text

    assert "3 databases out of scope, not looked at." in text
    assert "Accepted risks:\n- crm: force-ssl FAILED: accepted until 2027-01-31" in text
    assert "Tags that are not understood:\n- billing: the tag is ignored" in text


@pytest.mark.parametrize("kind", RunKind)
def test_subscribers_can_filter_by_the_kind_of_run(kind: RunKind) -> None:
    attributes = digest(replace(BARE, run=run(kind))).attributes

    assert attributes["event_type"] == "digest"
    assert attributes["run_kind"] == kind


def test_every_kind_of_change_is_told() -> None:
    assert {change.kind for change in RICH.changes} == set(ChangeKind)
