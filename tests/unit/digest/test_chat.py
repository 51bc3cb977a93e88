"""The chat message is short, and foreign text in it is never interpreted as Markdown."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from rds_tls_audit.digest.chat import MAX_DESCRIPTION, MORE, write_chat_message
from rds_tls_audit.digest.summary import Summary
from tests.support.digest_cases import (
    BAD_FLEET,
    CHECK_FIRST,
    HUB_OFF,
    OVERLONG,
    QUIET,
    assert_matches_golden,
    overlong,
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
        pytest.param(
            "only-answers", replace(QUIET, readiness_changes=[CHECK_FIRST]), id="only-readiness"
        ),
        pytest.param("weekly", replace(QUIET, weekly=True), id="weekly"),
    ],
)
def test_the_message_lists_the_worst_changes_and_the_next_steps(
    name: str, summary: Summary
) -> None:
    message = json.dumps(json.loads(write_chat_message(summary)), ensure_ascii=False, indent=1)

    assert_matches_golden(GOLDEN_DIGESTS / f"{name}-chat.json", message + "\n")


@pytest.mark.parametrize(
    "summary",
    [
        pytest.param(QUIET, id="quiet"),
        pytest.param(BAD_FLEET, id="bad"),
        pytest.param(OVERLONG, id="long", marks=pytest.mark.thorough),
    ],
)
def test_the_message_has_the_fields_that_amazon_q_developer_requires(summary: Summary) -> None:
    message = json.loads(write_chat_message(summary))

    assert (message["version"], message["source"]) == ("1.0", "custom")
    assert message["content"]["textType"] == "client-markdown"
    assert 0 < len(message["content"]["nextSteps"]) <= 3
    assert all(isinstance(keyword, str) and keyword for keyword in message["content"]["keywords"])


def test_all_runs_in_an_account_and_region_share_a_thread() -> None:
    threads = {
        json.loads(write_chat_message(summary))["metadata"]["threadId"]
        for summary in (QUIET, BAD_FLEET, HUB_OFF)
    }

    assert threads == {"rds-tls-audit-123456789012-eu-central-1"}


def test_an_unknown_account_and_region_add_no_empty_keyword() -> None:
    message = json.loads(write_chat_message(replace(QUIET, account=None, region=None)))

    assert message["content"]["keywords"] == ["RDS TLS audit", "INFORMATIONAL"]


@pytest.mark.thorough
@pytest.mark.parametrize("character", ["x", "`", "<", "é", "\U0001f512", "\n", "\x00"], ids=ascii)
def test_a_summary_with_hundreds_of_changes_fits_into_one_description(character: str) -> None:
    text = description(overlong(character * 1000, changes=500))

    assert len(text) <= MAX_DESCRIPTION
    assert text.endswith(MORE)
    assert text.count("`") % 2 == 0


@examples(deadline=None, max_examples=50)
@given(
    foreign=st.text(st.sampled_from("*_~`<>[]()!@#|\\\n&-x"), min_size=1, max_size=30)
    | st.text(min_size=1, max_size=30)
)
def test_foreign_text_stays_inside_code_spans(foreign: str) -> None:
    own_text = CODE.sub("", description(overlong("x", changes=3)))

    assert CODE.sub("", description(overlong(foreign, changes=3))) == own_text


@pytest.mark.parametrize("forged", ["<!channel>", "<https://example.com|Security Hub>"])
def test_foreign_text_mentions_no_channel_and_adds_no_link(forged: str) -> None:
    message = write_chat_message(overlong(forged, changes=1))

    assert "<" not in message
    assert ">" not in message
