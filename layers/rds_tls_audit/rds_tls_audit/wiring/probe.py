"""Build the ports of `probe`."""

from collections.abc import Callable

from rds_tls_audit.adapters.credentials import AwsCredentialSource
from rds_tls_audit.adapters.postgres.limits import Limits
from rds_tls_audit.adapters.postgres.server import WireServer
from rds_tls_audit.adapters.postgres.tls import TlsContexts
from rds_tls_audit.adapters.trust_store import ca_bundle_path
from rds_tls_audit.fleet.configuration import Target
from rds_tls_audit.settings import Settings
from rds_tls_audit.stages.steps.probe_database import ProbePorts


def probe_ports(settings: Settings, time_left: Callable[[], float]) -> ProbePorts:
    """Build the ports of `probe`; this reads the CA bundle once."""
    contexts = TlsContexts.trusting(ca_bundle_path(settings))

    def server(target: Target) -> WireServer:
        endpoint = target.database.endpoint
        if endpoint is None:
            raise ValueError(f"{target.database.id} has no endpoint to connect to")
        return WireServer(
            dial=target.dial or endpoint,
            host=endpoint.address,
            contexts=contexts,
            limits=Limits(min(settings.probe_deadline_seconds, max(time_left(), 0))),
        )

    return ProbePorts(
        server=server,
        credentials=AwsCredentialSource(settings.database_user),
        time_left=time_left,
    )
