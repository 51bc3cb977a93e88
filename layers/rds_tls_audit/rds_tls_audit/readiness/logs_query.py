"""A CloudWatch Logs Insights query that finds clients without TLS in the servers' own logs.

With log_connections, PostgreSQL writes "connection authorized: user=…", followed by "SSL enabled
(protocol=…" if the connection uses TLS.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from rds_tls_audit.evidence.observation import RDS_ROLES
from rds_tls_audit.fleet.database import Database
from rds_tls_audit.readiness.database_history import DatabaseHistory
from rds_tls_audit.readiness.truncated import Truncated
from rds_tls_audit.text import escape_id

MAX_LOG_GROUPS = 20

# rdsadmin connects from the host itself, always without TLS.
TEXT = f"""\
filter @message like /connection authorized: user=/ and @message not like /SSL enabled \\(/
| parse @message /connection authorized: user=(?<role>\\S+)/
| filter role not in [{", ".join(f'"{role}"' for role in sorted(RDS_ROLES))}]
| stats count(*) as connections, max(@timestamp) as last by role, @log
| sort connections desc"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogsQuery:
    """Counts connections without TLS by role, in logs that are exported to CloudWatch."""

    log_groups: Truncated[str]
    """The log groups to select; members of an Aurora or Multi-AZ DB cluster share one."""
    text: str = TEXT


def build_logs_query(histories: Iterable[DatabaseHistory]) -> LogsQuery | None:
    """Query the logs of the databases that are known to log connections."""
    names = [_log_group(history.database) for history in histories if history.log_connections]
    if not names:
        return None
    return LogsQuery(log_groups=Truncated.of(list(dict.fromkeys(names)), MAX_LOG_GROUPS))


def _log_group(database: Database) -> str:
    if database.cluster is not None:
        return f"/aws/rds/cluster/{escape_id(database.cluster.id)}/postgresql"
    return f"/aws/rds/instance/{escape_id(database.id)}/postgresql"
