"""Build the ports of `report`."""

from collections.abc import Callable

from rds_tls_audit.adapters.run_bucket import RunBucket
from rds_tls_audit.adapters.security_hub.client import SecurityHub
from rds_tls_audit.adapters.sns import ChatTopic, Topic
from rds_tls_audit.adapters.state_table.client_history import ClientHistoryTable
from rds_tls_audit.adapters.state_table.finding_states import FindingStatesTable
from rds_tls_audit.adapters.state_table.inventory import InventoryTable
from rds_tls_audit.adapters.state_table.outbox import OutboxTable
from rds_tls_audit.adapters.state_table.run_history import RunHistoryTable
from rds_tls_audit.adapters.state_table.run_lock import RunLock
from rds_tls_audit.digest.chat import write_chat_message
from rds_tls_audit.digest.message import write_digest
from rds_tls_audit.digest.summary import Summary
from rds_tls_audit.ports.topics import Topics
from rds_tls_audit.settings import Settings
from rds_tls_audit.stages.report import ReportPorts


def report_ports(settings: Settings) -> ReportPorts:
    """Build the ports of `report`: Security Hub, the run bucket, the state table, the topics."""
    return ReportPorts(
        runs=RunBucket(settings.run_bucket),
        hub=SecurityHub(),
        states=FindingStatesTable(settings.state_table),
        inventory=InventoryTable(settings.state_table),
        client_history=ClientHistoryTable(settings.state_table),
        run_history=RunHistoryTable(settings.state_table),
        reports=RunBucket(settings.run_bucket),
        outbox=OutboxTable(settings.state_table),
        topics=_topics(settings),
        lock=RunLock(settings.state_table),
    )


def _topics(settings: Settings) -> Topics:
    topics: dict[str, Callable[[Summary], None]] = {}
    if settings.topic_arn:
        digest = Topic(settings.topic_arn)
        topics["digest"] = lambda summary: digest.publish(write_digest(summary))
    if settings.chat_topic_arn:
        chat = ChatTopic(settings.chat_topic_arn)
        topics["chat"] = lambda summary: chat.publish(write_chat_message(summary))
    return topics
