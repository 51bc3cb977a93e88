"""A query for CloudWatch Logs Insights: who connects without TLS, by the servers' own logs.

With log_connections, PostgreSQL writes "connection authorized: user=…", and after it "SSL enabled
(protocol=…" where the connection has TLS.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from rds_tls_audit.evidence.observation import OWN_ROLES
from rds_tls_audit.fleet.database import Database
from rds_tls_audit.readiness.database_history import DatabaseHistory
from rds_tls_audit.text import escape_id

MAX_LOG_GROUPS = 20

# rdsadmin connects from the host itself, always in clear.
TEXT = f"""\
filter @message like /connection authorized: user=/ and @message not like /SSL enabled \\(/
| parse @message /connection authorized: user=(?<role>\\S+)/
| filter role not in [{", ".join(f'"{role}"' for role in sorted(OWN_ROLES))}]
| stats count(*) as connections, max(@timestamp) as last by role, @log
| sort connections desc"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogsQuery:
    """Counts connections without TLS by role; the logs must be exported to CloudWatch."""

    log_groups: tuple[str, ...]
    """To select for the query; members of an Aurora or Multi-AZ DB cluster share one."""
    log_groups_more: int
    text: str = TEXT


def build_logs_query(histories: Iterable[DatabaseHistory]) -> LogsQuery | None:
    """Ask the logs of the databases that are known to log connections."""
    names = [_log_group(one.database) for one in histories if one.log_connections]
    groups = tuple(dict.fromkeys(names))
    if not groups:
        return None
    return LogsQuery(
        log_groups=groups[:MAX_LOG_GROUPS], log_groups_more=max(len(groups) - MAX_LOG_GROUPS, 0)
    )


def _log_group(database: Database) -> str:
    if database.cluster is not None:
        return f"/aws/rds/cluster/{escape_id(database.cluster.id)}/postgresql"
    return f"/aws/rds/instance/{escape_id(database.id)}/postgresql"
