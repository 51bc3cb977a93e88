"""The one place where real ports are made."""

from collections.abc import Callable

import rds_ca
from rds_tls_audit.chat import chat
from rds_tls_audit.configuration import Target
from rds_tls_audit.digest import Summary, digest
from rds_tls_audit.ports.bounds import Bounds
from rds_tls_audit.ports.credentials import CredentialSource
from rds_tls_audit.ports.executions import StateMachine
from rds_tls_audit.ports.inventory import InventoryTable
from rds_tls_audit.ports.lock import RunLock
from rds_tls_audit.ports.outbox import OutboxTable
from rds_tls_audit.ports.rds import RdsApi
from rds_tls_audit.ports.runs import RunBucket
from rds_tls_audit.ports.securityhub import SecurityHub
from rds_tls_audit.ports.server import Server
from rds_tls_audit.ports.sns import ChatTopic, Topic
from rds_tls_audit.ports.state import StateTable
from rds_tls_audit.ports.tls import TlsContexts
from rds_tls_audit.settings import Settings
from rds_tls_audit.stages.audit import AuditPorts, PublishingPorts
from rds_tls_audit.stages.discover import DiscoverPorts
from rds_tls_audit.stages.look import ProbePorts
from rds_tls_audit.stages.notify import Topics
from rds_tls_audit.stages.publish import PublishPorts
from rds_tls_audit.stages.recheck import RecheckPorts
from rds_tls_audit.stages.report import ReportPorts


def probe_ports(settings: Settings, time_left: Callable[[], float]) -> ProbePorts:
    """Make what the probe needs; the CA bundle is read here, once."""
    contexts = TlsContexts.trusting(_bundle(settings))

    def server(target: Target) -> Server:
        endpoint = target.database.endpoint
        if endpoint is None:
            raise ValueError(f"{target.database.id} has no endpoint to connect to")
        return Server(
            dial=target.dial or endpoint,
            host=endpoint.address,
            contexts=contexts,
            bounds=Bounds(min(settings.probe_deadline_seconds, max(time_left(), 0))),
        )

    return ProbePorts(
        server=server,
        credentials=CredentialSource(settings.database_user),
        time_left=time_left,
    )


def discover_ports(settings: Settings, *, lock: bool) -> DiscoverPorts:
    """Make what discover needs: RDS, the run bucket and, in an execution, the lock."""
    return DiscoverPorts(
        rds=RdsApi(_bundle(settings)),
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
    """Make what report needs: Security Hub, the run bucket, the state table and the topics."""
    return ReportPorts(
        runs=RunBucket(settings.run_bucket),
        hub=SecurityHub(),
        states=StateTable(settings.state_table),
        inventory=InventoryTable(settings.state_table),
        outbox=OutboxTable(settings.state_table),
        topics=_topics(settings),
        lock=RunLock(settings.state_table),
    )


def recheck_ports(settings: Settings) -> RecheckPorts:
    """Make what recheck needs: the run bucket and the state machine."""
    return RecheckPorts(
        manifests=RunBucket(settings.run_bucket),
        executions=StateMachine(settings.state_machine),
    )


def audit_ports(settings: Settings, time_left: Callable[[], float], *, publish: bool) -> AuditPorts:
    """Make what audit needs; the stores only where it publishes."""
    publishing = PublishingPorts(
        manifests=RunBucket(settings.run_bucket),
        publish=publish_ports(settings),
        report=report_ports(settings),
    )
    return AuditPorts(
        rds=RdsApi(_bundle(settings)),
        probe=probe_ports(settings, time_left),
        publishing=publishing if publish else None,
    )


def _topics(settings: Settings) -> Topics:
    topics: dict[str, Callable[[Summary], None]] = {}
    if settings.topic_arn:
        mail = Topic(settings.topic_arn)
        topics["digest"] = lambda summary: mail.publish(digest(summary))
    if settings.chat_topic_arn:
        room = ChatTopic(settings.chat_topic_arn)
        topics["chat"] = lambda summary: room.publish(chat(summary))
    return topics


def _bundle(settings: Settings) -> str:
    return settings.ca_bundle or str(rds_ca.where())
