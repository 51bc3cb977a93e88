"""The one place where real ports are made."""

import rds_ca
from rds_tls_audit.configuration import Target
from rds_tls_audit.ports.bounds import Bounds
from rds_tls_audit.ports.credentials import CredentialSource
from rds_tls_audit.ports.lock import RunLock
from rds_tls_audit.ports.rds import RdsApi
from rds_tls_audit.ports.runs import RunBucket
from rds_tls_audit.ports.securityhub import SecurityHub
from rds_tls_audit.ports.server import Server
from rds_tls_audit.ports.sns import Topic
from rds_tls_audit.ports.state import StateTable
from rds_tls_audit.ports.tls import TlsContexts
from rds_tls_audit.settings import Settings
from rds_tls_audit.stages.audit import AuditPorts, PublishingPorts
from rds_tls_audit.stages.discover import DiscoverPorts
from rds_tls_audit.stages.look import ProbePorts
from rds_tls_audit.stages.publish import PublishPorts
from rds_tls_audit.stages.report import ReportPorts


def probe_ports(settings: Settings) -> ProbePorts:
    """Make what the probe needs; the CA bundle is read here, once."""
    contexts = TlsContexts.trusting(settings.ca_bundle or str(rds_ca.where()))

    def server(target: Target) -> Server:
        endpoint = target.database.endpoint
        if endpoint is None:
            raise ValueError(f"{target.database.id} has no endpoint to connect to")
        return Server(
            dial=target.dial or endpoint,
            host=endpoint.address,
            contexts=contexts,
            bounds=Bounds(settings.probe_deadline_seconds),
        )

    return ProbePorts(server=server, credentials=CredentialSource(settings.database_user))


def discover_ports(settings: Settings, *, lock: bool) -> DiscoverPorts:
    """Make what discover needs: RDS, the run bucket and, in an execution, the lock."""
    return DiscoverPorts(
        rds=RdsApi(),
        manifests=RunBucket(settings.run_bucket),
        lock=RunLock(settings.state_table) if lock else None,
    )


def publish_ports(settings: Settings) -> PublishPorts:
    """Make what publish needs: Security Hub, the state table, the run bucket."""
    return PublishPorts(
        hub=SecurityHub(),
        states=StateTable(settings.state_table),
        results=RunBucket(settings.run_bucket),
    )


def report_ports(settings: Settings) -> ReportPorts:
    """Make what report needs: the run bucket, the topic and the lock."""
    return ReportPorts(
        runs=RunBucket(settings.run_bucket),
        topic=Topic(settings.topic_arn),
        lock=RunLock(settings.state_table),
    )


def audit_ports(settings: Settings, *, publish: bool) -> AuditPorts:
    """Make what audit needs; the stores only where it publishes."""
    publishing = PublishingPorts(
        manifests=RunBucket(settings.run_bucket),
        publish=publish_ports(settings),
        report=report_ports(settings),
    )
    return AuditPorts(
        rds=RdsApi(),
        probe=probe_ports(settings),
        publishing=publishing if publish else None,
    )
