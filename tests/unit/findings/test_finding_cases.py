"""Findings as reviewers read them, each in a golden file; REGENERATE_GOLDEN=1 rewrites them."""

import json
import os

import pytest

from emulation.strict_hub import problems
from rds_tls_audit.checks.registry import all_checks
from tests.support.finding_cases import FAILED, FINDINGS
from tests.support.repository import GOLDEN_FINDINGS

EACH_FINDING = pytest.mark.parametrize("name", FINDINGS)


@EACH_FINDING
def test_each_finding_is_that_of_its_golden_file(name: str) -> None:
    path = GOLDEN_FINDINGS / f"{name}.json"
    written = json.dumps(FINDINGS[name](), ensure_ascii=False, indent=2) + "\n"
    if os.environ.get("REGENERATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(written, encoding="utf-8")

    assert written == path.read_text(encoding="utf-8")


@EACH_FINDING
def test_a_golden_finding_breaks_no_rule(name: str) -> None:
    assert (
        problems(json.loads((GOLDEN_FINDINGS / f"{name}.json").read_text(encoding="utf-8"))) == ()
    )


@EACH_FINDING
def test_a_golden_file_is_named_after_its_check_and_status(name: str) -> None:
    finding = json.loads((GOLDEN_FINDINGS / f"{name}.json").read_text(encoding="utf-8"))

    check = finding["ProductFields"]["rds-tls-audit/check"]
    archived = finding["RecordState"] == "ARCHIVED"
    status = "ARCHIVED" if archived else finding["Compliance"]["Status"]
    assert name.startswith(f"{check}-{status}")


def test_there_is_a_golden_file_for_every_check_and_no_other_file() -> None:
    assert FAILED.keys() == {check.id for check in all_checks()}
    assert {path.stem for path in GOLDEN_FINDINGS.iterdir()} == FINDINGS.keys()
