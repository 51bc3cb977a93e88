"""How to repeat the checks manually: shell commands, and the variables that they use."""

import shlex
from dataclasses import dataclass

from rds_tls_audit.html_report.posture import DatabaseRow
from rds_tls_audit.readiness.drivers.driver import CA
from rds_tls_audit.text import escape

_LOGIN = "host=$HOST port=$PORT dbname=postgres user=$ROLE"
_PSQL = f'psql "{_LOGIN} sslmode=verify-full sslrootcert={CA}"'
_OPENSSL = 'openssl s_client -starttls postgres -connect "$HOST:$PORT"'
_SESSIONS = (
    "SELECT a.usename, a.application_name, a.client_addr, s.ssl, s.version, s.cipher "
    "FROM pg_stat_activity a LEFT JOIN pg_stat_ssl s USING (pid) "
    "WHERE a.backend_type = 'client backend'"
)
# A current OpenSSL refuses to offer outdated options, which would look like the server's refusal.
_ALLOW_OUTDATED = "@SECLEVEL=0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A shell command, and the result to expect."""

    checks: tuple[str, ...]
    line: str
    expect: str


COMMANDS = (
    Command(
        checks=("plaintext-refused", "force-ssl-in-effect"),
        # The command sends no password: if the server accepts plaintext, it would be readable.
        line=(
            f'env -u PGPASSWORD psql -w "{_LOGIN} sslmode=disable gssencmode=disable '
            'passfile=none" -c "SELECT 1"'
        ),
        expect=(
            "The server must refuse with “no pg_hba.conf entry … no encryption” (“SSL off” before "
            "PostgreSQL 14). A request for a password, or a successful login, means that the "
            "server accepts connections without TLS. Other errors prove nothing."
        ),
    ),
    Command(
        checks=("certificate-trusted",),
        line=f'{_PSQL} -c "SHOW rds.force_ssl" -c "SHOW ssl_min_protocol_version"',
        expect=(
            "The command must connect. With IAM authentication, the password is the output of "
            f"“aws rds generate-db-auth-token”. {CA} is the RDS CA bundle of the partition."
        ),
    ),
    Command(
        checks=("sessions-encrypted", "sessions-modern-tls"),
        line=f'{_PSQL} -c "{_SESSIONS}"',
        expect=(
            "Every client must show ssl = t and TLSv1.2 or later. Only members of pg_monitor see "
            "the sessions of other roles."
        ),
    ),
    Command(
        checks=("legacy-tls-refused", "minimum-protocol"),
        line=f"{_OPENSSL} -tls1_1 -cipher 'DEFAULT:{_ALLOW_OUTDATED}' </dev/null",
        expect=(
            "The server must end the handshake with an alert, without a certificate or cipher. "
            "Repeat with -tls1, which must fail the same way."
        ),
    ),
    Command(
        checks=("weak-ciphers-refused",),
        line=f"{_OPENSSL} -tls1_2 -cipher 'aNULL:eNULL:3DES:RC4:{_ALLOW_OUTDATED}' </dev/null",
        expect=(
            "The server must end the handshake with an alert. Many builds of OpenSSL no longer "
            "support 3DES and RC4: run “openssl ciphers” to see the supported cipher suites."
        ),
    ),
    Command(
        checks=("certificate-current", "certificate-trusted"),
        line=(
            f'{_OPENSSL} -CAfile {CA} -verify_hostname "$HOST" </dev/null '
            "| openssl x509 -noout -subject -issuer -dates"
        ),
        expect=(
            "The output must contain only “verify return:1”, and notAfter must be well in the "
            "future."
        ),
    ),
)


def shell_variables(row: DatabaseRow) -> str | None:
    """Set the variables of the commands for a shell; None without an endpoint to connect to."""
    if row.endpoint is None:
        return None
    host, _, port = row.endpoint.rpartition(":")
    values = {"HOST": host, "PORT": port, "ROLE": row.access.role}
    return " ".join(f"{name}={shlex.quote(escape(text))}" for name, text in values.items())
