"""Properties of the template that no emulator enforces: network, keys, schedules, and others."""

import json

import pytest

from tests.support.builders import settings
from tests.support.template import RESOURCES, template

FUNCTIONS = {
    name: resource["Properties"]
    for name, resource in RESOURCES.items()
    if resource["Type"] == "AWS::Serverless::Function"
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_its_own_role_and_a_log_group_with_limited_retention(name: str) -> None:
    properties = FUNCTIONS[name]
    stage = name.removesuffix("Function")

    assert properties["Role"] == {"GetAtt": f"{stage}Role.Arn"}
    assert properties["LoggingConfig"]["LogGroup"] == {"Ref": f"{stage}LogGroup"}
    assert "RetentionInDays" in RESOURCES[f"{stage}LogGroup"]["Properties"]


def test_the_probe_is_the_only_function_in_the_vpc_and_exists_only_with_one() -> None:
    assert RESOURCES["ProbeFunction"]["Condition"] == "InVpc"
    assert set(FUNCTIONS["ProbeFunction"]["VpcConfig"]) == {"SecurityGroupIds", "SubnetIds"}
    others = (properties for name, properties in FUNCTIONS.items() if name != "ProbeFunction")
    assert not any("VpcConfig" in properties for properties in others)


def test_the_probe_can_connect_only_to_the_database_ports() -> None:
    group = RESOURCES["ProbeSecurityGroup"]["Properties"]
    egress = [rule["If"][1] if "If" in rule else rule for rule in group["SecurityGroupEgress"]]

    assert "SecurityGroupIngress" not in group
    for position, rule in enumerate(egress):
        port = {"Select": [position, {"Ref": "DatabasePorts"}]}
        assert (rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) == ("tcp", port, port)


def test_the_audit_function_is_deployed_only_on_request() -> None:
    parts = {
        name: resource for name, resource in RESOURCES.items() if name.startswith("AuditFunction")
    }
    parts |= {name: RESOURCES[name] for name in ("AuditRole", "AuditLogGroup")}

    assert {resource["Condition"] for resource in parts.values()} == {"AuditDeployed"}
    assert template()["Parameters"]["DeployAudit"]["Default"] == "false"


def test_each_schedule_has_its_input_and_a_generated_name() -> None:
    events = RESOURCES["AuditStateMachine"]["Properties"]["Events"]

    inputs = {name: json.loads(event["Properties"]["Input"]) for name, event in events.items()}
    assert inputs == {
        "Full": {"kind": "full"},
        "Sample": {"kind": "sample", "spread": True},
    }
    assert all(event["Properties"]["OmitName"] for event in events.values())


def test_an_alarm_for_failed_executions_can_publish_to_the_encrypted_topic() -> None:
    alarm = RESOURCES["FailedExecutions"]["Properties"]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/States", "ExecutionsFailed")
    assert alarm["AlarmActions"] == [{"Ref": "Topic"}]
    assert RESOURCES["Topic"]["Properties"]["KmsMasterKeyId"] == {"Ref": "TopicKey"}
    policy = RESOURCES["TopicKey"]["Properties"]["KeyPolicy"]["Statement"]
    (cloudwatch,) = [statement for statement in policy if "Service" in statement["Principal"]]
    assert cloudwatch["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert cloudwatch["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]


RULES = ["InstanceEvents", "ClusterEvents", "ParameterGroupEvents", "ClusterConfigurationCalls"]


@pytest.mark.parametrize("name", RULES)
def test_a_rule_sends_only_selected_events_of_rds_to_the_queue(name: str) -> None:
    rule = RESOURCES[name]["Properties"]
    pattern = rule["EventPattern"]

    assert rule["Targets"] == [{"Id": "queue", "Arn": {"GetAtt": "RecheckQueue.Arn"}}]
    assert pattern["source"] == ["aws.rds"]
    narrowed_by = {"EventID", "eventName"} & pattern["detail"].keys()
    assert narrowed_by
    assert all(pattern["detail"][field] for field in narrowed_by)


def test_the_deletion_of_a_database_does_not_trigger_a_recheck() -> None:
    ids = [
        event_id
        for name in RULES
        for event_id in RESOURCES[name]["Properties"]["EventPattern"]["detail"].get("EventID", [])
    ]

    assert len(ids) == len(set(ids))
    assert {"RDS-EVENT-0003", "RDS-EVENT-0171"} & set(ids) == set()


def test_the_queue_accepts_messages_only_from_these_rules() -> None:
    rules = {
        name for name, resource in RESOURCES.items() if resource["Type"] == "AWS::Events::Rule"
    }
    policy = RESOURCES["RecheckQueuePolicy"]["Properties"]
    (statement,) = policy["PolicyDocument"]["Statement"]

    assert rules == set(RULES)
    assert policy["Queues"] == [{"Ref": "RecheckQueue"}]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Action"] == "sqs:SendMessage"
    assert statement["Condition"] == {
        "ArnEquals": {"aws:SourceArn": [{"GetAtt": f"{name}.Arn"} for name in RULES]}
    }


def test_a_burst_is_batched_and_malformed_messages_go_to_the_dead_letter_queue() -> None:
    queue = RESOURCES["RecheckQueue"]["Properties"]
    function = FUNCTIONS["RecheckFunction"]
    source = function["Events"]["Changes"]["Properties"]

    assert queue["DelaySeconds"] == {"Ref": "RecheckDelaySeconds"}
    assert queue["RedrivePolicy"] == {
        "deadLetterTargetArn": {"GetAtt": "RecheckDeadLetters.Arn"},
        "maxReceiveCount": 5,
    }
    assert source["BatchSize"] == 1000
    assert source["ScalingConfig"] == {"MaximumConcurrency": 2}
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    window = template()["Parameters"]["RecheckWindowSeconds"]
    assert source["MaximumBatchingWindowInSeconds"] == {"Ref": "RecheckWindowSeconds"}
    # Without a window, Lambda refuses a batch size above ten.
    assert window["MinValue"] >= 1
    assert queue["VisibilityTimeout"] == 6 * function["Timeout"] + window["MaxValue"]


def test_an_alarm_is_raised_for_messages_in_the_dead_letter_queue() -> None:
    alarm = RESOURCES["LostRechecks"]["Properties"]

    assert alarm["Namespace"] == "AWS/SQS"
    assert alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
    (dimension,) = alarm["Dimensions"]
    assert dimension["Value"] == {"GetAtt": "RecheckDeadLetters.QueueName"}
    assert alarm["AlarmActions"] == [{"Ref": "Topic"}]


def test_stored_data_is_private_and_encrypted() -> None:
    bucket = RESOURCES["RunBucket"]["Properties"]
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert bucket["BucketEncryption"]
    (deny,) = RESOURCES["RunBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    table = RESOURCES["StateTable"]["Properties"]
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    for queue in ("RecheckQueue", "RecheckDeadLetters"):
        assert RESOURCES[queue]["Properties"]["SqsManagedSseEnabled"] is True


@pytest.mark.parametrize(
    ("variable", "parameter"),
    [
        ("RESOLVE_ON_PASS", "ResolveOnPass"),
        ("DOCS_BASE_URL", "DocsBaseUrl"),
        ("PUBLISH_PASSED", "PublishPassed"),
        ("DEFER_TO_RDS38", "DeferToRds38"),
        ("OWNER_TAG", "OwnerTag"),
    ],
)
def test_a_parameter_reaches_every_function(variable: str, parameter: str) -> None:
    variables = template()["Globals"]["Function"]["Environment"]["Variables"]

    assert variables[variable] == {"Ref": parameter}


@pytest.mark.parametrize("function", ["ReportFunction", "AuditFunction"])
def test_a_function_that_closes_runs_knows_both_topics(function: str) -> None:
    variables = FUNCTIONS[function]["Environment"]["Variables"]

    assert variables["TOPIC_ARN"] == {"Ref": "Topic"}
    assert variables["CHAT_TOPIC_ARN"] == {"If": ["Chat", {"Ref": "ChatRoom"}, ""]}


@pytest.mark.parametrize(
    ("parameter", "default"),
    [
        ("ResolveOnPass", "true"),
        ("DocsBaseUrl", ""),
        ("ChatTopic", "false"),
        ("SampleMinutes", settings().sample_minutes),
    ],
)
def test_the_default_of_a_parameter_equals_that_of_its_setting(
    parameter: str, default: object
) -> None:
    assert template()["Parameters"][parameter]["Default"] == default


@pytest.mark.parametrize("bound", ["MinValue", "MaxValue"])
def test_the_limits_of_the_sampling_interval_are_valid_settings(bound: str) -> None:
    minutes = template()["Parameters"]["SampleMinutes"][bound]

    assert settings(SAMPLE_MINUTES=str(minutes)).sample_minutes == minutes


def test_a_stack_without_sampling_plans_no_samples() -> None:
    variables = template()["Globals"]["Function"]["Environment"]["Variables"]

    assert variables["SAMPLE_MINUTES"] == {"If": ["Sampled", {"Ref": "SampleMinutes"}, "0"]}
