"""The rule table catches what Security Hub refuses, and nothing else."""

import pytest

from emulation.strict_hub import problems
from rds_tls_audit.findings.asff_rules import RULES, rule_violations
from tests.support.invalid_findings import MISSHAPEN, SPOILED, Spoil, put, spoiled
from tests.support.valid_finding import VALID


def test_a_finding_in_order_breaks_no_rule() -> None:
    assert problems(VALID) == ()


def test_an_isolated_partition_is_one_there_is() -> None:
    arn = "arn:aws-us-iso:securityhub:eu-central-1:123456789012:product/123456789012/default"
    finding = spoiled(put("aws-us-iso", "Resources", 0, "Partition"))

    assert problems({**finding, "ProductArn": arn}) == ()


def test_every_rule_is_tried() -> None:
    assert SPOILED.keys() == {rule.name for rule in RULES}


@pytest.mark.parametrize(
    ("rule", "spoil"),
    [
        pytest.param(rule, spoil, id=f"{rule}-{number}")
        for rule, spoils in SPOILED.items()
        for number, spoil in enumerate(spoils)
    ],
)
def test_a_rule_is_broken_by_what_it_forbids(rule: str, spoil: Spoil) -> None:
    assert rule in rule_violations(spoiled(spoil))


@pytest.mark.parametrize(
    ("complaint", "spoil"),
    [pytest.param(complaint, spoil, id=complaint) for complaint, spoil in MISSHAPEN.items()],
)
def test_another_shape_than_botocores_is_told(complaint: str, spoil: Spoil) -> None:
    assert [it for it in problems(spoiled(spoil)) if it.startswith(complaint)]


def test_nothing_at_all_breaks_rules_and_raises_nothing() -> None:
    assert "finding.Title is missing" in problems({})
