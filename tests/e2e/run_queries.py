"""Reads the results of runs and the permissions of roles from the deployed stack."""

import json

from tests.e2e.conftest import Deployment

MAX_STATE_DATA = 200_000


def read_statuses(deployment: Deployment, run_id: str) -> dict[str, dict[str, str]]:
    """Return the status of each check of each database, from the results in the run bucket."""
    s3 = deployment.emulator.client("s3")
    bucket = deployment.stack.outputs["RunBucket"]
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=f"runs/{run_id}/results/")["Contents"]
    batches = [
        json.loads(s3.get_object(Bucket=bucket, Key=result["Key"])["Body"].read())
        for result in listed
    ]
    return {
        database["id"]: {verdict["check"]: verdict["status"] for verdict in database["verdicts"]}
        for batch in batches
        for database in batch["databases"]
    }


def read_html_report(deployment: Deployment, key: str) -> str:
    """Return an HTML report from the run bucket."""
    stored = deployment.emulator.client("s3").get_object(
        Bucket=deployment.stack.outputs["RunBucket"], Key=key
    )
    return str(stored["Body"].read().decode())


def run_id(arn: str) -> str:
    """Return the id of the run that an execution performs: the execution's name."""
    return arn.rpartition(":")[2]


def seconds_in(deployment: Deployment, arn: str, state: str) -> float:
    """Return how long an execution was in a state that it entered once."""
    timestamps = {
        (side, event[f"state{side}EventDetails"]["name"]): event["timestamp"]
        for event in deployment.stack.history(arn)
        for side in ("Entered", "Exited")
        if f"state{side}EventDetails" in event
    }
    return float((timestamps["Exited", state] - timestamps["Entered", state]).total_seconds())


def allowed_actions(deployment: Deployment, role: str) -> set[str]:
    """Return the actions that the policies of a role allow."""
    iam = deployment.emulator.client("iam")
    policies = [
        iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
    ]
    for attached in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        policy = iam.get_policy(PolicyArn=attached["PolicyArn"])["Policy"]
        version = iam.get_policy_version(
            PolicyArn=attached["PolicyArn"], VersionId=policy["DefaultVersionId"]
        )
        policies.append(version["PolicyVersion"]["Document"])
    return {
        action
        for policy in policies
        for statement in policy["Statement"]
        for action in _as_list(statement["Action"])
    }


def _as_list(actions: str | list[str]) -> list[str]:
    return [actions] if isinstance(actions, str) else actions
