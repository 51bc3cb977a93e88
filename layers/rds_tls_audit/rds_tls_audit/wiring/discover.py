"""Build the ports of `discover`."""

from rds_tls_audit.adapters.rds.api import RdsApi
from rds_tls_audit.adapters.run_bucket import RunBucket
from rds_tls_audit.adapters.state_table.run_lock import RunLock
from rds_tls_audit.adapters.trust_store import ca_bundle_path
from rds_tls_audit.settings import Settings
from rds_tls_audit.stages.discover import DiscoverPorts


def discover_ports(settings: Settings, *, lock: bool) -> DiscoverPorts:
    """Build the ports of `discover`; with the lock if the state machine started the run."""
    return DiscoverPorts(
        rds=RdsApi(ca_bundle_path(settings)),
        manifests=RunBucket(settings.run_bucket),
        lock=RunLock(settings.state_table) if lock else None,
    )
