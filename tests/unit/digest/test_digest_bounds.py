"""Any summary fits into one message, and what does not fit is counted."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from rds_tls_audit.digest.message import Digest, write_digest
from rds_tls_audit.findings.state import ChangeKind
from tests.support.digest_cases import BAD_FLEET, NEW, OVERLONG, QUIET, email_lines, overlong

pytestmark = pytest.mark.thorough

MAX_MESSAGE = 256 * 1024
MAX_TEXT = 100_000
WORST_TEXT = ["", "x", '"', "\\", "é", "\U0001f512", "\n", "\x00", "\u202e", "\ud800", "a b "]


def message_bytes(digest: Digest) -> int:
    """Return the number of bytes that SNS counts for the message."""
    copies = dict.fromkeys(("sqs", "lambda", "http", "https"), digest.document)
    message = json.dumps({"default": digest.text, **copies}, ensure_ascii=False)
    attributes = "".join(f"{name}String{value}" for name, value in digest.attributes.items())
    return len(f"{digest.subject}{message}{attributes}".encode())


@examples(deadline=None, max_examples=10)
@given(
    sentence=st.one_of(
        st.text(min_size=1, max_size=1000),
        st.sampled_from(WORST_TEXT).map(lambda character: character * 1000),
    ),
    changes=st.sampled_from([1, 200, 600]),
)
def test_any_text_fits_into_one_message(sentence: str, changes: int) -> None:
    digest = write_digest(overlong(sentence, changes=changes))

    assert len(digest.text.encode()) < MAX_TEXT
    assert message_bytes(digest) < MAX_MESSAGE


@pytest.mark.parametrize("character", ['"', "\\", "\U0001f512"], ids=ascii)
def test_ten_thousand_changes_fit_into_one_message(character: str) -> None:
    digest = write_digest(overlong(character * 1000))

    assert len(digest.text.encode()) < MAX_TEXT
    assert message_bytes(digest) < MAX_MESSAGE


@examples(deadline=None, max_examples=50)
@given(foreign=st.text(min_size=1, max_size=15))  # short enough that all of it fits
def test_foreign_text_forges_no_line(foreign: str) -> None:
    digest = write_digest(overlong(foreign, changes=3))

    assert len(digest.text.split("\n")) == len(email_lines(overlong("x", changes=3))) + 1
    assert digest.text.replace("\n", "").isprintable()
    assert all(text.isprintable() for text in (digest.subject, digest.document))


def test_omitted_items_are_counted() -> None:
    document = json.loads(write_digest(OVERLONG).document)
    lines = email_lines(OVERLONG)

    for name in ("changes", "gaps", "accepted", "answers", "problems"):
        assert document[name]
        assert len(document[name]) + document[f"{name}_left_out"] == 10_000
    assert len(document["causes"]) + document["causes_left_out"] == 2858
    shown = sum(1 for line in lines if "  database-" in line)
    more = [int(line.split()[1]) for line in lines if line.startswith("  and ")]
    others = [int(line.split()[1]) for line in lines if line.startswith("and ")]
    section_ends = 5  # causes, readiness, gaps, accepted risks, tags
    of_owners = more[1 : len(more) - section_ends + 1]
    assert shown + sum(of_owners) + sum(others) == 10_000


def test_a_summary_that_fits_is_listed_completely() -> None:
    digest = write_digest(replace(BAD_FLEET, gaps=[]))
    left_out = [
        number for name, number in json.loads(digest.document).items() if name.endswith("_left_out")
    ]

    assert left_out == [0] * 6
    assert " more" not in digest.text


def test_if_not_all_changes_fit_the_worst_of_every_owner_are_listed() -> None:
    mild = [
        replace(NEW, kind=ChangeKind.RESOLVED, owner="aaa", database=f"db-{number}")
        for number in range(5000)
    ]
    lines = email_lines(replace(QUIET, changes=[*mild, replace(NEW, owner="zzz", database="last")]))

    assert "zzz: 1 change" in lines
    assert "aaa: 5000 changes" in lines
