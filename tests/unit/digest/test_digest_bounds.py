"""However much there is to tell, it fits into one message, and what does not is counted."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from rds_tls_audit.digest.message import Digest, write_digest
from rds_tls_audit.findings.state import ChangeKind
from tests.support.digest_cases import BAD_FLEET, NEW, QUIET, TOO_LONG, lines_of, too_long

MAX_MESSAGE = 256 * 1024
MAX_TEXT = 100_000
WORST_TEXT = ["", "x", '"', "\\", "é", "\U0001f512", "\n", "\x00", "\u202e", "\ud800", "a b "]


def message_bytes(of: Digest) -> int:
    """What SNS counts, as ports.sns writes it."""
    copies = dict.fromkeys(("sqs", "lambda", "http", "https"), of.document)
    message = json.dumps({"default": of.text, **copies}, ensure_ascii=False)
    attributes = "".join(f"{name}String{value}" for name, value in of.attributes.items())
    return len(f"{of.subject}{message}{attributes}".encode())


@examples(deadline=None, max_examples=10)
@given(
    sentence=st.one_of(
        st.text(min_size=1, max_size=1000), st.sampled_from(WORST_TEXT).map(lambda it: it * 1000)
    ),
    changes=st.sampled_from([1, 200, 600]),
)
def test_whatever_the_text_it_fits_into_one_message(sentence: str, changes: int) -> None:
    told = write_digest(too_long(sentence, changes=changes))

    assert len(told.text.encode()) < MAX_TEXT
    assert message_bytes(told) < MAX_MESSAGE


@pytest.mark.parametrize("character", ['"', "\\", "\U0001f512"], ids=ascii)
def test_ten_thousand_changes_fit_into_one_message(character: str) -> None:
    told = write_digest(too_long(character * 1000))

    assert len(told.text.encode()) < MAX_TEXT
    assert message_bytes(told) < MAX_MESSAGE


@examples(deadline=None, max_examples=50)
@given(foreign=st.text(min_size=1, max_size=15))  # all of it fits, whatever it is
def test_foreign_text_forges_no_line(foreign: str) -> None:
    told = write_digest(too_long(foreign, changes=3))

    assert len(told.text.split("\n")) == len(lines_of(too_long("x", changes=3))) + 1
    assert told.text.replace("\n", "").isprintable()
    assert all(it.isprintable() for it in (told.subject, told.document))


def test_what_does_not_fit_is_counted() -> None:
    document = json.loads(write_digest(TOO_LONG).document)
    lines = lines_of(TOO_LONG)

    for name in ("changes", "gaps", "accepted", "answers", "problems"):
        assert document[name]
        assert len(document[name]) + document[f"{name}_left_out"] == 10_000
    assert len(document["causes"]) + document["causes_left_out"] == 2858
    shown = sum(1 for line in lines if "  database-" in line)
    more = [int(line.split()[1]) for line in lines if line.startswith("  and ")]
    others = [int(line.split()[1]) for line in lines if line.startswith("and ")]
    section_ends = 5  # causes, answers, gaps, accepted, problems
    of_owners = more[1 : len(more) - section_ends + 1]
    assert shown + sum(of_owners) + sum(others) == 10_000


def test_everything_is_listed_where_it_fits() -> None:
    told = write_digest(replace(BAD_FLEET, gaps=[]))
    left_out = [
        number for name, number in json.loads(told.document).items() if name.endswith("_left_out")
    ]

    assert left_out == [0] * 6
    assert " more" not in told.text


def test_where_there_is_no_room_for_all_the_worst_is_told_of_every_owner() -> None:
    mild = [
        replace(NEW, kind=ChangeKind.RESOLVED, owner="aaa", database=f"db-{number}")
        for number in range(5000)
    ]
    lines = lines_of(replace(QUIET, changes=[*mild, replace(NEW, owner="zzz", database="last")]))

    assert "zzz: 1 change" in lines
    assert "aaa: 5000 changes" in lines
