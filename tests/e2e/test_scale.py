"""Three hundred databases in one execution: complete, bounded in memory and in state data."""

from collections.abc import Iterator
from contextlib import contextmanager

from demo.scene import AUDIT_PASSWORD, ENGINE_VERSION, SECRET
from demo.states import FORCING, STATES
from emulation.postgresql import PostgresServer
from tests.e2e.conftest import Deployment
from tests.e2e.run_queries import MOST_STATE_DATA, results, run_id

DATABASES = 300
PATIENCE_SECONDS = 500
MOST_MEMORY = 256 * 1024 * 1024
"""A quarter of what the template gives the probe."""


@contextmanager
def fleet(deployment: Deployment) -> Iterator[None]:
    """Three hundred databases of one server."""
    account = deployment.scene.account
    certificate = deployment.scene.authority.issue(["localhost"])
    names = [f"fleet-{number:03}" for number in range(DATABASES)]
    with PostgresServer(
        hba=FORCING,
        certificate=certificate,
        settings={"max_connections": "400"},
        setup_sql=[
            f"CREATE ROLE rds_tls_audit LOGIN PASSWORD '{AUDIT_PASSWORD}'",
            "GRANT pg_monitor TO rds_tls_audit",
        ],
    ) as server:
        for name in names:
            account.create_database(
                name,
                engine_version=ENGINE_VERSION,
                host="localhost",
                port=server.port,
                tags={"rds-tls-audit:secret": SECRET},
            )
        try:
            yield
        finally:
            rds = account.client("rds")
            for name in names:
                rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)


def test_three_hundred_databases_are_judged_in_bounded_memory(deployment: Deployment) -> None:
    stack = deployment.stack
    with fleet(deployment):
        ended = stack.run({"kind": "full"}, seconds=PATIENCE_SECONDS)

    assert ended.status == "SUCCEEDED"
    judged = results(deployment, run_id(ended.arn))
    assert len(judged) == DATABASES + len(STATES)
    of_the_fleet = {
        status
        for name, verdicts in judged.items()
        if name.startswith("fleet-")
        for status in verdicts.values()
    }
    assert of_the_fleet == {"PASSED"}
    assert stack.progress(ended.arn).failed == 0
    assert max(len(data.content) for data in stack.state_data(ended.arn)) < MOST_STATE_DATA
    assert 0 < deployment.emulator.peak_memory() < MOST_MEMORY
