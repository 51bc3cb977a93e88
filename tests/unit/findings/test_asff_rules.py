"""The rules reject what Security Hub rejects, and nothing else."""

import pytest

from emulation.strict_hub import problems
from rds_tls_audit.findings.asff_rules import RULES, rule_violations
from tests.support.invalid_findings import (
    BY_RULE,
    BY_SCHEMA_VIOLATION,
    Edit,
    edited,
    set_at,
)
from tests.support.valid_finding import VALID


def test_a_valid_finding_breaks_no_rule() -> None:
    assert problems(VALID) == ()


def test_an_isolated_partition_is_a_known_partition() -> None:
    arn = "arn:aws-us-iso:securityhub:eu-central-1:123456789012:product/123456789012/default"
    finding = edited(set_at("aws-us-iso", "Resources", 0, "Partition"))

    assert problems({**finding, "ProductArn": arn}) == ()


def test_there_is_an_invalid_finding_for_every_rule() -> None:
    assert BY_RULE.keys() == {rule.name for rule in RULES}


@pytest.mark.parametrize(
    ("rule", "edit"),
    [
        pytest.param(rule, edit, id=f"{rule}-{number}")
        for rule, edits in BY_RULE.items()
        for number, edit in enumerate(edits)
    ],
)
def test_an_invalid_finding_breaks_its_rule(rule: str, edit: Edit) -> None:
    assert rule in rule_violations(edited(edit))


@pytest.mark.parametrize(
    ("violation", "edit"),
    [
        pytest.param(violation, edit, id=violation)
        for violation, edit in BY_SCHEMA_VIOLATION.items()
    ],
)
def test_a_finding_that_differs_from_botocores_shape_is_reported(
    violation: str, edit: Edit
) -> None:
    assert [problem for problem in problems(edited(edit)) if problem.startswith(violation)]


def test_an_empty_finding_breaks_rules_and_raises_nothing() -> None:
    assert "finding.Title is missing" in problems({})
