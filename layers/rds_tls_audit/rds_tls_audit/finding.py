"""A finding in the AWS Security Finding Format, pure: what reviewers read in Security Hub.

Limits: https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from rds_tls_audit.check import Check
from rds_tls_audit.database import Database
from rds_tls_audit.finding_state import FindingState
from rds_tls_audit.subject import Subject, subject_of
from rds_tls_audit.text import cut
from rds_tls_audit.verdict import Severity, Status

type Finding = dict[str, Any]
"""ASFF, as BatchImportFindings takes it."""

PRODUCT = "RDS TLS Audit"
GENERATOR = "rds-tls-audit"
DOCUMENTATION = (
    "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html"
)

_TITLE, _DESCRIPTION, _REMEDY, _TAGS, _TAG_VALUE = 256, 1024, 512, 50, 256
_TYPE = "Software and Configuration Checks/AWS Security Best Practices/Data Encryption in Transit"
_STATUSES = {Status.UNKNOWN: "NOT_AVAILABLE"}
_ONE_BELOW = {Severity.HIGH: Severity.MEDIUM, Severity.MEDIUM: Severity.LOW}
_REQUIREMENTS = (
    "NIST.800-53.r5 SC-8",
    "NIST.800-53.r5 SC-8(1)",
    "NIST.800-53.r5 SC-8(2)",
    "NIST.800-53.r5 SC-13",
    "NIST.800-53.r5 SC-23",
)
_PUBLIC_REQUIREMENT = "PCI DSS v4.0.1/4.2.1"
"""About open, public networks only."""


def finding_id(check: Check, database: Database) -> str:
    """The Id; it never changes for a check and a resource, whatever they are called."""
    place = database.place
    resource_id = subject_of(check, database).resource_id
    return f"{place.region}/{place.account}/{GENERATOR}/{check.id}/{resource_id}"


def severity(check: Check, status: Status) -> Severity:
    """FAILED as the table says, WARNING one step below, UNKNOWN low, PASSED informational."""
    if status is Status.FAILED:
        return check.severity
    if status is Status.WARNING:
        return _ONE_BELOW.get(check.severity, Severity.LOW)
    return Severity.LOW if status is Status.UNKNOWN else Severity.INFORMATIONAL


def finding(database: Database, check: Check, state: FindingState, *, owner: str | None) -> Finding:
    """Write the finding that tells this state."""
    place = database.place
    subject = subject_of(check, database)
    public = [_PUBLIC_REQUIREMENT] if database.publicly_accessible else []
    return {
        "SchemaVersion": "2018-10-08",
        "Id": finding_id(check, database),
        "ProductArn": (
            f"arn:{place.partition}:securityhub:{place.region}:{place.account}"
            f":product/{place.account}/default"
        ),
        "ProductName": PRODUCT,
        "CompanyName": PRODUCT,
        "GeneratorId": f"{GENERATOR}/{check.id}",
        "AwsAccountId": place.account,
        "CreatedAt": timestamp(state.created_at),
        "FirstObservedAt": timestamp(state.created_at),
        "UpdatedAt": timestamp(state.updated_at),
        "LastObservedAt": timestamp(state.observed_at),
        "Title": cut(f"RDS TLS: {check.title}: {subject.id}", _TITLE),
        "Description": cut(f"{state.because[:1].upper()}{state.because[1:]}.", _DESCRIPTION),
        "Types": [_TYPE],
        "FindingProviderFields": {
            "Severity": {
                "Label": severity(check, state.status),
                "Original": state.status,
            },
            "Types": [_TYPE],
        },
        "Severity": {"Label": severity(check, state.status)},
        "Compliance": {
            "Status": _STATUSES.get(state.status, state.status),
            "RelatedRequirements": [*_REQUIREMENTS, *public],
        },
        "Remediation": {
            "Recommendation": {"Text": cut(check.remedy, _REMEDY), "Url": DOCUMENTATION}
        },
        "ProductFields": {
            "rds-tls-audit/check": check.id,
            **({"rds-tls-audit/owner": cut(owner, _TAG_VALUE)} if owner else {}),
        },
        "Resources": [_resource(database, subject)],
        "RecordState": "ARCHIVED" if state.archived else "ACTIVE",
    }


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _resource(database: Database, subject: Subject) -> Mapping[str, Any]:
    place = database.place
    tags = {
        key: cut(value, _TAG_VALUE)
        for key, value in list(database.tags.items())[:_TAGS]
        if value.strip() and not key.startswith("aws:")
    }
    return {
        "Type": "AwsRdsDbCluster" if subject.is_cluster else "AwsRdsDbInstance",
        "Id": subject.arn,
        "Partition": place.partition,
        "Region": place.region,
        **({"Tags": tags} if tags else {}),
        "Details": _cluster(database) if subject.is_cluster else _instance(database),
    }


def _cluster(database: Database) -> Mapping[str, Any]:
    if database.cluster is None:
        return {}
    return {
        "AwsRdsDbCluster": _given(
            DbClusterIdentifier=database.cluster.id,
            DbClusterResourceId=database.cluster.resource_id,
            DbClusterParameterGroup=database.cluster.parameter_group,
            Engine=database.engine,
            EngineVersion=database.engine_version,
        )
    }


def _instance(database: Database) -> Mapping[str, Any]:
    cluster, endpoint = database.cluster, database.endpoint
    group = _given(
        DbParameterGroupName=database.parameter_group,
        ParameterApplyStatus=None if cluster else database.apply_status,
    )
    return {
        "AwsRdsDbInstance": _given(
            DBInstanceIdentifier=database.id,
            DbiResourceId=database.resource_id,
            DBInstanceClass=database.instance_class,
            DBClusterIdentifier=cluster and cluster.id,
            Engine=database.engine,
            EngineVersion=database.engine_version,
            IAMDatabaseAuthenticationEnabled=database.iam_authentication,
            PubliclyAccessible=database.publicly_accessible,
            CACertificateIdentifier=database.ca_id,
            DbParameterGroups=[group] if group else None,
            Endpoint=endpoint and {"Address": endpoint.address, "Port": endpoint.port},
        )
    }


def _given(**fields: object) -> dict[str, Any]:
    """Leave out what RDS did not give."""
    return {name: value for name, value in fields.items() if value not in (None, "")}
