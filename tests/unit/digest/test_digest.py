"""The digest of a run as it is read: whole, and in what order."""

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
    CLOSED,
    HUB_OFF,
    NEW,
    QUIET,
    RESOLVED,
    TOO_LONG,
    expect,
    lines_of,
)
from tests.support.repository import GOLDEN_DIGESTS

STORIES = pytest.mark.parametrize(
    ("name", "summary"),
    [
        pytest.param("bad-fleet", BAD_FLEET, id="bad-fleet"),
        pytest.param("only-resolved", replace(QUIET, changes=[RESOLVED]), id="only-resolved"),
        pytest.param("weekly", replace(QUIET, weekly=True, gaps=[CLOSED]), id="weekly"),
        pytest.param("hub-off", HUB_OFF, id="hub-off"),
        pytest.param("only-answers", replace(QUIET, answers=[CHECK_FIRST]), id="only-answers"),
        pytest.param("too-long", TOO_LONG, id="too-long"),
    ],
)


@STORIES
def test_people_read_it_as_a_mail(name: str, summary: Summary) -> None:
    told = write_digest(summary)

    expect(GOLDEN_DIGESTS / f"{name}.txt", f"Subject: {told.subject}\n\n{told.text}")


@STORIES
def test_programs_read_a_document(name: str, summary: Summary) -> None:
    document = json.loads(write_digest(summary).document)

    expect(
        GOLDEN_DIGESTS / f"{name}.json", json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    )


def test_owners_come_by_name_and_what_has_none_last() -> None:
    owners = ["b", None, "A", "Ä"]
    changes = [replace(NEW, owner=owner) for owner in owners]

    headings = [line for line in lines_of(replace(QUIET, changes=changes)) if ": 1 change" in line]
    assert headings == [f"{it}: 1 change" for it in ("A", "b", "Ä", "no owner")]


def test_an_owner_reads_by_kind_then_severity_then_database() -> None:
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

    lines = lines_of(replace(QUIET, changes=expected[::-1]))
    shown = [
        before.split()[-1]
        for before, check, _ in (line.partition("  plaintext-refused") for line in lines)
        if check
    ]
    assert shown == [change.database for change in expected]


@pytest.mark.parametrize("kind", [RunKind.NAMED, RunKind.SAMPLE])
def test_a_run_that_lists_nothing_is_not_called_incomplete(kind: RunKind) -> None:
    assert "not complete" not in write_digest(replace(QUIET, run=run(kind), complete=False)).text


def test_every_kind_of_change_is_in_the_golden_files() -> None:
    assert {change.kind for change in BAD_FLEET.changes} == set(ChangeKind)
