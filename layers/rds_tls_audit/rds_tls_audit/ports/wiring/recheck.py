"""What recheck reaches."""

from rds_tls_audit.ports.executions import StateMachine
from rds_tls_audit.ports.runs import RunBucket
from rds_tls_audit.settings import Settings
from rds_tls_audit.stages.recheck import RecheckPorts


def recheck_ports(settings: Settings) -> RecheckPorts:
    """Make what recheck needs: the run bucket and the state machine."""
    return RecheckPorts(
        manifests=RunBucket(settings.run_bucket),
        executions=StateMachine(settings.state_machine),
    )
