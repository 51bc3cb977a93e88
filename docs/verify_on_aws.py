"""Checks a deployed stack in a real account: what no emulator proves. See verify-on-aws.md.

    python docs/verify_on_aws.py --stack rds-tls-audit
    python docs/verify_on_aws.py --stack rds-tls-audit --only run lock

Needs boto3 and credentials that may read the stack and start executions of its state machine.
Ends with 1 where a check failed.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import boto3

PATIENCE_SECONDS = 1_800
POLL_SECONDS = 2
ATTEMPTS = 3
RUNNING = "RUNNING"
# Nothing of ours: a public address that a sealed probe cannot reach.
OUTSIDE = {"address": "checkip.amazonaws.com", "port": 443}
UNREACHED = ("timed out", "cannot be reached", "cannot be resolved")
"""How the probe tells that it got no connection."""

# What each role must not be able to do.
FORBIDDEN = {
    "DiscoverRole": ["securityhub:BatchImportFindings", "rds-db:connect", "sns:Publish"],
    "ProbeRole": ["rds:DescribeDBInstances", "s3:GetObject", "securityhub:BatchImportFindings"],
    "PublishRole": ["rds:DescribeDBInstances", "rds-db:connect", "sns:Publish"],
    "ReportRole": ["rds:DescribeDBInstances", "rds-db:connect"],
    "RecheckRole": ["rds:DescribeDBInstances", "s3:PutObject", "states:StopExecution"],
    "StateMachineRole": ["rds:DescribeDBInstances", "s3:PutObject", "states:DeleteStateMachine"],
}


class CheckFailedError(Exception):
    """What was expected is not so; the text says what was seen."""


class Stack:
    """The deployed stack."""

    def __init__(self, name: str) -> None:
        """Read its outputs and resources."""
        cloudformation = boto3.client("cloudformation")
        described = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        self.outputs = {it["OutputKey"]: it["OutputValue"] for it in described["Outputs"]}
        pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
        self.resources = {
            it["LogicalResourceId"]: it["PhysicalResourceId"]
            for page in pages
            for it in page["StackResourceSummaries"]
        }

    def start(self, asked: Mapping[str, Any]) -> str:
        """Start an execution."""
        started = boto3.client("stepfunctions").start_execution(
            stateMachineArn=self.outputs["StateMachine"], input=json.dumps(asked)
        )
        return str(started["executionArn"])


def wait(execution: str) -> Mapping[str, Any]:
    """Wait until an execution ends."""
    states = boto3.client("stepfunctions")
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        described: Mapping[str, Any] = states.describe_execution(executionArn=execution)
        if described["status"] != RUNNING:
            return described
        time.sleep(POLL_SECONDS)
    raise CheckFailedError(f"{execution} still runs after {PATIENCE_SECONDS} s")


def check_run(stack: Stack) -> str:
    """A full run succeeds: the state machine's own rights, the manifest, every function."""
    execution = stack.start({"kind": "full"})
    ended = wait(execution)
    if ended["status"] != "SUCCEEDED":
        raise CheckFailedError(f"{ended['status']}: {ended.get('error')} {ended.get('cause')}")
    states = boto3.client("stepfunctions")
    counts = [
        states.describe_map_run(mapRunArn=run["mapRunArn"])["itemCounts"]
        for run in states.list_map_runs(executionArn=execution)["mapRuns"]
    ]
    if any(count["failed"] or count["timedOut"] for count in counts):
        raise CheckFailedError(f"batches failed: {counts}")
    return f"{ended.get('output', '')[:200]}"


def check_lock(stack: Stack) -> str:
    """Of two full runs at once one is skipped."""
    for _ in range(ATTEMPTS):
        executions = [stack.start({"kind": "full"}) for _ in range(2)]
        if any(wait(execution)["status"] != "SUCCEEDED" for execution in executions):
            raise CheckFailedError("a run failed")
        if any("Skipped" in entered(execution) for execution in executions):
            return "one ran, one was skipped"
    # In a small account the first may have ended before the second began.
    raise CheckFailedError(f"none of the second runs was skipped in {ATTEMPTS} attempts")


