"""The subject of the digest names the account and Region, and counts the changes."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from rds_tls_audit.digest.message import write_digest
from rds_tls_audit.digest.summary import Summary
from rds_tls_audit.findings.change import Change
from rds_tls_audit.findings.state import ChangeKind
from tests.support.builders import ACCOUNT, REGION
from tests.support.digest_cases import BAD_FLEET, CHECK_FIRST, HUB_OFF, NEW, QUIET, RESOLVED


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
        pytest.param(
            replace(QUIET, readiness_changes=[CHECK_FIRST]), "1 readiness change", id="readiness"
        ),
        pytest.param(replace(QUIET, weekly=True), "weekly summary, nothing changed", id="weekly"),
        pytest.param(
            replace(QUIET, lost=1), "1 database without result, nothing changed", id="lost"
        ),
        pytest.param(HUB_OFF, "Security Hub off, 2 new", id="hub-off"),
        pytest.param(BAD_FLEET, "2 databases without result, 6 new, 1 worse, ...", id="too-long"),
    ],
)
def test_the_subject_names_account_and_region_and_counts_changes(
    summary: Summary, expected: str
) -> None:
    assert write_digest(summary).subject == f"RDS TLS audit {ACCOUNT} {REGION}: {expected}"


@pytest.mark.parametrize("account", [None, "", "größe", "a\r\nBcc: b", "9" * 200], ids=repr)
@pytest.mark.parametrize("region", [None, "us-isob-east-1", "\x1b" * 99], ids=repr)
@pytest.mark.parametrize("changes", [[], [NEW], [*BAD_FLEET.changes] * 99], ids=len)
def test_the_subject_is_one_short_line_of_ascii(
    account: str | None, region: str | None, changes: Sequence[Change]
) -> None:
    summary = replace(BAD_FLEET, account=account, region=region, changes=changes, weekly=True)
    subject = write_digest(summary).subject

    assert len(subject) < 100
    assert subject.isascii()
    assert subject.isprintable()
    assert subject.startswith("RDS TLS audit")
