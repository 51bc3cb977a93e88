"""What a major upgrade does of itself: from 15, and for Aurora from 17, TLS is forced by default.

A parameter group is of one major version, so the upgrade always brings another group.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.PostgreSQL.html
"""

from collections.abc import Iterable

from rds_tls_audit.fleet.configuration import FORCE_SSL, GroupKey
from rds_tls_audit.fleet.defaults import force_ssl_default
from rds_tls_audit.readiness.database_history import DatabaseHistory
from rds_tls_audit.readiness.rollout import name_of


def describe_major_upgrade(group: GroupKey, histories: Iterable[DatabaseHistory]) -> str | None:
    """Tell what an upgrade does; None where it changes nothing."""
    touched = [
        one.database for one in histories if one.force_ssl != "1" and one.database.major_version
    ]
    if not touched:
        return None
    aurora = touched[0].engine == "aurora-postgresql"
    to = f"to {'Aurora PostgreSQL 17' if aurora else 'PostgreSQL 15'} or later"
    if all(force_ssl_default(database) == "1" for database in touched):
        to = "to any later version"
    if group.is_default:
        return (
            f"A major upgrade {to} puts the new version's default group in the "
            f"place of {name_of(group)}, and there {FORCE_SSL} is 1: the upgrade itself forces "
            "TLS, and the same answer holds for it."
        )
    return (
        f"A major upgrade {to} takes another parameter group than "
        f"{name_of(group)}, and there {FORCE_SSL} is 1 unless it is set to 0, whatever it is now: "
        "the same answer holds for the upgrade."
    )
