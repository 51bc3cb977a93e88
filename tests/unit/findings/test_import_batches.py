"""A call contains at most 100 findings, and at most 6 MB of JSON as botocore writes it."""

import json

import pytest

from rds_tls_audit.findings.asff import Finding
from rds_tls_audit.findings.import_batches import MAX_BYTES, split_into_calls
from tests.support.valid_finding import VALID


def numbered(number: int, **changes: object) -> list[Finding]:
    return [{**VALID, **changes, "Id": f"finding-{index:03}"} for index in range(number)]


@pytest.mark.parametrize(
    ("number", "sizes"),
    [(0, []), (1, [1]), (99, [99]), (100, [100]), (101, [100, 1]), (250, [100, 100, 50])],
)
def test_a_call_contains_at_most_100_findings_in_their_order(number: int, sizes: list[int]) -> None:
    findings = numbered(number)

    calls = list(split_into_calls(findings))

    assert [len(call) for call in calls] == sizes
    assert [finding for call in calls for finding in call] == findings


@pytest.mark.parametrize("character", ["d", "ö", "\U0001f512"], ids=["ascii", "latin", "emoji"])
def test_a_call_has_at_most_6_mb_whatever_the_characters(character: str) -> None:
    escaped = len(json.dumps(character)) - 2
    findings = numbered(90, Description=character * (100_000 // escaped))

    sizes = [len(json.dumps({"Findings": call})) for call in split_into_calls(findings)]

    assert all(size <= MAX_BYTES for size in sizes)
    assert sizes[0] > MAX_BYTES - 110_000


def test_a_call_is_filled_to_the_last_byte() -> None:
    pair = numbered(2)
    room = MAX_BYTES - len(json.dumps({"Findings": pair}))
    full, over = (
        [pair[0], {**pair[1], "Description": pair[1]["Description"] + "d" * more}]
        for more in (room - 2, room)
    )

    assert [len(call) for call in split_into_calls(full)] == [2]
    assert [len(call) for call in split_into_calls(over)] == [1, 1]
