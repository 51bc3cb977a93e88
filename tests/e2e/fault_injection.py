"""Injects faults into the deployed stack for as long as a `with` block lasts."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from tests.e2e.conftest import Deployment

SILENT_DATABASE = "silent-prod"


@contextmanager
def silent_database(deployment: Deployment) -> Iterator[None]:
    """Add a database that accepts connections but never responds, so its probe times out."""
    account = deployment.demo_account.aws
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(32)
        account.create_database(
            SILENT_DATABASE,
            engine_version="17.4",
            host="localhost",
            port=listener.getsockname()[1],
            tags={"Owner": "platform"},
        )
        try:
            yield
        finally:
            account.client("rds").delete_db_instance(
                DBInstanceIdentifier=SILENT_DATABASE, SkipFinalSnapshot=True
            )


@contextmanager
def probe_with_timeout(deployment: Deployment, seconds: int) -> Iterator[None]:
    """Set the timeout of the probe function, for example below the deadline of a database."""
    functions = deployment.emulator.client("lambda")
    name = deployment.stack.outputs["ProbeFunction"]
    functions.update_function_configuration(FunctionName=name, Timeout=seconds)
    try:
        yield
    finally:
        functions.update_function_configuration(FunctionName=name, Timeout=120)


@contextmanager
def broken_probe(deployment: Deployment) -> Iterator[None]:
    """Let each invocation of the probe function fail."""
    with probe_with_environment(deployment, RDS_CA_BUNDLE="/no/bundle"):
        yield


@contextmanager
def probe_with_environment(deployment: Deployment, **changed: str) -> Iterator[None]:
    """Change environment variables of the probe function."""
    functions = deployment.emulator.client("lambda")
    name = deployment.stack.outputs["ProbeFunction"]
    environment = functions.get_function_configuration(FunctionName=name)["Environment"]
    variables = environment["Variables"]
    functions.update_function_configuration(
        FunctionName=name, Environment={"Variables": {**variables, **changed}}
    )
    try:
        yield
    finally:
        functions.update_function_configuration(
            FunctionName=name, Environment={"Variables": variables}
        )


@contextmanager
def malformed_stored_state(deployment: Deployment, database: str) -> Iterator[None]:
    """Store a malformed state of a database in the table, so that `publish` fails for it."""
    instances = deployment.demo_account.aws.client("rds").describe_db_instances(
        DBInstanceIdentifier=database
    )["DBInstances"]
    key = {
        "pk": {"S": f"db#{instances[0]['DbiResourceId']}"},
        "sk": {"S": "check#malformed"},
    }
    table = {"TableName": deployment.stack.outputs["StateTable"]}
    dynamodb = deployment.emulator.client("dynamodb")
    malformed = {"schema_version": {"N": "1"}, "state": {"S": "malformed"}}
    dynamodb.put_item(**table, Item=key | malformed)
    try:
        yield
    finally:
        dynamodb.delete_item(**table, Key=key)
