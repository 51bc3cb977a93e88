"""The permissions of each role and their scope, which no emulator enforces completely."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.template import RESOURCES

LOGS = {"logs:CreateLogStream", "logs:PutLogEvents"}
TRACES = {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}
# All actions that each role allows.
PERMISSIONS = {
    "DiscoverRole": LOGS
    | TRACES
    | {
        *("rds:DescribeDBInstances", "rds:DescribeDBClusters", "rds:DescribeCertificates"),
        *("rds:DescribeDBParameters", "rds:DescribeDBClusterParameters"),
        *("dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem"),
        *("s3:GetObject", "s3:ListBucket", "s3:PutObject"),
    },
    "ProbeRole": LOGS
    | TRACES
    | {
        *("rds-db:connect", "secretsmanager:GetSecretValue"),
        *("ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"),
        *("ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"),
        *("ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"),
    },
    "PublishRole": LOGS
    | TRACES
    | {
        *("dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"),
        "s3:PutObject",
        *("securityhub:BatchImportFindings", "securityhub:BatchUpdateFindings"),
        "securityhub:GetFindings",
    },
    "ReportRole": LOGS
    | TRACES
    | {
        *("dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:GetItem"),
        *("dynamodb:PutItem", "dynamodb:Query"),
        *("securityhub:BatchImportFindings", "securityhub:BatchUpdateFindings"),
        "securityhub:GetFindings",
        *("sns:Publish", "kms:Decrypt", "kms:GenerateDataKey"),
        *("s3:GetObject", "s3:ListBucket", "s3:PutObject"),
    },
    "RecheckRole": LOGS
    | TRACES
    | {
        *("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"),
        *("states:StartExecution", "s3:GetObject", "s3:ListBucket"),
    },
    "StateMachineRole": TRACES
    | {
        *("lambda:InvokeFunction", "s3:GetObject", "states:StartExecution"),
        *("states:DescribeExecution", "states:StopExecution"),
        *("logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:GetLogDelivery"),
        *("logs:ListLogDeliveries", "logs:UpdateLogDelivery", "logs:PutResourcePolicy"),
        *("logs:DescribeLogGroups", "logs:DescribeResourcePolicies"),
    },
}
# Actions that support no resource-level permissions.
WITHOUT_RESOURCE = TRACES | {
    "rds:DescribeCertificates",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "securityhub:BatchUpdateFindings",
    "securityhub:GetFindings",
    *(action for action in PERMISSIONS["StateMachineRole"] if action.startswith("logs:")),
}


def statements(role: str) -> Iterator[dict[str, Any]]:
    """Yield the statements of a role's policies, including conditional ones."""
    properties = RESOURCES[role]["Properties"]
    documents = [
        *(policy["PolicyDocument"] for policy in properties.get("Policies", [])),
        *(
            RESOURCES[attached["Ref"]]["Properties"]["PolicyDocument"]
            for attached in properties["ManagedPolicyArns"]
        ),
        *(
            resource["Properties"]["PolicyDocument"]
            for resource in RESOURCES.values()
            if resource["Type"] == "AWS::IAM::Policy"
            and {"Ref": role} in resource["Properties"]["Roles"]
        ),
    ]
    for document in documents:
        for statement in document["Statement"]:
            yield statement["If"][1] if "If" in statement else statement


def as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("role", PERMISSIONS)
def test_a_role_allows_exactly_the_listed_actions(role: str) -> None:
    actions = {action for statement in statements(role) for action in as_list(statement["Action"])}

    assert actions == PERMISSIONS[role]
    assert {statement["Effect"] for statement in statements(role)} == {"Allow"}


@pytest.mark.parametrize("role", PERMISSIONS)
def test_only_actions_without_resource_are_allowed_on_all_resources(role: str) -> None:
    on_all_resources = {
        action
        for statement in statements(role)
        for action in as_list(statement["Action"])
        if "*" in as_list(statement["Resource"])
    }

    assert on_all_resources <= WITHOUT_RESOURCE


def test_the_probe_can_log_in_only_as_the_database_user_of_the_audit() -> None:
    (connect,) = [
        statement
        for statement in statements("ProbeRole")
        if statement["Action"] == "rds-db:connect"
    ]

    assert connect["Resource"]["Sub"].endswith(":dbuser:*/${DatabaseUser}")


def test_recheck_can_start_only_the_state_machine_of_the_stack() -> None:
    (start,) = [
        statement
        for statement in statements("RecheckRole")
        if statement["Action"] == "states:StartExecution"
    ]

    assert start["Resource"] == {"Ref": "AuditStateMachine"}


@pytest.mark.parametrize(
    ("role", "objects"),
    [
        ("DiscoverRole", ["latest/full.json", "runs/*/batches.json", "runs/*/results/*"]),
        ("RecheckRole", ["latest/full.json", "runs/*/batches.json"]),
    ],
)
def test_discover_and_recheck_read_only_the_data_of_the_latest_full_run(
    role: str, objects: list[str]
) -> None:
    (get,) = [statement for statement in statements(role) if statement["Action"] == "s3:GetObject"]

    assert get["Resource"] == [{"Sub": f"${{RunBucket.Arn}}/{key}"} for key in objects]


