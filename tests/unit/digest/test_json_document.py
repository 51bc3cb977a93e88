"""The JSON document counts causes, and subscribers can filter by the attributes."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from rds_tls_audit.digest.message import write_digest
from rds_tls_audit.findings.change import Change
from rds_tls_audit.findings.state import ChangeKind
from rds_tls_audit.pipeline.run import RunKind
from tests.support.builders import ACCOUNT, REGION, run
from tests.support.digest_cases import FORCE, NEW, QUIET


def test_causes_count_new_and_worse_findings_most_frequent_first() -> None:
    changes = [
        replace(NEW, kind=kind, cause=cause)
        for kind, cause in [
            (ChangeKind.NEW, "rare"),
            (ChangeKind.NEW, "often"),
            (ChangeKind.WORSE, "often"),
            (ChangeKind.RESOLVED, "fixed"),
        ]
    ]

    assert json.loads(write_digest(replace(QUIET, changes=changes)).document)["causes"] == [
        {"cause": "often", "changes": 2},
        {"cause": "rare", "changes": 1},
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param([], "INFORMATIONAL", id="none"),
        pytest.param([FORCE], "MEDIUM", id="one"),
        pytest.param([FORCE, replace(NEW, kind=ChangeKind.WORSE), FORCE], "HIGH", id="highest"),
        pytest.param([replace(NEW, kind=ChangeKind.BETTER)], "INFORMATIONAL", id="improvement"),
    ],
)
def test_subscribers_can_filter_by_the_highest_severity_of_new_and_worse_findings(
    changes: Sequence[Change], expected: str
) -> None:
    assert write_digest(replace(QUIET, changes=changes)).attributes["max_severity"] == expected


@pytest.mark.parametrize("kind", RunKind)
@pytest.mark.parametrize(("weekly", "event_type"), [(False, "digest"), (True, "weekly")])
def test_subscribers_can_filter_by_account_region_and_kind_of_run(
    kind: RunKind,
    weekly: bool,  # noqa: FBT001 - a parameter of the table
    event_type: str,
) -> None:
    assert write_digest(replace(QUIET, run=run(kind), weekly=weekly)).attributes == {
        "event_type": event_type,
        "max_severity": "INFORMATIONAL",
        "account": ACCOUNT,
        "region": REGION,
        "run_kind": kind,
    }


@pytest.mark.parametrize("place", [None, ""])
def test_an_attribute_that_would_be_empty_is_omitted(place: str | None) -> None:
    attributes = write_digest(replace(QUIET, account=place, region=place)).attributes

    assert attributes.keys() == {"event_type", "max_severity", "run_kind"}
