"""Writes the files a PostgreSQL server reads from its data directory."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from emulation.pki import IssuedCertificate
from emulation.workspace import give_to_database_account

# Small and quick, and only what PostgreSQL 10 knows too, so that every version can be run.
_SETTINGS = {
    "shared_buffers": "16MB",
    "max_connections": "30",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "log_connections": "off",
    "log_line_prefix": "%t:%r:%u@%d:[%p]:",  # the one of RDS
}


def write_hba(data: Path, lines: Sequence[str]) -> None:
    """Write pg_hba.conf: these lines, after one that lets everybody on this machine in."""
    _write(data / "pg_hba.conf", "\n".join(["local all all trust", *lines, ""]).encode())


def write_certificate(data: Path, certificate: IssuedCertificate) -> None:
    """Write the server's certificate and key where PostgreSQL looks for them."""
    _write(data / "server.crt", certificate.certificate_pem)
    _write(data / "server.key", certificate.key_pem)


def write_settings(data: Path, settings: Mapping[str, str]) -> None:
    """Write postgresql.conf: these settings over the small ones of this module."""
    lines = [f"{name} = {_quoted(value)}\n" for name, value in {**_SETTINGS, **settings}.items()]
    _write(data / "postgresql.conf", "".join(lines).encode())


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o600)  # the server refuses a private key that others can read
    give_to_database_account(path)
