"""What discover reaches."""

from rds_tls_audit.ports.lock import RunLock
from rds_tls_audit.ports.rds import RdsApi
from rds_tls_audit.ports.roots import bundle_of
from rds_tls_audit.ports.runs import RunBucket
from rds_tls_audit.settings import Settings
from rds_tls_audit.stages.discover import DiscoverPorts


def discover_ports(settings: Settings, *, lock: bool) -> DiscoverPorts:
    """Make what discover needs: RDS, the run bucket and, in an execution, the lock."""
    return DiscoverPorts(
        rds=RdsApi(bundle_of(settings)),
        manifests=RunBucket(settings.run_bucket),
        lock=RunLock(settings.state_table) if lock else None,
    )
