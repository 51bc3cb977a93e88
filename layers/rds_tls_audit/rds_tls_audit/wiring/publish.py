"""Build the ports of `publish`."""

from rds_tls_audit.adapters.run_bucket import RunBucket
from rds_tls_audit.adapters.security_hub.client import SecurityHub
from rds_tls_audit.adapters.state_table.client_history import ClientHistoryTable
from rds_tls_audit.adapters.state_table.finding_states import FindingStatesTable
from rds_tls_audit.settings import Settings
from rds_tls_audit.stages.publish import PublishPorts


def publish_ports(settings: Settings) -> PublishPorts:
    """Build the ports of `publish`: Security Hub, the state table, and the run bucket."""
    return PublishPorts(
        hub=SecurityHub(),
        states=FindingStatesTable(settings.state_table),
        results=RunBucket(settings.run_bucket),
        client_history=ClientHistoryTable(settings.state_table),
    )
