"""How these tests look at what the deployed stack has done and may do."""

import json

from tests.e2e.conftest import Deployment

MOST_STATE_DATA = 200_000


def results(deployment: Deployment, run_id: str) -> dict[str, dict[str, str]]:
    """Give status by check and database, as the run bucket has them."""
    s3 = deployment.emulator.client("s3")
    bucket = deployment.stack.outputs["RunBucket"]
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=f"runs/{run_id}/results/")["Contents"]
    batches = [
        json.loads(s3.get_object(Bucket=bucket, Key=it["Key"])["Body"].read()) for it in listed
    ]
    return {
        database["id"]: {it["check"]: it["status"] for it in database["verdicts"]}
        for batch in batches
        for database in batch["databases"]
    }


def page(deployment: Deployment, key: str) -> str:
    """Give a page as the run bucket has it."""
    stored = deployment.emulator.client("s3").get_object(
        Bucket=deployment.stack.outputs["RunBucket"], Key=key
    )
    return str(stored["Body"].read().decode())


def run_id(arn: str) -> str:
    return arn.rpartition(":")[2]


def granted(deployment: Deployment, role: str) -> set[str]:
    """Give the actions that the policies of a role allow."""
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
        for action in _listed(statement["Action"])
    }


def _listed(actions: str | list[str]) -> list[str]:
    return [actions] if isinstance(actions, str) else actions
