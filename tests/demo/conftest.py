"""Provides an emulated account with instances and clusters of several kinds."""

from collections.abc import Iterator

import pytest
from mypy_boto3_rds import RDSClient

from emulation.account import EmulatedAccount
from emulation.pki import RootAuthority


@pytest.fixture(scope="module")
def account() -> Iterator[EmulatedAccount]:
    with EmulatedAccount() as running:
        running.create_parameter_group("pg16-open", "postgres16", {"rds.force_ssl": "0"})
        running.create_parameter_group("aurora16", "aurora-postgresql16", {}, cluster=True)
        running.create_database("orders-prod", group="pg16-open", tags={"Owner": "orders"})
        running.create_database("billing", engine_version="14.9", iam=True, port=5433)
        running.create_database("shop", engine="mysql", engine_version="8.0.35")
        running.create_cluster("ledger", group="aurora16", members=["ledger-1", "ledger-2"])
        yield running


@pytest.fixture(scope="module")
def rds(account: EmulatedAccount) -> RDSClient:
    client: RDSClient = account.client("rds")
    return client


@pytest.fixture(scope="session")
def authority() -> RootAuthority:
    return RootAuthority.create("Emulated RDS root CA")
