"""What RDS sets where a parameter group says nothing: to explain with, never to judge by."""

from rds_tls_audit.fleet.database import Database


def force_ssl_default(database: Database) -> str | None:
    """The default of `rds.force_ssl` for its version.

    RDS for PostgreSQL forces from 15, Aurora from 17 (AWS documentation).
    """
    if not database.major_version:
        return None
    first = 17 if database.engine == "aurora-postgresql" else 15
    return "1" if database.major_version >= first else "0"


def ssl_ciphers_default(database: Database) -> str | None:
    """The default of `ssl_ciphers` for its version (AWS documentation, "Using SSL with …")."""
    major, _, rest = database.engine_version.partition(".")
    minor = rest.partition(".")[0]
    if not (major.isdecimal() and minor.isdecimal()):
        return None
    version = (int(major), int(minor))
    if version >= (12, 0):
        return "HIGH:!aNULL:!3DES"
    if version >= (11, 4) or (10, 9) <= version < (11, 0):
        return "HIGH:MEDIUM:+3DES:!aNULL:!RC4"
    return "HIGH:MEDIUM:+3DES:!aNULL"
