"""An emulated account with instances and clusters of several kinds."""

from collections.abc import Iterator

import pytest
from mypy_boto3_rds import RDSClient

from emulation.account import LocalAccount
from emulation.pki import Authority


@pytest.fixture(scope="module")
def account() -> Iterator[LocalAccount]:
    with LocalAccount() as running:
        running.create_parameter_group("pg16-clear", "postgres16", {"rds.force_ssl": "0"})
        running.create_parameter_group("aurora16", "aurora-postgresql16", {}, cluster=True)
        running.create_database("orders-prod", group="pg16-clear", tags={"Owner": "orders"})
        running.create_database("billing", engine_version="14.9", iam=True, port=5433)
        running.create_database("shop", engine="mysql", engine_version="8.0.35")
        running.create_cluster("ledger", group="aurora16", members=["ledger-1", "ledger-2"])
        yield running


@pytest.fixture(scope="module")
def rds(account: LocalAccount) -> RDSClient:
    client: RDSClient = account.client("rds")
    return client


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority.create("Local RDS Root CA")
