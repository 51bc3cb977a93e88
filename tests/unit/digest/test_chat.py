"""The message for a chat channel: short, and foreign text is never markdown."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from rds_tls_audit.digest.chat import MAX_DESCRIPTION, write_chat_message
from rds_tls_audit.digest.summary import Summary
from tests.support.digest_cases import (
    BAD_FLEET,
    CHECK_FIRST,
    HUB_OFF,
    QUIET,
    TOO_LONG,
    expect,
    too_long,
)
from tests.support.repository import GOLDEN_DIGESTS

CODE = re.compile(r"`[^`]*`")


def description(summary: Summary) -> str:
    return str(json.loads(write_chat_message(summary))["content"]["description"])


@pytest.mark.parametrize(
    ("name", "summary"),
    [
        pytest.param("bad-fleet", BAD_FLEET, id="bad-fleet"),
        pytest.param("hub-off", HUB_OFF, id="hub-off"),
        pytest.param("only-answers", replace(QUIET, answers=[CHECK_FIRST]), id="only-answers"),
        pytest.param("weekly", replace(QUIET, weekly=True), id="weekly"),
    ],
)
def test_a_channel_reads_the_worst_and_what_to_do(name: str, summary: Summary) -> None:
    message = json.dumps(json.loads(write_chat_message(summary)), ensure_ascii=False, indent=1)

    expect(GOLDEN_DIGESTS / f"{name}-chat.json", message + "\n")


@pytest.mark.parametrize("summary", [QUIET, BAD_FLEET, TOO_LONG], ids=["quiet", "bad", "long"])
def test_it_has_the_fields_that_amazon_q_asks_for(summary: Summary) -> None:
    message = json.loads(write_chat_message(summary))

    assert (message["version"], message["source"]) == ("1.0", "custom")
    assert message["content"]["textType"] == "client-markdown"
    assert 0 < len(message["content"]["nextSteps"]) <= 3
    assert all(isinstance(it, str) and it for it in message["content"]["keywords"])


def test_all_runs_of_an_account_and_region_share_a_thread() -> None:
    threads = {
        json.loads(write_chat_message(it))["metadata"]["threadId"]
        for it in (QUIET, BAD_FLEET, HUB_OFF)
    }

    assert threads == {"rds-tls-audit-123456789012-eu-central-1"}


def test_an_unknown_place_leaves_no_empty_keyword() -> None:
    message = json.loads(write_chat_message(replace(QUIET, account=None, region=None)))

    assert message["content"]["keywords"] == ["RDS TLS audit", "INFORMATIONAL"]


@pytest.mark.parametrize("character", ["x", "`", "<", "é", "\U0001f512", "\n", "\x00"], ids=ascii)
def test_a_bad_day_fits_into_one_description(character: str) -> None:
    text = description(too_long(character * 1000, changes=500))

    assert len(text) <= MAX_DESCRIPTION
    assert text.endswith("the digest and the report have all of it")
    assert text.count("`") % 2 == 0


@examples(deadline=None, max_examples=50)
@given(
    foreign=st.text(st.sampled_from("*_~`<>[]()!@#|\\\n&-x"), min_size=1, max_size=30)
    | st.text(min_size=1, max_size=30)
)
def test_foreign_text_stays_inside_code(foreign: str) -> None:
    ours = CODE.sub("", description(too_long("x", changes=3)))

    assert CODE.sub("", description(too_long(foreign, changes=3))) == ours


@pytest.mark.parametrize("forged", ["<!channel>", "<https://example.com|Security Hub>"])
def test_foreign_text_calls_nobody_and_links_nowhere(forged: str) -> None:
    message = write_chat_message(too_long(forged, changes=1))

    assert "<" not in message
    assert ">" not in message
