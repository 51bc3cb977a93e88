"""Build the ports of `recheck`."""

from rds_tls_audit.adapters.run_bucket import RunBucket
from rds_tls_audit.adapters.state_machine import StateMachine
from rds_tls_audit.settings import Settings
from rds_tls_audit.stages.recheck import RecheckPorts


def recheck_ports(settings: Settings) -> RecheckPorts:
    """Build the ports of `recheck`: the run bucket and the state machine."""
    return RecheckPorts(
        manifests=RunBucket(settings.run_bucket),
        executions=StateMachine(settings.state_machine),
    )