@pytest.mark.parametrize("role", ["DiscoverRole", "RecheckRole"])
def test_discover_and_recheck_can_list_keys_so_that_a_missing_object_is_not_an_access_error(
    role: str,
) -> None:
    (listing,) = [
        statement for statement in statements(role) if statement["Action"] == "s3:ListBucket"
    ]

    # GetObject has no prefix, so the condition must hold if it is missing.
    assert set(listing["Condition"]) == {"StringLikeIfExists"}


type PartitionAccess = set[tuple[str, str]]
"""Actions on the state table, each with a partition."""


def partition_access(role: str) -> PartitionAccess:
    """Return the actions that a role allows on the state table, each with a partition."""
    return {
        (action.removeprefix("dynamodb:"), partition)
        for statement in statements(role)
        for action in as_list(statement["Action"])
        if action.startswith("dynamodb:")
        for condition in statement["Condition"].values()
        for partition in condition["dynamodb:LeadingKeys"]
    }


# The access that the code needs: to finding states with their outbox entries, observed clients, the
# inventory, the delivery progress of each topic, the run lock, and the run history.
FINDING_STATES = {
    ("DeleteItem", "db#*"),
    ("PutItem", "db#*"),
    ("PutItem", "untold"),
    ("Query", "db#*"),
}
OBSERVED_CLIENTS = {
    ("GetItem", "db#*"),
    ("Query", "db#*"),
    ("PutItem", "db#*"),
    ("DeleteItem", "db#*"),
}
LOCK = {("DeleteItem", "run"), ("GetItem", "run"), ("PutItem", "run")}
NEEDED_ACCESS: dict[str, PartitionAccess] = {
    "DiscoverRole": LOCK,
    "PublishRole": FINDING_STATES | OBSERVED_CLIENTS,
    "ReportRole": FINDING_STATES
    | LOCK
    | {("GetItem", "db#*"), ("Query", "run")}
    | {("Query", "untold"), ("BatchWriteItem", "untold")}
    | {("Query", "resources"), ("PutItem", "resources")},
}


@pytest.mark.parametrize("role", NEEDED_ACCESS)
def test_a_role_has_access_to_every_partition_that_its_code_needs(role: str) -> None:
    assert NEEDED_ACCESS[role] <= partition_access(role)


@pytest.mark.parametrize("role", NEEDED_ACCESS)
def test_a_role_has_no_access_to_other_partitions(role: str) -> None:
    assert partition_access(role) <= NEEDED_ACCESS[role]


@pytest.mark.parametrize("role", NEEDED_ACCESS)
def test_every_permission_on_the_table_is_limited_to_partitions(role: str) -> None:
    conditions = [
        statement["Condition"]
        for statement in statements(role)
        if any(action.startswith("dynamodb:") for action in as_list(statement["Action"]))
    ]

    assert all(
        set(it) <= {"ForAllValues:StringEquals", "ForAllValues:StringLike"} for it in conditions
    )
    assert all(set(inner) == {"dynamodb:LeadingKeys"} for it in conditions for inner in it.values())


@pytest.mark.parametrize(
    ("role", "objects"),
    [
        ("DiscoverRole", ["runs/*/batches.json", "runs/*/left_out.json"]),
        ("PublishRole", ["runs/*/results/*"]),
        ("ReportRole", ["latest/full.json", "latest/report.html", "runs/*/report.html"]),
    ],
)
def test_a_role_can_write_only_its_own_objects(role: str, objects: list[str]) -> None:
    (put,) = [statement for statement in statements(role) if statement["Action"] == "s3:PutObject"]

    assert as_list(put["Resource"]) == [{"Sub": f"${{RunBucket.Arn}}/{key}"} for key in objects]


@pytest.mark.parametrize("role", ["PublishRole", "ReportRole"])
def test_findings_can_be_imported_only_for_the_default_product_of_the_account(role: str) -> None:
    (imports,) = [
        statement
        for statement in statements(role)
        if "securityhub:BatchImportFindings" in as_list(statement["Action"])
    ]

    assert imports["Resource"]["Sub"].endswith(":product/${AWS::AccountId}/default")


@pytest.mark.parametrize("role", ["PublishRole", "ReportRole"])
def test_the_workflow_status_can_only_be_set_to_resolved(role: str) -> None:
    (update,) = [
        statement
        for statement in statements(role)
        if statement["Action"] == "securityhub:BatchUpdateFindings"
    ]

    assert update["Condition"]["StringEquals"] == {
        "securityhub:ASFFSyntaxPath/Workflow.Status": "RESOLVED"
    }


def test_report_can_publish_to_the_topic_and_to_the_chat_topic_if_there_is_one() -> None:
    (publish,) = [
        statement for statement in statements("ReportRole") if statement["Action"] == "sns:Publish"
    ]

    assert publish["Resource"] == [
        {"Ref": "Topic"},
        {"If": ["Chat", {"Ref": "ChatRoom"}, {"Ref": "AWS::NoValue"}]},
    ]
    assert RESOURCES["ChatRoom"]["Condition"] == "Chat"
    assert RESOURCES["ChatRoom"]["Properties"]["KmsMasterKeyId"] == {"Ref": "TopicKey"}
