"""What no emulator enforces of each role: its rights, and how far they reach."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.template import RESOURCES

LOGS = {"logs:CreateLogStream", "logs:PutLogEvents"}
TRACES = {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}
# Everything that each role may do.
RIGHTS = {
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
# Actions that take no resource.
ON_EVERYTHING = TRACES | {
    "rds:DescribeCertificates",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "securityhub:BatchUpdateFindings",
    "securityhub:GetFindings",
    *(action for action in RIGHTS["StateMachineRole"] if action.startswith("logs:")),
}


def statements(role: str) -> Iterator[dict[str, Any]]:
    """Yield the statements of a role's policies, those on a condition too."""
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


def listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("role", RIGHTS)
def test_a_role_has_the_rights_that_are_listed_here_and_no_other(role: str) -> None:
    actions = {action for it in statements(role) for action in listed(it["Action"])}

    assert actions == RIGHTS[role]
    assert {it["Effect"] for it in statements(role)} == {"Allow"}


@pytest.mark.parametrize("role", RIGHTS)
def test_only_what_takes_no_resource_is_allowed_on_everything(role: str) -> None:
    on_everything = {
        action
        for it in statements(role)
        for action in listed(it["Action"])
        if "*" in listed(it["Resource"])
    }

    assert on_everything <= ON_EVERYTHING


def test_the_probe_logs_in_as_its_own_role_alone() -> None:
    (connect,) = [it for it in statements("ProbeRole") if it["Action"] == "rds-db:connect"]

    assert connect["Resource"]["Sub"].endswith(":dbuser:*/${DatabaseUser}")


def test_recheck_starts_the_one_state_machine() -> None:
    (start,) = [it for it in statements("RecheckRole") if it["Action"] == "states:StartExecution"]

    assert start["Resource"] == {"Ref": "AuditStateMachine"}


@pytest.mark.parametrize(
    ("role", "objects"),
    [
        ("DiscoverRole", ["latest/full.json", "runs/*/batches.json", "runs/*/results/*"]),
        ("RecheckRole", ["latest/full.json", "runs/*/batches.json"]),
    ],
)
def test_who_goes_by_the_last_full_run_reads_no_page_of_it(role: str, objects: list[str]) -> None:
    (get,) = [it for it in statements(role) if it["Action"] == "s3:GetObject"]

    assert get["Resource"] == [{"Sub": f"${{RunBucket.Arn}}/{it}"} for it in objects]


@pytest.mark.parametrize("role", ["DiscoverRole", "RecheckRole"])
def test_who_goes_by_the_last_full_run_may_be_told_that_there_is_none(role: str) -> None:
    (listing,) = [it for it in statements(role) if it["Action"] == "s3:ListBucket"]

    # A GetObject has no prefix: the condition holds only "if exists".
    assert set(listing["Condition"]) == {"StringLikeIfExists"}


type Reach = set[tuple[str, str]]
"""Actions on the table, each with a partition."""


def reach(role: str) -> Reach:
    """Give what a role may do in the table, and in which partitions."""
    return {
        (action.removeprefix("dynamodb:"), partition)
        for it in statements(role)
        for action in listed(it["Action"])
        if action.startswith("dynamodb:")
        for condition in it["Condition"].values()
        for partition in condition["dynamodb:LeadingKeys"]
    }


# What the code asks for: the states and their notes, who was seen, the inventory, the topics, the
# lock and the runs that were.
STATES = {
    ("DeleteItem", "db#*"),
    ("PutItem", "db#*"),
    ("PutItem", "untold"),
    ("Query", "db#*"),
}
SIGHTINGS = {("GetItem", "db#*"), ("Query", "db#*"), ("PutItem", "db#*"), ("DeleteItem", "db#*")}
LOCK = {("DeleteItem", "run"), ("GetItem", "run"), ("PutItem", "run")}
REACHED: dict[str, Reach] = {
    "DiscoverRole": LOCK,
    "PublishRole": STATES | SIGHTINGS,
    "ReportRole": STATES
    | LOCK
    | {("GetItem", "db#*"), ("Query", "run")}
    | {("Query", "untold"), ("BatchWriteItem", "untold")}
    | {("Query", "resources"), ("PutItem", "resources")},
}


@pytest.mark.parametrize("role", REACHED)
def test_a_role_reaches_every_partition_that_its_code_asks_for(role: str) -> None:
    assert REACHED[role] <= reach(role)


@pytest.mark.parametrize("role", REACHED)
def test_a_role_reaches_nothing_else_in_the_table(role: str) -> None:
    assert reach(role) <= REACHED[role]


@pytest.mark.parametrize("role", REACHED)
def test_every_right_in_the_table_is_narrowed_to_partitions(role: str) -> None:
    conditions = [
        it["Condition"]
        for it in statements(role)
        if any(action.startswith("dynamodb:") for action in listed(it["Action"]))
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
def test_a_role_writes_its_own_objects_of_the_bucket_alone(role: str, objects: list[str]) -> None:
    (put,) = [it for it in statements(role) if it["Action"] == "s3:PutObject"]

    assert listed(put["Resource"]) == [{"Sub": f"${{RunBucket.Arn}}/{it}"} for it in objects]


@pytest.mark.parametrize("role", ["PublishRole", "ReportRole"])
def test_findings_are_imported_as_the_accounts_own_product_alone(role: str) -> None:
    (imports,) = [
        it for it in statements(role) if "securityhub:BatchImportFindings" in listed(it["Action"])
    ]

    assert imports["Resource"]["Sub"].endswith(":product/${AWS::AccountId}/default")


@pytest.mark.parametrize("role", ["PublishRole", "ReportRole"])
def test_the_workflow_can_be_set_to_resolved_and_to_nothing_else(role: str) -> None:
    (update,) = [it for it in statements(role) if it["Action"] == "securityhub:BatchUpdateFindings"]

    assert update["Condition"]["StringEquals"] == {
        "securityhub:ASFFSyntaxPath/Workflow.Status": "RESOLVED"
    }


def test_report_may_tell_the_topic_and_where_there_is_one_the_chat() -> None:
    (tell,) = [it for it in statements("ReportRole") if it["Action"] == "sns:Publish"]

    assert tell["Resource"] == [
        {"Ref": "Topic"},
        {"If": ["Chat", {"Ref": "ChatRoom"}, {"Ref": "AWS::NoValue"}]},
    ]
    assert RESOURCES["ChatRoom"]["Condition"] == "Chat"
    assert RESOURCES["ChatRoom"]["Properties"]["KmsMasterKeyId"] == {"Ref": "TopicKey"}
