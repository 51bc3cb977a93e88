"""What a major version upgrade changes: from 15, and for Aurora from 17, TLS is forced by default.

A parameter group belongs to one major version, so the upgrade always needs a different group.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.PostgreSQL.html
"""

from collections.abc import Iterable

from rds_tls_audit.fleet.configuration import FORCE_SSL, GroupKey
from rds_tls_audit.fleet.defaults import force_ssl_default
from rds_tls_audit.readiness.database_history import DatabaseHistory
from rds_tls_audit.readiness.rollout import group_name


def describe_major_upgrade(group: GroupKey, histories: Iterable[DatabaseHistory]) -> str | None:
    """Describe what an upgrade changes; None if it changes nothing."""
    affected = [
        history.database
        for history in histories
        if history.force_ssl != "1" and history.database.major_version
    ]
    if not affected:
        return None
    aurora = affected[0].engine == "aurora-postgresql"
    versions = f"{'Aurora PostgreSQL 17' if aurora else 'PostgreSQL 15'} or later"
    if all(force_ssl_default(database) == "1" for database in affected):
        versions = "any later version"
    if group.is_default:
        return (
            f"A major version upgrade to {versions} replaces {group_name(group)} with the default "
            f"group of the new version, where {FORCE_SSL} is 1. The upgrade itself forces TLS, so "
            "this assessment applies to it, too."
        )
    return (
        f"A major version upgrade to {versions} needs a different parameter group than "
        f"{group_name(group)}. In the new group, {FORCE_SSL} is 1 unless you set it to 0, whatever "
        "its value is now, so this assessment applies to the upgrade, too."
    )