def entered(execution: str) -> list[str]:
    """The states that an execution entered."""
    events = boto3.client("stepfunctions").get_execution_history(executionArn=execution)["events"]
    details = (event.get("stateEnteredEventDetails") for event in events)
    return [it["name"] for it in details if it]


def check_findings(stack: Stack) -> str:
    """Findings of ours are in Security Hub."""
    del stack
    answer = boto3.client("securityhub").get_findings(
        Filters={"ProductName": [{"Value": "RDS TLS Audit", "Comparison": "EQUALS"}]},
        MaxResults=100,
    )
    found = len(answer["Findings"])
    return f"{found} findings, counted up to 100; none is right only where all is in order"


def check_alarm(stack: Stack) -> str:
    """The alarm can publish to the encrypted topic: its key admits CloudWatch."""
    boto3.client("cloudwatch").set_alarm_state(
        AlarmName=stack.resources["FailedExecutions"],
        StateValue="ALARM",
        StateReason="verify_on_aws.py",
    )
    return "look into the mail of a subscriber: the alarm must have come within a minute"


def check_seal(stack: Stack) -> str:
    """The probe reaches nothing but the databases."""
    function = stack.outputs.get("ProbeFunction")
    if function is None:
        return "no VPC was given, so there is no probe"
    order = {"run_id": "verify", "batch": 0, "kind": "named", "targets": [_outside_target()]}
    answer = boto3.client("lambda").invoke(FunctionName=function, Payload=json.dumps(order))
    seen = json.loads(answer["Payload"].read())
    plaintext = seen["witnessed"][0]["observation"]["plaintext"]
    if not any(words in plaintext.get("reason", "") for words in UNREACHED):
        raise CheckFailedError(f"the probe reached {OUTSIDE}: {plaintext}")
    return str(plaintext["reason"])


def check_rights(stack: Stack) -> str:
    """No role may do what another's work is."""
    iam = boto3.client("iam")
    allowed = []
    for role, actions in FORBIDDEN.items():
        if role not in stack.resources:
            continue
        arn = iam.get_role(RoleName=stack.resources[role])["Role"]["Arn"]
        results = iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=actions)
        allowed += [
            f"{role} {it['EvalActionName']}"
            for it in results["EvaluationResults"]
            if it["EvalDecision"] == "allowed"
        ]
    if allowed:
        raise CheckFailedError(f"allowed: {', '.join(allowed)}")
    return f"{sum(map(len, FORBIDDEN.values()))} actions are denied"


def _outside_target() -> Mapping[str, Any]:
    unknown = {"reason": "not asked"}
    return {
        "database": {
            "id": "outside",
            "arn": "arn:aws:rds:us-east-1:000000000000:db:outside",
            "resource_id": "db-OUTSIDE",
            "engine": "postgres",
            "engine_version": "17.0",
            "status": "available",
            "instance_class": "db.t4g.micro",
            "parameter_group": "none",
            "apply_status": None,
            "endpoint": OUTSIDE,
        },
        "configuration": {"group": unknown, "authority": unknown},
    }


CHECKS: Mapping[str, Callable[[Stack], str]] = {
    "run": check_run,
    "lock": check_lock,
    "findings": check_findings,
    "alarm": check_alarm,
    "seal": check_seal,
    "rights": check_rights,
}


def main() -> None:
    """Run the checks that were asked for."""
    summary, _, examples = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(
        description=summary, epilog=examples, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stack", required=True, help="name of the stack")
    parser.add_argument("--only", nargs="+", choices=CHECKS, default=list(CHECKS), metavar="CHECK")
    asked = parser.parse_args()
    stack = Stack(asked.stack)
    sys.stdout.write(f"{asked.stack} audits {stack.outputs['Scope']}\n")
    failed = 0
    for name in asked.only:
        try:
            verdict, words = "ok", CHECKS[name](stack)
        except CheckFailedError as error:
            verdict, words = "FAILED", str(error)
            failed += 1
        sys.stdout.write(f"{name:10} {verdict:7} {words}\n")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
