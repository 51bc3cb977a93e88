"""An audit that publishes stores a manifest for later sample runs."""

from rds_tls_audit.fleet.database import Endpoint
from rds_tls_audit.pipeline.requests import AuditRequest
from rds_tls_audit.pipeline.run import RunKind
from rds_tls_audit.stages import audit
from rds_tls_audit.stages.audit import AuditPorts, PublishingPorts
from rds_tls_audit.stages.steps.probe_database import ProbePorts
from tests.scenarios.simulated_account import SimulatedAccount
from tests.support.builders import database
from tests.support.in_memory_stores import Rds
from tests.support.unreachable_server import NoCredentials, UnreachableServer

ORDERS = database("orders-prod")
TUNNEL = Endpoint(address="localhost", port=15432)


def test_the_stored_manifest_does_not_contain_the_tunnel_of_an_audit() -> None:
    world = SimulatedAccount()
    run = world.start_run(RunKind.FULL)
    dialled: list[Endpoint | None] = []
    ports = AuditPorts(
        rds=Rds([ORDERS]),
        probe=ProbePorts(
            server=lambda target: UnreachableServer(lambda: dialled.append(target.dial)),
            credentials=NoCredentials(),
            time_left=lambda: 60,
        ),
        publishing=PublishingPorts(
            manifests=world.runs, publish=world.publish_ports, report=world.report_ports
        ),
    )

    request = AuditRequest(publish=True, connect_to={ORDERS.id: TUNNEL})
    audit.audit_databases(run, request, world.settings, ports)

    assert dialled == [TUNNEL]
    (batch,) = world.runs.read_manifest(run.id) or ()
    assert [(target.database, target.dial) for target in batch.targets] == [(ORDERS, None)]
