"""The context of a finding names its owner, its first step, and its cause."""

from dataclasses import replace

import pytest

from rds_tls_audit.checks.evaluation import (
    EVIDENCE_PREREQUISITES,
    MAX_REMEDY,
    evaluate_database,
)
from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.findings.asff import DOCUMENTATION, FindingContext
from rds_tls_audit.findings.context import context_for_evaluation
from rds_tls_audit.pipeline.messages import ProbedTarget
from tests.scenarios.simulated_account import unreachable
from tests.support.builders import (
    bad,
    cluster,
    database,
    good,
    parameter_group,
    run,
    seen,
    settings,
    unlisted_cluster,
)
from tests.support.finding_cases import FAILED, PENDING, enforcing

ORDERS = database("orders-prod", tags={"Owner": " orders team "})
MEMBER = database("ledger-1", cluster=cluster())
REMEDIES = {check.id: check.remedy for check in all_checks()}


def context_of(check: str, probed: ProbedTarget, **environment: str) -> FindingContext:
    configured = settings(**environment)
    (evaluation,) = [
        evaluation
        for evaluation in evaluate_database(probed, run(), configured)
        if evaluation.check.id == check
    ]
    return context_for_evaluation(evaluation, probed.target.database, run(), configured)


@pytest.mark.parametrize(
    ("check", "probed", "cause", "related"),
    [
        pytest.param(
            "force-ssl", bad(ORDERS), "force-ssl in parameter group pg16", [], id="itself"
        ),
        pytest.param(
            "plaintext-refused",
            bad(ORDERS),
            "force-ssl in parameter group pg16",
            ["force-ssl/db-ORDERS-PROD"],
            id="the-group",
        ),
        pytest.param(
            "sessions-encrypted",
            bad(MEMBER),
            "force-ssl in cluster parameter group aurora16",
            ["force-ssl/cluster-LEDGER"],
            id="the-group-of-the-cluster",
        ),
        pytest.param(
            "sessions-encrypted",
            FAILED["force-ssl-in-effect"],
            "force-ssl-in-effect of orders-prod",
            ["force-ssl-in-effect/db-ORDERS-PROD"],
            id="the-cause-of-the-cause",
        ),
        pytest.param(
            "legacy-tls-refused",
            FAILED["legacy-tls-refused"],
            "minimum-protocol in parameter group pg16",
            ["minimum-protocol/db-ORDERS-PROD"],
            id="the-protocol",
        ),
        pytest.param(
            "sessions-encrypted",
            enforcing(
                ORDERS,
                replace(bad(ORDERS).observation, plaintext=good(ORDERS).observation.plaintext),
            ),
            "sessions-encrypted of orders-prod",
            [],
            id="none-but-itself",
        ),
    ],
)
def test_a_failure_names_its_cause_and_the_related_findings(
    check: str, probed: ProbedTarget, cause: str, related: list[str]
) -> None:
    context = context_of(check, probed)

    assert context.cause == cause
    prefix = "eu-central-1/123456789012/rds-tls-audit/"
    assert list(context.related) == [f"{prefix}{suffix}" for suffix in related]


def test_a_cluster_that_was_not_listed_has_no_related_finding() -> None:
    context = context_of("plaintext-refused", bad(database("ledger-1", cluster=unlisted_cluster())))

    assert context.related == ()


@pytest.mark.parametrize(
    ("environment", "owner"),
    [({}, "orders team"), ({"OWNER_TAG": "Team"}, None)],
    ids=["Owner", "no-such-tag"],
)
def test_the_owner_is_the_value_of_the_owner_tag(
    environment: dict[str, str], owner: str | None
) -> None:
    assert context_of("force-ssl", bad(ORDERS), **environment).owner == owner


@pytest.mark.parametrize(
    ("base", "page"),
    [
        (None, DOCUMENTATION),
        ("https://wiki.example.com/tls", "https://wiki.example.com/tls/force-ssl"),
        ("https://wiki.example.com/tls/", "https://wiki.example.com/tls/force-ssl"),
    ],
    ids=["aws", "own", "own-with-a-slash"],
)
def test_the_documentation_link_leads_to_the_page_of_the_check(base: str | None, page: str) -> None:
    environment = {"DOCS_BASE_URL": base} if base else {}

    assert context_of("force-ssl", bad(ORDERS), **environment).documentation == page


@pytest.mark.parametrize(
    ("check", "probed", "values"),
    [
        ("force-ssl", bad(ORDERS), ["rds.force_ssl", "parameter group pg16"]),
        (
            "force-ssl",
            FAILED["force-ssl"],
            ["rds.force_ssl", "parameter group pg16", "billing", "shop", "2 more"],
        ),
        ("plaintext-refused", enforcing(PENDING, bad(ORDERS).observation), ["pending-reboot"]),
        ("sessions-encrypted", bad(ORDERS), ["4 from orders_app (web)"]),
        ("minimum-protocol", FAILED["minimum-protocol"], ["TLSv1.2", "parameter group pg16"]),
    ],
    ids=["group", "shared-group", "reboot", "clients", "protocol"],
)
def test_the_remedy_of_a_failure_names_the_values_of_this_database(
    check: str, probed: ProbedTarget, values: list[str]
) -> None:
    remedy = context_of(check, probed).remedy

    assert remedy != REMEDIES[check]
    assert [value for value in values if value not in remedy] == []


def test_without_evidence_the_remedy_is_to_provide_it_first() -> None:
    remedy = context_of("plaintext-refused", unreachable(bad(ORDERS))).remedy

    assert remedy.endswith(EVIDENCE_PREREQUISITES)


def test_a_default_parameter_group_must_be_replaced() -> None:
    default_group = parameter_group("0", name="default.postgres16")
    target = bad(ORDERS).target
    configuration = replace(target.configuration, group=seen(default_group))
    probed = replace(bad(ORDERS), target=replace(target, configuration=configuration))

    remedy = context_of("force-ssl", probed).remedy

    assert "default.postgres16" in remedy
    assert "create a group" in remedy


@pytest.mark.parametrize("check", FAILED)
def test_every_remedy_fits_without_being_truncated(check: str) -> None:
    assert 0 < len(context_of(check, FAILED[check]).remedy) <= MAX_REMEDY
    assert "…" not in context_of(check, FAILED[check]).remedy


@pytest.mark.parametrize("check", ["force-ssl", "minimum-protocol"])
def test_the_remedy_of_a_passing_check_asks_for_no_change_in_the_parameter_group(
    check: str,
) -> None:
    assert "parameter group pg16" not in context_of(check, good(ORDERS)).remedy
