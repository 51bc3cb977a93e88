"""Build the ports of `audit`: those of the whole pipeline."""

from collections.abc import Callable

from rds_tls_audit.adapters.rds.api import RdsApi
from rds_tls_audit.adapters.run_bucket import RunBucket
from rds_tls_audit.adapters.trust_store import ca_bundle_path
from rds_tls_audit.settings import Settings
from rds_tls_audit.stages.audit import AuditPorts, PublishingPorts
from rds_tls_audit.wiring.probe import probe_ports
from rds_tls_audit.wiring.publish import publish_ports
from rds_tls_audit.wiring.report import report_ports


def audit_ports(settings: Settings, time_left: Callable[[], float], *, publish: bool) -> AuditPorts:
    """Build the ports of `audit`; stores only if it publishes."""
    publishing = PublishingPorts(
        manifests=RunBucket(settings.run_bucket),
        publish=publish_ports(settings),
        report=report_ports(settings),
    )
    return AuditPorts(
        rds=RdsApi(ca_bundle_path(settings)),
        probe=probe_ports(settings, time_left),
        publishing=publishing if publish else None,
    )
