"""Checks in a real account what no emulator can prove about a stack. See verify-on-aws.md.

    python docs/verify_on_aws.py --stack rds-tls-audit
    python docs/verify_on_aws.py --stack rds-tls-audit --only run lock

Needs boto3, and credentials that can read the stack and start executions of its state machine.
The exit code is 1 if a check failed.
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
# A public address that a sealed probe can't reach.
OUTSIDE = {"address": "checkip.amazonaws.com", "port": 443}
UNREACHED = ("timed out", "cannot be reached", "cannot be resolved")
"""Parts of the reasons with which the probe reports that it could not connect."""

# Actions that each role must not be allowed.
FORBIDDEN = {
    "DiscoverRole": ["securityhub:BatchImportFindings", "rds-db:connect", "sns:Publish"],
    "ProbeRole": ["rds:DescribeDBInstances", "s3:GetObject", "securityhub:BatchImportFindings"],
    "PublishRole": ["rds:DescribeDBInstances", "rds-db:connect", "sns:Publish"],
    "ReportRole": ["rds:DescribeDBInstances", "rds-db:connect"],
    "RecheckRole": ["rds:DescribeDBInstances", "s3:PutObject", "states:StopExecution"],
    "StateMachineRole": ["rds:DescribeDBInstances", "s3:PutObject", "states:DeleteStateMachine"],
}


class CheckFailedError(Exception):
    """A check failed; the message says what was observed."""


class Stack:
    """A deployed stack."""

    def __init__(self, name: str) -> None:
        """Read the outputs and resources of the stack."""
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
        """Start an execution of the state machine, and return its ARN."""
        started = boto3.client("stepfunctions").start_execution(
            stateMachineArn=self.outputs["StateMachine"], input=json.dumps(asked)
        )
        return str(started["executionArn"])


def wait(execution: str) -> Mapping[str, Any]:
    """Wait until an execution ends, and return its description."""
    states = boto3.client("stepfunctions")
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        described: Mapping[str, Any] = states.describe_execution(executionArn=execution)
        if described["status"] != RUNNING:
            return described
        time.sleep(POLL_SECONDS)
    raise CheckFailedError(f"{execution} is still running after {PATIENCE_SECONDS} s")


def check_run(stack: Stack) -> str:
    """Check that a full run succeeds: permissions, the manifest, and every function."""
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
    """Check that one of two simultaneous full runs is skipped."""
    for _ in range(ATTEMPTS):
        executions = [stack.start({"kind": "full"}) for _ in range(2)]
        if any(wait(execution)["status"] != "SUCCEEDED" for execution in executions):
            raise CheckFailedError("a run failed")
        if any("Skipped" in entered(execution) for execution in executions):
            return "one ran, one was skipped"
    # In a small account, the first run can end before the second one begins.
    raise CheckFailedError(f"no second run was skipped in {ATTEMPTS} attempts")


def entered(execution: str) -> list[str]:
    """Return the names of the states that an execution entered."""
    events = boto3.client("stepfunctions").get_execution_history(executionArn=execution)["events"]
    details = (event.get("stateEnteredEventDetails") for event in events)
    return [it["name"] for it in details if it]


def check_findings(stack: Stack) -> str:
    """Count the findings of the audit in Security Hub."""
    del stack
    answer = boto3.client("securityhub").get_findings(
        Filters={"ProductName": [{"Value": "RDS TLS Audit", "Comparison": "EQUALS"}]},
        MaxResults=100,
    )
    found = len(answer["Findings"])
    return f"{found} findings (counted up to 100); 0 is correct only if every check passes"


def check_alarm(stack: Stack) -> str:
    """Set the alarm, to check that its key lets CloudWatch publish to the encrypted topic."""
    boto3.client("cloudwatch").set_alarm_state(
        AlarmName=stack.resources["FailedExecutions"],
        StateValue="ALARM",
        StateReason="verify_on_aws.py",
    )
    return "check the mailbox of a subscriber: the alarm must arrive within a minute"


def check_seal(stack: Stack) -> str:
    """Check that the probe can't reach an address on the internet."""
    function = stack.outputs.get("ProbeFunction")
    if function is None:
        return "the stack has no VPC, so there is no probe"
    order = {"run_id": "verify", "batch": 0, "kind": "named", "targets": [_outside_target()]}
    answer = boto3.client("lambda").invoke(FunctionName=function, Payload=json.dumps(order))
    seen = json.loads(answer["Payload"].read())
    plaintext = seen["witnessed"][0]["observation"]["plaintext"]
    if not any(words in plaintext.get("reason", "") for words in UNREACHED):
        raise CheckFailedError(f"the probe reached {OUTSIDE}: {plaintext}")
    return str(plaintext["reason"])


def check_rights(stack: Stack) -> str:
    """Check that no role has the permissions of another one."""
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
    """Run the requested checks."""
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
