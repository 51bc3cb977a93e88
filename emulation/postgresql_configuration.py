"""Writes the configuration files and the certificate of a PostgreSQL server."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from emulation.pki import IssuedCertificate
from emulation.workspace import give_to_database_account

# Settings for small, fast servers. PostgreSQL 10 knows all of them, so every version can start.
_DEFAULT_SETTINGS = {
    "shared_buffers": "16MB",
    "max_connections": "30",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "log_connections": "off",
    "log_line_prefix": "%t:%r:%u@%d:[%p]:",  # the value on RDS
}


def write_hba(data: Path, lines: Sequence[str]) -> None:
    """Write pg_hba.conf: a line that accepts all local connections, then these lines."""
    _write(data / "pg_hba.conf", "\n".join(["local all all trust", *lines, ""]).encode())


def write_certificate(data: Path, certificate: IssuedCertificate) -> None:
    """Write the server's certificate and key to the paths that PostgreSQL uses by default."""
    _write(data / "server.crt", certificate.certificate_pem)
    _write(data / "server.key", certificate.key_pem)


def write_settings(data: Path, settings: Mapping[str, str]) -> None:
    """Write postgresql.conf: the defaults of this module, overridden by these settings."""
    combined = {**_DEFAULT_SETTINGS, **settings}
    lines = [f"{name} = {_quote(value)}\n" for name, value in combined.items()]
    _write(data / "postgresql.conf", "".join(lines).encode())


def _quote(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o600)  # the server refuses a private key that other users can read
    give_to_database_account(path)
