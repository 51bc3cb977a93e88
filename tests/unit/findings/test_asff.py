"""What reviewers read in Security Hub: in order, by the strict rules, and always the same way."""

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
    "plain": "1 of 4 client sessions in clear",
    "cluster-member": "rds.force_ssl is 0 in cluster parameter group aurora16",
    "long": "because " * 625,
    "unicode": "4 by größe (каталог) \U0001f512",
}
BACKGROUND = FindingContext(remedy="Force TLS.", run_id="full-0")
BACKGROUNDS = {
    "plain": replace(BACKGROUND, owner="orders", cause="force-ssl in parameter group pg16"),
    "long": replace(
        BACKGROUND,
        remedy="r" * 5000,
        owner="o" * 5000,
        cause="c" * 5000,
        related=("eu-central-1/123456789012/rds-tls-audit/force-ssl/db-A",),
        documentation=f"https://example.com/{'d' * 379}/force-ssl",
    ),
    "unicode": replace(BACKGROUND, owner="東京", cause="force-ssl in parameter group größe"),
}


def state(status: Status = Status.FAILED, because: str = "a session in clear") -> FindingState:
    return FindingState(
        status=status,
        fingerprint=(),
        because=because,
        created_at=NOW,
        updated_at=NOW + timedelta(hours=2),
        observed_at=NOW + timedelta(hours=3),
    )


def of(
    of_database: Database = PLAIN,
    check: str = "plaintext-refused",
    told: FindingState | None = None,
    background: FindingContext = BACKGROUND,
) -> Finding:
    subject = resource_for(CHECKS[check], of_database)
    return build_finding(CHECKS[check], subject, told or state(), background)


@pytest.mark.parametrize("kind", DATABASES)
@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_no_finding_breaks_a_rule(check: Check, status: Status, kind: str) -> None:
    told = state(status, BECAUSE.get(kind, BECAUSE["plain"]))

    written = of(DATABASES[kind], check.id, told, BACKGROUNDS.get(kind, BACKGROUND))

    assert problems(written) == ()


@pytest.mark.parametrize("kind", DATABASES)
def test_an_archived_finding_breaks_no_rule(kind: str) -> None:
    assert problems(of(DATABASES[kind], told=replace(state(), archived=True))) == ()


@pytest.mark.parametrize("value", ["", " "], ids=["empty", "blank"])
def test_a_tag_without_a_value_breaks_no_rule(value: str) -> None:
    assert problems(of(database(tags={"rds-tls-audit:skip": value}))) == ()


@pytest.mark.parametrize(
    "bare",
    [
        pytest.param(database(engine_version=""), id="engine_version"),
        pytest.param(database(instance_class=""), id="instance_class"),
        pytest.param(database(parameter_group=""), id="parameter_group"),
    ],
)
def test_what_rds_does_not_give_is_left_out(bare: Database) -> None:
    assert problems(of(bare)) == ()


@pytest.mark.parametrize("check", CHECKS)
def test_the_id_of_an_instance_names_region_account_check_and_resource(check: str) -> None:
    assert of(PLAIN, check)["Id"] == (
        f"eu-central-1/123456789012/rds-tls-audit/{check}/db-ORDERS-PROD"
    )


@pytest.mark.parametrize("check", CHECKS)
def test_a_cluster_carries_force_ssl_and_its_members_everything_else(check: str) -> None:
    resource_id = "cluster-LEDGER" if check == "force-ssl" else "db-LEDGER-1"

    written = of(MEMBER, check)

    assert written["Id"] == f"eu-central-1/123456789012/rds-tls-audit/{check}/{resource_id}"
    assert written["Id"] == finding_id(CHECKS[check], resource_for(CHECKS[check], MEMBER))


def test_the_id_outlives_a_new_name() -> None:
    renamed = replace(PLAIN, id="orders", arn="arn:aws:rds:eu-central-1:123456789012:db:orders")

    assert of(renamed)["Id"] == of(PLAIN)["Id"]


@pytest.mark.parametrize("check", CHECKS)
def test_the_generator_names_the_check(check: str) -> None:
    written = of(check=check)

    assert written["GeneratorId"] == f"rds-tls-audit/{check}"
    assert written["ProductName"] == "RDS TLS Audit"
    assert written["ProductFields"]["rds-tls-audit/check"] == check


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
def test_the_product_is_the_default_one_of_the_databases_own_account(
    kind: str, product_arn: str
) -> None:
    written = of(DATABASES[kind])

    assert written["ProductArn"] == product_arn
    assert written["AwsAccountId"] == "123456789012"
    assert written["Resources"][0]["Partition"] == DATABASES[kind].location.partition
    assert written["Resources"][0]["Region"] == DATABASES[kind].location.region


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
    written = of(check=check, told=state(status))

    assert severity_of(CHECKS[check], status) is label
    assert written["Severity"] == {"Label": label}
    assert written["FindingProviderFields"]["Severity"] == {"Label": label, "Original": status}


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
    assert of(told=state(status))["Compliance"]["Status"] == compliance


