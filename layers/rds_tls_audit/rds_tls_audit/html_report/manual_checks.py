"""How to see by hand what a check saw: shell lines, and the variables that they take."""

import shlex
from dataclasses import dataclass

from rds_tls_audit.html_report.posture import Row
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
# A client of today refuses by itself to offer what is old: that would look like the server's no.
_OLD = "@SECLEVEL=0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One thing to try."""

    checks: tuple[str, ...]
    line: str
    expect: str


COMMANDS = (
    Command(
        checks=("plaintext-refused", "force-ssl-in-effect"),
        # No password goes along: where plaintext is accepted, it would be readable.
        line=(
            f'env -u PGPASSWORD psql -w "{_LOGIN} sslmode=disable gssencmode=disable '
            'passfile=none" -c "SELECT 1"'
        ),
        expect=(
            "Must be refused with “no pg_hba.conf entry … no encryption” (before PostgreSQL 14: "
            "“SSL off”). Any other answer of the server, even about a password, means that it "
            "talks without TLS."
        ),
    ),
    Command(
        checks=("certificate-trusted",),
        line=f'{_PSQL} -c "SHOW rds.force_ssl" -c "SHOW ssl_min_protocol_version"',
        expect=(
            "Must connect. With IAM authentication the password is what “aws rds "
            f"generate-db-auth-token” prints. {CA} is the RDS trust store of the partition."
        ),
    ),
    Command(
        checks=("sessions-encrypted", "sessions-modern-tls"),
        line=f'{_PSQL} -c "{_SESSIONS}"',
        expect=(
            "Every client must show ssl = t and TLSv1.2 or later. Only a member of pg_monitor "
            "sees the sessions of others."
        ),
    ),
    Command(
        checks=("legacy-tls-refused", "minimum-protocol"),
        line=f"{_OPENSSL} -tls1_1 -cipher 'DEFAULT:{_OLD}' </dev/null",
        expect="Must end in an alert of the server: no certificate, no cipher. So must -tls1.",
    ),
    Command(
        checks=("weak-ciphers-refused",),
        line=f"{_OPENSSL} -tls1_2 -cipher 'aNULL:eNULL:3DES:RC4:{_OLD}' </dev/null",
        expect=(
            "Must end in an alert of the server. Many builds of OpenSSL cannot offer 3DES and RC4 "
            "any more: “openssl ciphers” tells."
        ),
    ),
    Command(
        checks=("certificate-current", "certificate-trusted"),
        line=(
            f'{_OPENSSL} -CAfile {CA} -verify_hostname "$HOST" </dev/null '
            "| openssl x509 -noout -subject -issuer -dates"
        ),
        expect="Must say “verify return:1” throughout, and notAfter must lie well ahead.",
    ),
)


def shell_variables(row: Row) -> str | None:
    """Set what the commands take, for a shell; None where there is no endpoint to dial."""
    if row.endpoint is None:
        return None
    host, _, port = row.endpoint.rpartition(":")
    values = {"HOST": host, "PORT": port, "ROLE": row.role}
    return " ".join(f"{name}={shlex.quote(escape(text))}" for name, text in values.items())
