"""Findings are valid by the strict rules; their fields follow the check, state, and resource."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from emulation.strict_hub import problems
from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.checks.verdict import Severity, Status
from rds_tls_audit.findings.asff import (
    Finding,
    FindingContext,
    build_finding,
    finding_id,
    severity_of,
    timestamp,
)
from rds_tls_audit.findings.resource import resource_for
from rds_tls_audit.findings.state import FindingState
from rds_tls_audit.fleet.database import Database
from tests.support.builders import NOW, cluster, database

CHECKS = {check.id: check for check in all_checks()}
PLAIN = database()
MEMBER = database("ledger-1", cluster=cluster())
LONG = database(
    "d" * 63,
    parameter_group="g" * 255,
    tags={f"tag {number} {'k' * 100}": "v" * 5000 for number in range(60)},
)
DATABASES = {
    "plain": PLAIN,
    "cluster-member": MEMBER,
    "public": database(publicly_accessible=True),
    "long": LONG,
    "unicode": database("orders-prod", tags={"Owner": "Grüße, 東京 \U0001f512", "größe": "naïve"}),
    "tagged-by-aws": database(tags={"aws:cloudformation:stack-name": "orders"}),
    "without-endpoint": database(endpoint=None, ca_id=None, apply_status=None),
    "GovCloud": database(arn="arn:aws-us-gov:rds:us-gov-west-1:123456789012:db:orders-prod"),
    "China": database(arn="arn:aws-cn:rds:cn-north-1:123456789012:db:orders-prod"),
}
BECAUSE = {
    "plain": "1 of 4 client sessions is unencrypted",
    "cluster-member": "rds.force_ssl is 0 in cluster parameter group aurora16",
    "long": "because " * 625,
    "unicode": "4 by größe (каталог) \U0001f512",
}
CONTEXT = FindingContext(remedy="Force TLS.", run_id="full-0")
CONTEXTS = {
    "plain": replace(CONTEXT, owner="orders", cause="force-ssl in parameter group pg16"),
    "long": replace(
        CONTEXT,
        remedy="r" * 5000,
        owner="o" * 5000,
        cause="c" * 5000,
        related=("eu-central-1/123456789012/rds-tls-audit/force-ssl/db-A",),
        documentation=f"https://example.com/{'d' * 379}/force-ssl",
    ),
    "unicode": replace(CONTEXT, owner="東京", cause="force-ssl in parameter group größe"),
}


def state(
    status: Status = Status.FAILED, because: str = "a session is unencrypted"
) -> FindingState:
    return FindingState(
        status=status,
        fingerprint=(),
        because=because,
        created_at=NOW,
        updated_at=NOW + timedelta(hours=2),
        observed_at=NOW + timedelta(hours=3),
    )


def build(
    target: Database = PLAIN,
    check: str = "plaintext-refused",
    finding_state: FindingState | None = None,
    context: FindingContext = CONTEXT,
) -> Finding:
    resource = resource_for(CHECKS[check], target)
    return build_finding(CHECKS[check], resource, finding_state or state(), context)


@pytest.mark.parametrize("kind", DATABASES)
@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_no_finding_breaks_a_rule(check: Check, status: Status, kind: str) -> None:
    finding_state = state(status, BECAUSE.get(kind, BECAUSE["plain"]))

    finding = build(DATABASES[kind], check.id, finding_state, CONTEXTS.get(kind, CONTEXT))

    assert problems(finding) == ()


@pytest.mark.parametrize("kind", DATABASES)
def test_an_archived_finding_breaks_no_rule(kind: str) -> None:
    assert problems(build(DATABASES[kind], finding_state=replace(state(), archived=True))) == ()


@pytest.mark.parametrize("value", ["", " "], ids=["empty", "blank"])
def test_a_tag_without_a_value_breaks_no_rule(value: str) -> None:
    assert problems(build(database(tags={"rds-tls-audit:skip": value}))) == ()


@pytest.mark.parametrize(
    "bare",
    [
        pytest.param(database(engine_version=""), id="engine_version"),
        pytest.param(database(instance_class=""), id="instance_class"),
        pytest.param(database(parameter_group=""), id="parameter_group"),
    ],
)
def test_fields_that_rds_does_not_return_break_no_rule(bare: Database) -> None:
    assert problems(build(bare)) == ()


@pytest.mark.parametrize("check", CHECKS)
def test_the_id_contains_region_account_check_and_resource_id(check: str) -> None:
    assert build(PLAIN, check)["Id"] == (
        f"eu-central-1/123456789012/rds-tls-audit/{check}/db-ORDERS-PROD"
    )


@pytest.mark.parametrize("check", CHECKS)
def test_force_ssl_is_a_finding_of_the_cluster_and_every_other_check_of_its_members(
    check: str,
) -> None:
    resource_id = "cluster-LEDGER" if check == "force-ssl" else "db-LEDGER-1"

    finding = build(MEMBER, check)

    assert finding["Id"] == f"eu-central-1/123456789012/rds-tls-audit/{check}/{resource_id}"
    assert finding["Id"] == finding_id(CHECKS[check], resource_for(CHECKS[check], MEMBER))


def test_the_id_does_not_change_when_the_database_is_renamed() -> None:
    renamed = replace(PLAIN, id="orders", arn="arn:aws:rds:eu-central-1:123456789012:db:orders")

    assert build(renamed)["Id"] == build(PLAIN)["Id"]


@pytest.mark.parametrize("check", CHECKS)
def test_the_generator_names_the_check(check: str) -> None:
    finding = build(check=check)

    assert finding["GeneratorId"] == f"rds-tls-audit/{check}"
    assert finding["ProductName"] == "RDS TLS Audit"
    assert finding["ProductFields"]["rds-tls-audit/check"] == check


@pytest.mark.parametrize(
    ("kind", "product_arn"),
    [
        ("plain", "arn:aws:securityhub:eu-central-1:123456789012:product/123456789012/default"),
        (
            "GovCloud",
            "arn:aws-us-gov:securityhub:us-gov-west-1:123456789012:product/123456789012/default",
        ),
        ("China", "arn:aws-cn:securityhub:cn-north-1:123456789012:product/123456789012/default"),
    ],
    ids=["aws", "aws-us-gov", "aws-cn"],
)
def test_the_product_is_the_default_product_of_the_databases_account(
    kind: str, product_arn: str
) -> None:
    finding = build(DATABASES[kind])

    assert finding["ProductArn"] == product_arn
    assert finding["AwsAccountId"] == "123456789012"
    assert finding["Resources"][0]["Partition"] == DATABASES[kind].location.partition
    assert finding["Resources"][0]["Region"] == DATABASES[kind].location.region


@pytest.mark.parametrize(
    ("check", "status", "label"),
    [
        ("plaintext-refused", Status.FAILED, Severity.HIGH),
        ("plaintext-refused", Status.WARNING, Severity.MEDIUM),
        ("plaintext-refused", Status.UNKNOWN, Severity.LOW),
        ("plaintext-refused", Status.PASSED, Severity.INFORMATIONAL),
        ("force-ssl", Status.FAILED, Severity.MEDIUM),
        ("force-ssl", Status.WARNING, Severity.LOW),
        ("force-ssl", Status.UNKNOWN, Severity.LOW),
        ("force-ssl", Status.PASSED, Severity.INFORMATIONAL),
    ],
)
def test_severity_follows_the_status(check: str, status: Status, label: Severity) -> None:
    finding = build(check=check, finding_state=state(status))

    assert severity_of(CHECKS[check], status) is label
    assert finding["Severity"] == {"Label": label}
    assert finding["FindingProviderFields"]["Severity"] == {"Label": label, "Original": status}


@pytest.mark.parametrize(
    ("status", "compliance"),
    [
        (Status.PASSED, "PASSED"),
        (Status.WARNING, "WARNING"),
        (Status.FAILED, "FAILED"),
        (Status.UNKNOWN, "NOT_AVAILABLE"),
    ],
)
def test_compliance_follows_the_status(status: Status, compliance: str) -> None:
    assert build(finding_state=state(status))["Compliance"]["Status"] == compliance


@pytest.mark.parametrize(
    ("archived", "record_state"), [(False, "ACTIVE"), (True, "ARCHIVED")], ids=["open", "archived"]
)
def test_the_record_is_active_until_it_is_archived(archived: bool, record_state: str) -> None:  # noqa: FBT001 - a parameter of the table
    assert build(finding_state=replace(state(), archived=archived))["RecordState"] == record_state


def test_the_times_come_from_the_state() -> None:
    finding = build()

    assert finding["CreatedAt"] == finding["FirstObservedAt"] == "2026-03-01T06:00:00.000Z"
    assert finding["UpdatedAt"] == "2026-03-01T08:00:00.000Z"
    assert finding["LastObservedAt"] == "2026-03-01T09:00:00.000Z"


def test_a_time_is_written_in_utc_to_the_millisecond() -> None:
    moment = datetime(2026, 3, 1, 1, 2, 3, 456789, tzinfo=timezone(timedelta(hours=-5)))

    assert timestamp(moment) == "2026-03-01T06:02:03.456Z"


@pytest.mark.parametrize("check", CHECKS)
def test_the_title_is_the_same_in_every_status_and_ends_with_the_database(check: str) -> None:
    titles = {build(check=check, finding_state=state(status))["Title"] for status in Status}

    assert titles == {f"RDS TLS: {CHECKS[check].title}: orders-prod"}


def test_the_title_of_a_clusters_finding_ends_with_the_cluster() -> None:
    assert build(MEMBER, "force-ssl")["Title"].endswith(": ledger")


def test_the_description_is_a_sentence() -> None:
    finding_state = state(because="the server accepts connections without TLS")

    assert (
        build(finding_state=finding_state)["Description"]
        == "The server accepts connections without TLS."
    )


def test_a_long_description_is_truncated_with_an_ellipsis() -> None:
    description = build(finding_state=state(because="because " * 625))["Description"]

    assert len(description) == 1024
    assert description.endswith("…")


def test_the_pci_requirement_is_listed_only_for_public_databases() -> None:
    public = build(DATABASES["public"])["Compliance"]["RelatedRequirements"]
    private = build(PLAIN)["Compliance"]["RelatedRequirements"]

    assert set(public) - set(private) == {"PCI DSS v4.0.1/4.2.1"}
    assert not [requirement for requirement in private if "PCI" in requirement]


@pytest.mark.parametrize("status", Status)
def test_fields_owned_by_reviewers_or_by_security_hub_are_never_sent(status: Status) -> None:
    owned_by_others = {
        "Workflow",
        "Note",
        "UserDefinedFields",
        "VerificationState",
        "WorkflowState",
    }

    assert (
        not {*owned_by_others, "Region", "ProcessedAt", "Confidence"}
        & build(finding_state=state(status)).keys()
    )


def test_the_resource_is_the_instance_with_its_details() -> None:
    (resource,) = build()["Resources"]

    assert (resource["Type"], resource["Id"]) == ("AwsRdsDbInstance", PLAIN.arn)
    assert resource["Details"]["AwsRdsDbInstance"] == {
        "DBInstanceIdentifier": "orders-prod",
        "DbiResourceId": "db-ORDERS-PROD",
        "DBInstanceClass": "db.t4g.medium",
        "Engine": "postgres",
        "EngineVersion": "16.4",
        "DbInstanceStatus": "available",
        "IAMDatabaseAuthenticationEnabled": False,
        "PubliclyAccessible": False,
        "DbParameterGroups": [{"DbParameterGroupName": "pg16", "ParameterApplyStatus": "in-sync"}],
        "CACertificateIdentifier": "rds-ca-rsa2048-g1",
        "Endpoint": {
            "Address": "orders-prod.c9akciq32rgw.eu-central-1.rds.amazonaws.com",
            "Port": 5432,
        },
    }


def test_the_apply_status_of_the_cluster_is_not_given_for_a_members_own_parameter_group() -> None:
    details = build(MEMBER)["Resources"][0]["Details"]["AwsRdsDbInstance"]

    assert details["DBClusterIdentifier"] == "ledger"
    assert details["DbParameterGroups"] == [{"DbParameterGroupName": "pg16"}]


def test_the_resource_of_a_clusters_finding_is_the_cluster() -> None:
    (resource,) = build(MEMBER, "force-ssl")["Resources"]

    assert resource["Type"] == "AwsRdsDbCluster"
    assert resource["Id"] == "arn:aws:rds:eu-central-1:123456789012:cluster:ledger"
    assert resource["Details"]["AwsRdsDbCluster"]["DbClusterParameterGroup"] == "aurora16"


def test_tags_are_omitted_if_there_are_none_or_only_those_of_aws() -> None:
    assert "Tags" not in build(PLAIN)["Resources"][0]
    assert "Tags" not in build(DATABASES["tagged-by-aws"])["Resources"][0]


def test_the_owner_is_given_if_there_is_one() -> None:
    finding = build(context=replace(CONTEXT, owner="orders team"))

    assert finding["ProductFields"]["rds-tls-audit/owner"] == "orders team"
    assert "rds-tls-audit/owner" not in build()["ProductFields"]