@pytest.mark.parametrize(
    ("archived", "record_state"), [(False, "ACTIVE"), (True, "ARCHIVED")], ids=["open", "archived"]
)
def test_the_record_is_active_until_it_is_archived(archived: bool, record_state: str) -> None:  # noqa: FBT001 - a parameter of the table
    assert of(told=replace(state(), archived=archived))["RecordState"] == record_state


def test_the_times_are_those_of_the_state() -> None:
    written = of()

    assert written["CreatedAt"] == written["FirstObservedAt"] == "2026-03-01T06:00:00.000Z"
    assert written["UpdatedAt"] == "2026-03-01T08:00:00.000Z"
    assert written["LastObservedAt"] == "2026-03-01T09:00:00.000Z"


def test_a_time_is_written_in_utc_to_the_millisecond() -> None:
    moment = datetime(2026, 3, 1, 1, 2, 3, 456789, tzinfo=timezone(timedelta(hours=-5)))

    assert timestamp(moment) == "2026-03-01T06:02:03.456Z"


@pytest.mark.parametrize("check", CHECKS)
def test_the_title_is_the_same_in_every_status_and_ends_with_the_database(check: str) -> None:
    titles = {of(check=check, told=state(status))["Title"] for status in Status}

    assert titles == {f"RDS TLS: {CHECKS[check].title}: orders-prod"}


def test_the_title_of_a_clusters_finding_ends_with_the_cluster() -> None:
    assert of(MEMBER, "force-ssl")["Title"].endswith(": ledger")


def test_the_description_is_a_sentence() -> None:
    told = state(because="a connection without TLS is accepted")

    assert of(told=told)["Description"] == "A connection without TLS is accepted."


def test_a_long_description_ends_where_it_is_cut() -> None:
    description = of(told=state(because="because " * 625))["Description"]

    assert len(description) == 1024
    assert description.endswith("…")


def test_pci_is_claimed_only_where_the_database_is_public() -> None:
    public = of(DATABASES["public"])["Compliance"]["RelatedRequirements"]
    private = of(PLAIN)["Compliance"]["RelatedRequirements"]

    assert set(public) - set(private) == {"PCI DSS v4.0.1/4.2.1"}
    assert not [requirement for requirement in private if "PCI" in requirement]


@pytest.mark.parametrize("status", Status)
def test_what_belongs_to_reviewers_and_the_hub_is_never_sent(status: Status) -> None:
    theirs = {"Workflow", "Note", "UserDefinedFields", "VerificationState", "WorkflowState"}

    assert not {*theirs, "Region", "ProcessedAt", "Confidence"} & of(told=state(status)).keys()


def test_the_resource_is_the_instance_with_its_details() -> None:
    (resource,) = of()["Resources"]

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


def test_the_clusters_apply_status_is_not_told_of_a_members_own_group() -> None:
    details = of(MEMBER)["Resources"][0]["Details"]["AwsRdsDbInstance"]

    assert details["DBClusterIdentifier"] == "ledger"
    assert details["DbParameterGroups"] == [{"DbParameterGroupName": "pg16"}]


def test_the_resource_of_a_clusters_finding_is_the_cluster() -> None:
    (resource,) = of(MEMBER, "force-ssl")["Resources"]

    assert resource["Type"] == "AwsRdsDbCluster"
    assert resource["Id"] == "arn:aws:rds:eu-central-1:123456789012:cluster:ledger"
    assert resource["Details"]["AwsRdsDbCluster"]["DbClusterParameterGroup"] == "aurora16"


def test_tags_are_left_out_where_there_are_none_of_the_owners() -> None:
    assert "Tags" not in of(PLAIN)["Resources"][0]
    assert "Tags" not in of(DATABASES["tagged-by-aws"])["Resources"][0]


def test_the_owner_is_told_where_there_is_one() -> None:
    written = of(background=replace(BACKGROUND, owner="orders team"))

    assert written["ProductFields"]["rds-tls-audit/owner"] == "orders team"
    assert "rds-tls-audit/owner" not in of()["ProductFields"]
