"""The digest of a run as a whole, and the order of its changes."""

import json
from dataclasses import replace

import pytest

from rds_tls_audit.checks.verdict import Severity
from rds_tls_audit.digest.message import write_digest
from rds_tls_audit.digest.summary import Summary
from rds_tls_audit.findings.state import ChangeKind
from rds_tls_audit.pipeline.run import RunKind
from tests.support.builders import run
from tests.support.digest_cases import (
    BAD_FLEET,
    CHECK_FIRST,
    HUB_OFF,
    NEW,
    OVERLONG,
    QUIET,
    RESOLVED,
    UNREACHABLE,
    assert_matches_golden,
    email_lines,
)
from tests.support.repository import GOLDEN_DIGESTS

EACH_SUMMARY = pytest.mark.parametrize(
    ("name", "summary"),
    [
        pytest.param("bad-fleet", BAD_FLEET, id="bad-fleet"),
        pytest.param("only-resolved", replace(QUIET, changes=[RESOLVED]), id="only-resolved"),
        pytest.param("weekly", replace(QUIET, weekly=True, gaps=[UNREACHABLE]), id="weekly"),
        pytest.param("hub-off", HUB_OFF, id="hub-off"),
        pytest.param(
            "only-answers", replace(QUIET, readiness_changes=[CHECK_FIRST]), id="only-answers"
        ),
        pytest.param("too-long", OVERLONG, id="too-long", marks=pytest.mark.thorough),
    ],
)


@EACH_SUMMARY
def test_the_email_is_that_of_the_golden_file(name: str, summary: Summary) -> None:
    digest = write_digest(summary)

    assert_matches_golden(
        GOLDEN_DIGESTS / f"{name}.txt", f"Subject: {digest.subject}\n\n{digest.text}"
    )


@EACH_SUMMARY
def test_the_json_document_is_that_of_the_golden_file(name: str, summary: Summary) -> None:
    document = json.loads(write_digest(summary).document)

    assert_matches_golden(
        GOLDEN_DIGESTS / f"{name}.json", json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    )


def test_owners_are_sorted_by_name_and_changes_without_an_owner_come_last() -> None:
    owners = ["b", None, "A", "Ä"]
    changes = [replace(NEW, owner=owner) for owner in owners]

    headings = [
        line for line in email_lines(replace(QUIET, changes=changes)) if ": 1 change" in line
    ]
    assert headings == [f"{owner}: 1 change" for owner in ("A", "b", "Ä", "no owner")]


def test_the_changes_of_an_owner_are_sorted_by_kind_then_severity_then_database() -> None:
    expected = [
        replace(NEW, database="z"),
        replace(NEW, database="a", severity=Severity.MEDIUM),
        replace(NEW, database="b", severity=Severity.MEDIUM),
        *(
            replace(NEW, kind=kind, database=f"k{number}")
            for number, kind in enumerate(ChangeKind)
            if kind is not ChangeKind.NEW
        ),
    ]

    lines = email_lines(replace(QUIET, changes=expected[::-1]))
    shown = [
        before.split()[-1]
        for before, check, _ in (line.partition("  plaintext-refused") for line in lines)
        if check
    ]
    assert shown == [change.database for change in expected]


@pytest.mark.parametrize("kind", [RunKind.NAMED, RunKind.SAMPLE])
def test_only_a_full_run_is_reported_as_incomplete(kind: RunKind) -> None:
    assert "incomplete" not in write_digest(replace(QUIET, run=run(kind), complete=False)).text
    assert "incomplete" in write_digest(replace(QUIET, complete=False)).text


def test_every_kind_of_change_is_in_the_golden_files() -> None:
    assert {change.kind for change in BAD_FLEET.changes} == set(ChangeKind)
