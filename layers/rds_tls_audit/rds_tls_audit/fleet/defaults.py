"""The defaults of RDS, which apply if a parameter group sets no value.

They appear in explanations only; no verdict is based on them.
"""

from rds_tls_audit.fleet.database import Database


def force_ssl_default(database: Database) -> str | None:
    """Return the default of `rds.force_ssl` for a database's version; None if it is not known.

    The default is 1 from RDS for PostgreSQL 15 and Aurora PostgreSQL 17 (AWS documentation).
    """
    if not database.major_version:
        return None
    first = 17 if database.engine == "aurora-postgresql" else 15
    return "1" if database.major_version >= first else "0"


def ssl_ciphers_default(database: Database) -> str | None:
    """Return the default of `ssl_ciphers` for a database's version; None if it is not known.

    The source is the AWS documentation, "Using SSL with a PostgreSQL DB instance".
    """
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
