"""The SQL of a session. All names are schema-qualified, and all literals are quoted here."""

from pg8000.native import literal

from rds_tls_audit.evidence.observation import RDS_ROLES
from rds_tls_audit.protocol.cipher_strength import MODERN_PROTOCOLS, WEAK_PATTERN

CLIENT, HIDDEN, RDS_OWN = "client", "hidden", "rds"
MAX_GROUPS = 1_000

_WITH_GSSAPI = 120_000
"""The `server_version_num` of PostgreSQL 12, which introduced `pg_stat_gssapi`."""

WITH_SESSIONS_OPENED = 140_000
"""The `server_version_num` of PostgreSQL 14, which introduced `pg_stat_database.sessions`."""

# Every version shows a session its own row without a grant. The privilege is USAGE, not MEMBER,
# because a NOINHERIT role sees nothing until it runs SET ROLE.
OWN_SESSION = (
    "SELECT pg_catalog.current_setting('server_version') AS server_version,"
    " pg_catalog.current_setting('server_version_num') AS version_number, bits,"
    " pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') AS sees_others"
    " FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid()"
)

_OTHER_SETTINGS = (
    "log_connections",
    "log_disconnections",
    "log_line_prefix",
    "password_encryption",
    "rds.accepted_password_auth_method",
)
"""The settings that are read besides those about TLS: connection logging and password hashes."""

# A command that returns a passphrase may contain the passphrase.
SETTINGS = (
    "SELECT name, setting, source FROM pg_catalog.pg_settings"  # noqa: S608 - names are quoted
    " WHERE name LIKE '%ssl%' AND name <> 'ssl_passphrase_command'"
    f" OR name IN ({', '.join(literal(name) for name in _OTHER_SETTINGS)}) ORDER BY name"
)

SESSIONS_OPENED = (
    "SELECT pg_catalog.sum(sessions)::bigint AS opened, pg_catalog.max(stats_reset) AS since"
    " FROM pg_catalog.pg_stat_database WHERE datname IS DISTINCT FROM 'rdsadmin'"
)

MAX_AGE_MINUTES = 120
"""The oldest age that is counted: samples are about 15 minutes apart, and some of them fail."""


def build_sessions_query(server_version: int, own_role: str) -> str:
    """Build the query that groups the sessions of the instance.

    Plaintext and weakly encrypted sessions come first, so that the limit of rows never cuts them
    off before others. The query starts from pg_stat_activity, because pg_stat_ssl leaves out the
    sessions that are hidden from the role; their rows have no backend_type. A process that shows
    its start but no client is not a session. A port of -1 is a unix socket. `starting` (from
    PostgreSQL 18) is a connection that has not authenticated yet. A visible session without a row
    in pg_stat_ssl counts as hidden, because it is not known whether it is in plaintext.
    """
    gss = server_version >= _WITH_GSSAPI
    return f"""
WITH seen AS (
  SELECT CASE WHEN a.usename IN ({", ".join(literal(role) for role in sorted(RDS_ROLES))})
                THEN '{RDS_OWN}'
              WHEN a.backend_type IS NULL OR s.ssl IS NULL THEN '{HIDDEN}'
              ELSE '{CLIENT}' END AS kind,
         a.usename::text AS role, a.application_name::text AS application,
         pg_catalog.host(a.client_addr) AS network, s.version::text, s.cipher::text,
         COALESCE(s.ssl, false) OR {"COALESCE(g.encrypted, false)" if gss else "false"} AS encrypted
  FROM pg_catalog.pg_stat_activity a
  LEFT JOIN pg_catalog.pg_stat_ssl s ON s.pid = a.pid
  {"LEFT JOIN pg_catalog.pg_stat_gssapi g ON g.pid = a.pid" if gss else ""}
  WHERE {_other_sessions(own_role)}
    AND (a.client_port >= 0 OR (a.backend_type IS NULL AND a.backend_start IS NULL))
)
SELECT kind, role, application, network, version, cipher, encrypted,
       count(*)::int AS sessions,
       (sum(count(*)) OVER kinds)::int AS total,
       (sum(count(*) FILTER (WHERE NOT encrypted)) OVER kinds)::int AS clear,
       (count(*) OVER kinds)::int AS groups
FROM seen
GROUP BY kind, role, application, network, version, cipher, encrypted
WINDOW kinds AS (PARTITION BY kind)
ORDER BY kind <> '{CLIENT}', encrypted,
         version IN ({", ".join(literal(protocol) for protocol in sorted(MODERN_PROTOCOLS))}),
         cipher !~ {literal(WEAK_PATTERN)}, 8 DESC
LIMIT {MAX_GROUPS}"""  # noqa: S608 - pg8000 quotes the literals; nothing else comes from outside


def build_ages_query(own_role: str) -> str:
    """Build the query that counts recent client sessions by their age in whole minutes."""
    own_roles = ", ".join(literal(role) for role in sorted(RDS_ROLES))
    age = "pg_catalog.date_part('epoch', pg_catalog.statement_timestamp() - a.backend_start) / 60"
    return f"""
SELECT pg_catalog.floor({age})::int AS minutes, count(*)::int AS sessions
FROM pg_catalog.pg_stat_activity a
WHERE {_other_sessions(own_role)} AND a.client_port >= 0
  AND a.usename NOT IN ({own_roles}) AND {age} >= 0 AND {age} < {MAX_AGE_MINUTES}
GROUP BY 1 ORDER BY 1"""  # noqa: S608 - pg8000 quotes the literals


def _other_sessions(own_role: str) -> str:
    return (
        "a.pid <> pg_catalog.pg_backend_pid()"
        f" AND a.usename IS DISTINCT FROM {literal(own_role)}"
        " AND a.state IS DISTINCT FROM 'starting'"
    )
