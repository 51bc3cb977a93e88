"""Find the targets of a run: databases with the configuration that applies to them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from rds_tls_audit.evidence.observed import Observed, Seen, Unseen
from rds_tls_audit.fleet.certificate_authority import CertificateAuthority
from rds_tls_audit.fleet.configuration import (
    Configuration,
    GroupKey,
    GroupUsers,
    ParameterGroup,
    Target,
    deciding_group,
)
from rds_tls_audit.fleet.database import LIMITLESS_UNSUPPORTED, Database
from rds_tls_audit.fleet.scope import Scope
from rds_tls_audit.ports.rds import Rds

GROUPS_AT_A_TIME = 4
"""The number of parameter groups that are read in parallel."""
MAX_NAMED = 3
"""The number of other users of a parameter group that are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveredTargets:
    """The targets of a run, and what was left out."""

    targets: tuple[Target, ...]
    complete: bool
    """Whether every listing call succeeded."""
    left_out: tuple[Database, ...] = ()
    """The listed databases that are out of scope."""


def find_targets(
    names: Sequence[str], rds: Rds, scope: Scope, *, ignore_missing: bool = False
) -> DiscoveredTargets:
    """Find the databases in scope, each with its configuration.

    Args:
        names: The databases or clusters to find; empty for all.
        rds: The RDS API.
        scope: The databases to audit.
        ignore_missing: Omit names that do not exist instead of raising an error.
    """
    listing = rds.list_named(names, ignore_missing=ignore_missing) if names else rds.list_all()
    covered = [database for database in listing.databases if scope.covers(database)]
    keys = [deciding_group(database) for database in covered]
    groups = _read_groups(dict.fromkeys(key for key in keys if key is not None), rds)
    # Databases out of scope use the groups, too. A named run does not list them.
    users = {} if names else _group_users(listing.databases)
    out_of_scope = [database for database in listing.databases if not scope.covers(database)]
    authorities = rds.read_authorities() if covered else Unseen(reason="not requested")
    return DiscoveredTargets(
        targets=tuple(
            Target(
                database=database,
                configuration=Configuration(
                    group=_parameter_group(database, key, groups),
                    sharing=_other_users(users.get(key), database, out_of_scope),
                    authority=_authority(database, authorities),
                ),
            )
            for database, key in zip(covered, keys, strict=True)
        ),
        complete=listing.complete,
        left_out=tuple(out_of_scope),
    )


def _read_groups(keys: Iterable[GroupKey], rds: Rds) -> Mapping[GroupKey, Observed[ParameterGroup]]:
    # Only a few in parallel: all callers in the account share the request quota of RDS.
    group_keys = list(keys)
    with ThreadPoolExecutor(max_workers=GROUPS_AT_A_TIME) as pool:
        return dict(zip(group_keys, pool.map(rds.read_group, group_keys), strict=True))


def _parameter_group(
    database: Database,
    key: GroupKey | None,
    groups: Mapping[GroupKey, Observed[ParameterGroup]],
) -> Observed[ParameterGroup]:
    if database.cluster is not None and database.cluster.limitless:
        return Unseen(reason=LIMITLESS_UNSUPPORTED)
    if key is None:
        return Unseen(reason="the cluster, whose parameter group decides, could not be listed")
    return groups[key]


def _group_users(databases: Iterable[Database]) -> Mapping[GroupKey | None, tuple[str, ...]]:
    """Return the users of each group: DB instances, and each DB cluster once."""
    users: dict[GroupKey | None, dict[str, None]] = defaultdict(dict)
    for database in databases:
        users[deciding_group(database)][database.parameter_group_owner] = None
    return {key: tuple(names) for key, names in users.items() if key is not None}


def _other_users(
    users: Sequence[str] | None, database: Database, out_of_scope: Iterable[Database]
) -> GroupUsers | None:
    if users is None:
        return None
    # One more than are named, because the database itself may be among them.
    names = [name for name in users[: MAX_NAMED + 1] if name != database.parameter_group_owner][
        :MAX_NAMED
    ]
    cluster = database.cluster.arn if database.cluster else None
    members = [other.id for other in out_of_scope if other.cluster and other.cluster.arn == cluster]
    return GroupUsers(
        names=tuple(names), more=len(users) - 1 - len(names), members_left_out=tuple(members)
    )


def _authority(
    database: Database, authorities: Observed[Mapping[str, CertificateAuthority]]
) -> Observed[CertificateAuthority]:
    if isinstance(authorities, Unseen):
        return authorities
    authority = authorities.value.get(database.ca_id or "")
    if authority is None:
        return Unseen(reason=f"RDS does not list the CA {database.ca_id or 'of the instance'}")
    return Seen(value=authority)
