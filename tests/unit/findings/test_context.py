"""What a reviewer is told beside the state: whose it is, what to do first, where the fault lies."""

from dataclasses import replace

import pytest

from rds_tls_audit.checks.evaluation import MAX_REMEDY, evaluate_database
from rds_tls_audit.findings.asff import DOCUMENTATION, FindingContext
from rds_tls_audit.findings.context import context_for_evaluation
from rds_tls_audit.pipeline.messages import ProbedTarget
from tests.scenarios.simulated_account import unseen
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
from tests.support.finding_cases import FAILED, PENDING, seen_so

ORDERS = database("orders-prod", tags={"Owner": " orders team "})
MEMBER = database("ledger-1", cluster=cluster())


def of(check: str, witnessed: ProbedTarget, **environment: str) -> FindingContext:
    told = settings(**environment)
    (evaluation,) = [it for it in evaluate_database(witnessed, run(), told) if it.check.id == check]
    return context_for_evaluation(evaluation, witnessed.target.database, run(), told)


@pytest.mark.parametrize(
    ("check", "witnessed", "cause", "related"),
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
            seen_so(
                ORDERS,
                replace(bad(ORDERS).observation, plaintext=good(ORDERS).observation.plaintext),
            ),
            "sessions-encrypted of orders-prod",
            [],
            id="none-but-itself",
        ),
    ],
)
def test_a_failure_names_where_the_fault_lies(
    check: str, witnessed: ProbedTarget, cause: str, related: list[str]
) -> None:
    told = of(check, witnessed)

    assert told.cause == cause
    prefix = "eu-central-1/123456789012/rds-tls-audit/"
    assert list(told.related) == [f"{prefix}{it}" for it in related]


def test_a_cluster_that_was_not_listed_has_no_finding_to_relate_to() -> None:
    told = of("plaintext-refused", bad(database("ledger-1", cluster=unlisted_cluster())))

    assert told.related == ()


@pytest.mark.parametrize(
    ("environment", "owner"),
    [({}, "orders team"), ({"OWNER_TAG": "Team"}, None)],
    ids=["Owner", "no-such-tag"],
)
def test_the_owner_is_the_tags_value(environment: dict[str, str], owner: str | None) -> None:
    assert of("force-ssl", bad(ORDERS), **environment).owner == owner


@pytest.mark.parametrize(
    ("base", "page"),
    [
        (None, DOCUMENTATION),
        ("https://wiki.example.com/tls", "https://wiki.example.com/tls/force-ssl"),
        ("https://wiki.example.com/tls/", "https://wiki.example.com/tls/force-ssl"),
    ],
    ids=["awss", "ours", "with-a-slash"],
)
def test_the_link_leads_to_the_page_of_the_check(base: str | None, page: str) -> None:
    environment = {"DOCS_BASE_URL": base} if base else {}

    assert of("force-ssl", bad(ORDERS), **environment).documentation == page


@pytest.mark.parametrize(
    ("check", "witnessed", "first"),
    [
        ("force-ssl", bad(ORDERS), "Set rds.force_ssl to 1 in parameter group pg16; look who else"),
        (
            "force-ssl",
            FAILED["force-ssl"],
            "Set rds.force_ssl to 1 in parameter group pg16; it dec",
        ),
        (
            "plaintext-refused",
            seen_so(PENDING, bad(ORDERS).observation),
            "Reboot the instance: its apply",
        ),
        (
            "sessions-encrypted",
            bad(ORDERS),
            "Look at the TLS settings of the clients in clear (4 by",
        ),
        ("minimum-protocol", FAILED["minimum-protocol"], "Set ssl_min_protocol_version to TLSv1.2"),
    ],
    ids=["group", "shared-group", "reboot", "clients", "protocol"],
)
def test_what_to_do_begins_with_this_very_database(
    check: str, witnessed: ProbedTarget, first: str
) -> None:
    assert of(check, witnessed).remedy.startswith(first)


def test_what_could_not_be_seen_is_to_be_seen_first() -> None:
    assert of("plaintext-refused", unseen(bad(ORDERS))).remedy.startswith("Let it be seen first")


def test_a_default_group_is_to_be_replaced() -> None:
    of_rds = parameter_group("0", name="default.postgres16")
    target = bad(ORDERS).target
    witnessed = replace(
        bad(ORDERS),
        target=replace(target, configuration=replace(target.configuration, group=seen(of_rds))),
    )

    assert of("force-ssl", witnessed).remedy.startswith(
        "parameter group default.postgres16 is RDS's own and cannot be changed: create a group"
    )


@pytest.mark.parametrize("check", FAILED)
def test_what_to_do_always_fits(check: str) -> None:
    assert 0 < len(of(check, FAILED[check]).remedy) <= MAX_REMEDY
    assert "…" not in of(check, FAILED[check]).remedy


@pytest.mark.parametrize("check", ["force-ssl", "minimum-protocol"])
def test_who_passes_is_not_told_to_change_anything_in_its_group(check: str) -> None:
    assert "parameter group pg16" not in of(check, good(ORDERS)).remedy
