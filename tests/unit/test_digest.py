"""The digest: what people and programs read of a run, within what SNS takes."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from rds_tls_audit.change import Change
from rds_tls_audit.digest import Digest, Summary, digest
from rds_tls_audit.finding_state import ChangeKind
from rds_tls_audit.gaps import LOST, Gap
from rds_tls_audit.run import RunKind
from rds_tls_audit.verdict import Severity, Status
from tests.unit.examples import ACCOUNT, REGION, run

GOLDEN = Path(__file__).parent / "golden" / "digest"
MAX_MESSAGE = 256 * 1024
MAX_TEXT = 100_000

QUIET = Summary(
    run=run(),
    account=ACCOUNT,
    region=REGION,
    databases=42,
    changes=[],
    gaps=[],
    rejected=0,
    hub_off=None,
    left_out=0,
    accepted=[],
    problems=[],
    complete=True,
    lost=0,
    weekly=False,
    totals={Status.FAILED: 12, Status.WARNING: 3, Status.PASSED: 398, Status.UNKNOWN: 7},
)
NEW = Change(
    kind=ChangeKind.NEW,
    check="plaintext-refused",
    database="orders-prod",
    status=Status.FAILED,
    severity=Severity.HIGH,
    because="a connection without TLS is accepted: SCRAM asked in clear",
    owner="orders team",
    cause="force-ssl in parameter group pg16",
)
FORCE = replace(
    NEW,
    check="force-ssl",
    severity=Severity.MEDIUM,
    because="rds.force_ssl is 0 in parameter group pg16 (source user; the default of this version "
    "is 1), shared with crm-prod, ledger: clients may connect without TLS; set it to 1 there, "
    "which takes effect at once for every database of the group",
)
RESOLVED = replace(
    NEW,
    kind=ChangeKind.RESOLVED,
    status=Status.PASSED,
    severity=Severity.INFORMATIONAL,
    because="a connection without TLS is turned away: SQLSTATE 28000 in clear, SCRAM asked inside "
    "TLS",
)
CLOSED = Gap(
    reason="connecting to its endpoint timed out: most likely the database's security group does "
    "not let the probe's in, or the probe is in another VPC without a route",
    databases=tuple(f"legacy-{number:02}" for number in range(20)),
    more=180,
    checks=1800,
)
BAD_FLEET = replace(
    QUIET,
    databases=248,
    changes=[
        NEW,
        FORCE,
        replace(NEW, database="crm-prod", owner="crm team"),
        replace(FORCE, database="crm-prod", owner="crm team"),
        replace(NEW, database="ledger", owner=None),
        replace(
            NEW,
            check="sessions-encrypted",
            database="ledger",
            owner=None,
            because="4 of 31 sessions in clear: 3 by ledger_app (batch), 1 by reporting",
            cause="sessions-encrypted of ledger",
        ),
        replace(
            NEW,
            kind=ChangeKind.WORSE,
            check="certificate-current",
            database="billing",
            because="the served certificate ended on 2026-02-28",
            owner=None,
            cause="certificate-current of billing",
        ),
        replace(
            NEW,
            kind=ChangeKind.BETTER,
            check="certificate-current",
            database="search",
            status=Status.WARNING,
            severity=Severity.MEDIUM,
            because="the served certificate ends on 2026-03-21 (in 20 days)",
            cause="certificate-current of search",
        ),
        replace(RESOLVED, database="shop"),
        replace(
            NEW,
            kind=ChangeKind.NOT_ASSESSED,
            check="sessions-encrypted",
            database="archive",
            status=Status.UNKNOWN,
            severity=Severity.LOW,
            because="no answer within the deadline",
            owner="größe",
        ),
        replace(
            FORCE,
            kind=ChangeKind.ACCEPTED,
            database="lab",
            because="accepted until 2027-01-31 (RISK-7): rds.force_ssl is 0 in parameter group lab",
        ),
        replace(NEW, kind=ChangeKind.ARCHIVED, database="old", because="in clear", owner=None),
    ],
    gaps=[
        CLOSED,
        Gap(
            reason="the role does not exist, or lacks rds_iam: create it, and grant rds_iam to it "
            "(SQLSTATE 28P01)",
            databases=("reports", "search"),
            more=0,
            checks=6,
        ),
        Gap(reason=LOST, databases=("stage-1", "stage-2"), more=0, checks=0),
    ],
    rejected=1,
    left_out=3,
    accepted=[
        "lab: force-ssl FAILED: accepted until 2027-01-31 (RISK-7): 0 in parameter group lab",
    ],
    problems=["billing: the tag rds-tls-audit:accept is ignored: not understood: forever"],
    complete=False,
    lost=2,
)
HUB_OFF = replace(
    QUIET,
    changes=[NEW, FORCE],
    rejected=2,
    hub_off="Security Hub CSPM is not enabled in eu-central-1 (InvalidAccess): enable it there, or "
    "deploy without it",
)


def too_long(sentence: str, *, changes: int = 10_000) -> Summary:
    """A bad day: so many changes of every kind and owner, and as many of everything else."""
    kinds, severities = list(ChangeKind), list(Severity)
    numbers = range(changes)
    return replace(
        QUIET,
        changes=[
            replace(
                NEW,
                kind=kinds[number % len(kinds)],
                database=f"database-{number:04}",
                severity=severities[number % len(severities)],
                because=sentence,
                owner=f"team {number % 300} {sentence}",
                cause=f"cause {number % 5000} {sentence}",
            )
            for number in numbers
        ],
        gaps=[
            replace(CLOSED, reason=f"{number} {sentence}", databases=(sentence,) * 20)
            for number in numbers
        ],
        accepted=[f"{number} {sentence}" for number in numbers],
        problems=[f"{number} {sentence}" for number in numbers],
        hub_off=sentence,
    )


TOO_LONG = too_long("größer als alles, was in eine Nachricht passt; " * 21)
WORST_TEXT = ["", "x", '"', "\\", "é", "\U0001f512", "\n", "\x00", "\u202e", "\ud800", "a b "]
STORIES = pytest.mark.parametrize(
    ("name", "summary"),
    [
        pytest.param("bad-fleet", BAD_FLEET, id="bad-fleet"),
        pytest.param("only-resolved", replace(QUIET, changes=[RESOLVED]), id="only-resolved"),
        pytest.param("weekly", replace(QUIET, weekly=True, gaps=[CLOSED]), id="weekly"),
        pytest.param("hub-off", HUB_OFF, id="hub-off"),
        pytest.param("too-long", TOO_LONG, id="too-long"),
    ],
)


def expect(path: Path, written: str) -> None:
    """Compare with a file; one that is missing is written, to be read before it is kept."""
    if not path.exists():
        path.write_text(written, encoding="utf-8")
        pytest.fail(f"{path.name} is written anew: read it")
    assert written == path.read_text(encoding="utf-8")


def message_bytes(of: Digest) -> int:
    """What SNS counts, as ports.sns writes it."""
    copies = dict.fromkeys(("sqs", "lambda", "http", "https"), of.document)
    message = json.dumps({"default": of.text, **copies}, ensure_ascii=False)
    attributes = "".join(f"{name}String{value}" for name, value in of.attributes.items())
    return len(f"{of.subject}{message}{attributes}".encode())


def lines_of(of: Summary) -> list[str]:
    return digest(of).text.splitlines()


@STORIES
def test_people_read_it_as_a_mail(name: str, summary: Summary) -> None:
    told = digest(summary)

    expect(GOLDEN / f"{name}.txt", f"Subject: {told.subject}\n\n{told.text}")


@STORIES
def test_programs_read_a_document(name: str, summary: Summary) -> None:
    document = json.loads(digest(summary).document)

    expect(GOLDEN / f"{name}.json", json.dumps(document, ensure_ascii=False, indent=1) + "\n")


@examples(deadline=None, max_examples=10)
@given(
    sentence=st.one_of(
        st.text(min_size=1, max_size=1000), st.sampled_from(WORST_TEXT).map(lambda it: it * 1000)
    ),
    changes=st.sampled_from([1, 200, 600]),
)
def test_whatever_the_text_it_fits_into_one_message(sentence: str, changes: int) -> None:
    told = digest(too_long(sentence, changes=changes))

    assert len(told.text.encode()) < MAX_TEXT
    assert message_bytes(told) < MAX_MESSAGE


@pytest.mark.parametrize("character", ['"', "\\", "\U0001f512"], ids=ascii)
def test_ten_thousand_changes_fit_into_one_message(character: str) -> None:
    told = digest(too_long(character * 1000))

    assert len(told.text.encode()) < MAX_TEXT
    assert message_bytes(told) < MAX_MESSAGE


@examples(deadline=None, max_examples=50)
@given(foreign=st.text(min_size=1, max_size=50))
def test_foreign_text_forges_no_line(foreign: str) -> None:
    told = digest(too_long(foreign, changes=3))

    assert len(told.text.split("\n")) == len(lines_of(too_long("x", changes=3))) + 1
    assert told.text.replace("\n", "").isprintable()
    assert all(it.isprintable() for it in (told.subject, told.document))


def test_what_does_not_fit_is_counted() -> None:
    document = json.loads(digest(TOO_LONG).document)
    lines = lines_of(TOO_LONG)

    for name in ("changes", "gaps", "accepted", "problems"):
        assert document[name]
        assert len(document[name]) + document[f"{name}_left_out"] == 10_000
    assert len(document["causes"]) + document["causes_left_out"] == 2858
    shown = sum(1 for line in lines if "  database-" in line)
    more = [int(line.split()[1]) for line in lines if line.startswith("  and ")]
    others = [int(line.split()[1]) for line in lines if line.startswith("and ")]
    section_ends = 4  # causes, gaps, accepted, problems
    of_owners = more[1 : len(more) - section_ends + 1]
    assert shown + sum(of_owners) + sum(others) == 10_000


def test_everything_is_listed_where_it_fits() -> None:
    told = digest(replace(BAD_FLEET, gaps=[]))
    left_out = [
        number for name, number in json.loads(told.document).items() if name.endswith("_left_out")
    ]

    assert left_out == [0] * 5
    assert " more" not in told.text


def test_where_there_is_no_room_for_all_the_worst_is_told_of_every_owner() -> None:
    mild = [
        replace(NEW, kind=ChangeKind.RESOLVED, owner="aaa", database=f"db-{number}")
        for number in range(5000)
    ]
    lines = lines_of(replace(QUIET, changes=[*mild, replace(NEW, owner="zzz", database="last")]))

    assert "zzz: 1 change" in lines
    assert "aaa: 5000 changes" in lines


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


def test_causes_count_what_is_new_or_worse_most_first() -> None:
    changes = [
        replace(NEW, kind=kind, cause=cause)
        for kind, cause in [
            (ChangeKind.NEW, "rare"),
            (ChangeKind.NEW, "often"),
            (ChangeKind.WORSE, "often"),
            (ChangeKind.RESOLVED, "gone"),
        ]
    ]

    assert json.loads(digest(replace(QUIET, changes=changes)).document)["causes"] == [
        {"cause": "often", "changes": 2},
        {"cause": "rare", "changes": 1},
    ]


@pytest.mark.parametrize("kind", [RunKind.NAMED, RunKind.SAMPLE])
def test_a_run_that_lists_nothing_is_not_called_incomplete(kind: RunKind) -> None:
    assert "not complete" not in digest(replace(QUIET, run=run(kind), complete=False)).text


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        pytest.param(
            replace(
                QUIET,
                changes=[NEW, NEW, NEW, replace(NEW, kind=ChangeKind.WORSE), RESOLVED, RESOLVED],
            ),
            "3 new, 1 worse, 2 resolved",
            id="counts",
        ),
        pytest.param(QUIET, "nothing changed", id="nothing"),
        pytest.param(replace(QUIET, weekly=True), "weekly summary, nothing changed", id="weekly"),
        pytest.param(replace(QUIET, lost=1), "1 database lost, nothing changed", id="lost"),
        pytest.param(HUB_OFF, "Security Hub got nothing, 2 new", id="hub-off"),
        pytest.param(BAD_FLEET, "2 databases lost, 6 new, 1 worse, 1 resolved, ...", id="too-long"),
    ],
)
def test_the_subject_says_where_and_how_many(summary: Summary, expected: str) -> None:
    assert digest(summary).subject == f"RDS TLS audit {ACCOUNT} {REGION}: {expected}"


@pytest.mark.parametrize("account", [None, "", "größe", "a\r\nBcc: b", "9" * 200], ids=repr)
@pytest.mark.parametrize("region", [None, "us-isob-east-1", "\x1b" * 99], ids=repr)
@pytest.mark.parametrize("changes", [[], [NEW], [*BAD_FLEET.changes] * 99], ids=len)
def test_the_subject_is_one_short_line_of_ascii(
    account: str | None, region: str | None, changes: Sequence[Change]
) -> None:
    summary = replace(BAD_FLEET, account=account, region=region, changes=changes, weekly=True)
    subject = digest(summary).subject

    assert len(subject) < 100
    assert subject.isascii()
    assert subject.isprintable()
    assert subject.startswith("RDS TLS audit")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param([], "INFORMATIONAL", id="none"),
        pytest.param([FORCE], "MEDIUM", id="one"),
        pytest.param([FORCE, replace(NEW, kind=ChangeKind.WORSE), FORCE], "HIGH", id="highest"),
        pytest.param([replace(NEW, kind=ChangeKind.BETTER)], "INFORMATIONAL", id="good-news"),
    ],
)
def test_subscribers_can_filter_by_the_highest_severity_of_bad_news(
    changes: Sequence[Change], expected: str
) -> None:
    assert digest(replace(QUIET, changes=changes)).attributes["max_severity"] == expected


@pytest.mark.parametrize("kind", RunKind)
@pytest.mark.parametrize(("weekly", "event_type"), [(False, "digest"), (True, "weekly")])
def test_subscribers_can_filter_by_place_and_kind(
    kind: RunKind,
    weekly: bool,  # noqa: FBT001 - a parameter of the table
    event_type: str,
) -> None:
    assert digest(replace(QUIET, run=run(kind), weekly=weekly)).attributes == {
        "event_type": event_type,
        "max_severity": "INFORMATIONAL",
        "account": ACCOUNT,
        "region": REGION,
        "run_kind": kind,
    }


@pytest.mark.parametrize("place", [None, ""])
def test_an_attribute_is_left_out_where_it_would_be_empty(place: str | None) -> None:
    attributes = digest(replace(QUIET, account=place, region=place)).attributes

    assert attributes.keys() == {"event_type", "max_severity", "run_kind"}


def test_every_kind_of_change_is_in_the_golden_files() -> None:
    assert {change.kind for change in BAD_FLEET.changes} == set(ChangeKind)
