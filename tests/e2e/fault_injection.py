"""What goes wrong around the deployed stack, for as long as a test wants it to."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from tests.e2e.conftest import Deployment

SILENT = "silent-prod"


@contextmanager
def silent_database(deployment: Deployment) -> Iterator[None]:
    """A database that takes connections and never says a word: its probe runs out of time."""
    account = deployment.scene.account
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(32)
        account.create_database(
            SILENT,
            engine_version="17.4",
            host="localhost",
            port=silent.getsockname()[1],
            tags={"Owner": "platform"},
        )
        try:
            yield
        finally:
            account.client("rds").delete_db_instance(
                DBInstanceIdentifier=SILENT, SkipFinalSnapshot=True
            )


@contextmanager
def impatient_probe(deployment: Deployment, seconds: int) -> Iterator[None]:
    """Let the probe's own timeout be shorter than the deadline of a database."""
    functions = deployment.emulator.client("lambda")
    name = deployment.stack.outputs["ProbeFunction"]
    functions.update_function_configuration(FunctionName=name, Timeout=seconds)
    try:
        yield
    finally:
        functions.update_function_configuration(FunctionName=name, Timeout=120)


@contextmanager
def broken_probe(deployment: Deployment) -> Iterator[None]:
    """Let the probe fail whatever it is asked."""
    functions = deployment.emulator.client("lambda")
    name = deployment.stack.outputs["ProbeFunction"]
    environment = functions.get_function_configuration(FunctionName=name)["Environment"]
    variables = environment["Variables"]
    functions.update_function_configuration(
        FunctionName=name, Environment={"Variables": {**variables, "RDS_CA_BUNDLE": "/no/bundle"}}
    )
    try:
        yield
    finally:
        functions.update_function_configuration(
            FunctionName=name, Environment={"Variables": variables}
        )


@contextmanager
def broken_state(deployment: Deployment, database: str) -> Iterator[None]:
    """Spoil what the table holds of a database, so that `publish` fails on it."""
    instances = deployment.scene.account.client("rds").describe_db_instances(
        DBInstanceIdentifier=database
    )["DBInstances"]
    key = {
        "pk": {"S": f"db#{instances[0]['DbiResourceId']}"},
        "sk": {"S": "check#spoiled"},
    }
    table = {"TableName": deployment.stack.outputs["StateTable"]}
    dynamodb = deployment.emulator.client("dynamodb")
    spoiled = {"schema_version": {"N": "1"}, "state": {"S": "spoiled"}}
    dynamodb.put_item(**table, Item=key | spoiled)
    try:
        yield
    finally:
        dynamodb.delete_item(**table, Key=key)
