"""Audits 300 databases in one execution, with limits on memory and state data."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from demo.account import ENGINE_VERSION
from demo.databases import DEMO_DATABASES, TLS_ONLY_HBA_WITH_IAM
from emulation.postgresql import PostgresServer
from tests.e2e.conftest import Deployment
from tests.e2e.fault_injection import probe_with_environment
from tests.e2e.run_queries import MAX_STATE_DATA, read_statuses, run_id

DATABASES = 300
EXECUTION_TIMEOUT_SECONDS = 900
MAX_MEMORY = 256 * 1024 * 1024
"""A quarter of the probe's memory in the template."""


@contextmanager
def fleet(deployment: Deployment) -> Iterator[None]:
    """Add 300 databases that share one server."""
    account = deployment.demo_account.aws
    certificate = deployment.demo_account.authority.issue(["localhost"])
    names = [f"fleet-{number:03}" for number in range(DATABASES)]
    with PostgresServer(
        hba=TLS_ONLY_HBA_WITH_IAM,
        certificate=certificate,
        settings={"max_connections": "400"},
        setup_sql=[
            "CREATE ROLE rds_tls_audit LOGIN",
            "GRANT pg_monitor TO rds_tls_audit",
        ],
    ) as server:
        for name in names:
            account.create_database(
                name,
                engine_version=ENGINE_VERSION,
                host="localhost",
                port=server.port,
                iam=True,  # the emulator can't return 300 secrets within three seconds
            )
        try:
            yield
        finally:
            rds = account.client("rds")
            for name in names:
                rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)


@pytest.mark.timeout(1800)  # 300 databases are created and deleted one by one
def test_three_hundred_databases_are_audited_in_bounded_memory(deployment: Deployment) -> None:
    stack = deployment.stack
    # Ten batches run at a time. With few databases each, all of them keep their deadline.
    with fleet(deployment), probe_with_environment(deployment, PROBE_CONCURRENCY="4"):
        execution = stack.run({"kind": "full"}, seconds=EXECUTION_TIMEOUT_SECONDS)

    assert execution.status == "SUCCEEDED"
    statuses = read_statuses(deployment, run_id(execution.arn))
    assert len(statuses) == DATABASES + len(DEMO_DATABASES)
    fleet_statuses = {
        status
        for name, verdicts in statuses.items()
        if name.startswith("fleet-")
        for status in verdicts.values()
    }
    assert fleet_statuses == {"PASSED"}
    assert stack.progress(execution.arn).failed == 0
    assert max(len(data.content) for data in stack.state_data(execution.arn)) < MAX_STATE_DATA
    assert 0 < deployment.emulator.peak_memory() < MAX_MEMORY
