"""The targets of a run: the databases, each with the configuration that decides for it."""

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
MAX_NAMED = 3
"""Of those who share a group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveredTargets:
    """The targets of a run."""

    targets: tuple[Target, ...]
    complete: bool
    left_out: tuple[Database, ...] = ()
    """Those that are out of scope."""


def find_targets(
    names: Sequence[str], rds: Rds, scope: Scope, *, ignore_missing: bool = False
) -> DiscoveredTargets:
    """Find the named databases, or all, that are in scope, each with its configuration."""
    listing = rds.list_named(names, ignore_missing=ignore_missing) if names else rds.list_all()
    covered = [database for database in listing.databases if scope.covers(database)]
    keys = [deciding_group(database) for database in covered]
    groups = _read_groups(dict.fromkeys(key for key in keys if key is not None), rds)
    # Those out of scope share a group all the same; in a named run nobody knows who does.
    users = {} if names else _users(listing.databases)
    out_of_scope = [database for database in listing.databases if not scope.covers(database)]
    authorities = rds.read_authorities() if covered else Unseen(reason="not asked")
    return DiscoveredTargets(
        targets=tuple(
            Target(
                database=database,
                configuration=Configuration(
                    group=_group_of(database, key, groups),
                    sharing=_others(users.get(key), database, out_of_scope),
                    authority=_authority(database, authorities),
                ),
            )
            for database, key in zip(covered, keys, strict=True)
        ),
        complete=listing.complete,
        left_out=tuple(out_of_scope),
    )


def _read_groups(keys: Iterable[GroupKey], rds: Rds) -> Mapping[GroupKey, Observed[ParameterGroup]]:
    # A few at a time: the quota of RDS is shared with everybody else in the account.
    wanted = list(keys)
    with ThreadPoolExecutor(max_workers=GROUPS_AT_A_TIME) as pool:
        return dict(zip(wanted, pool.map(rds.read_group, wanted), strict=True))


def _group_of(
    database: Database,
    key: GroupKey | None,
    groups: Mapping[GroupKey, Observed[ParameterGroup]],
) -> Observed[ParameterGroup]:
    if database.cluster is not None and database.cluster.limitless:
        return Unseen(reason=LIMITLESS_UNSUPPORTED)
    if key is None:
        return Unseen(reason="its cluster could not be listed, whose parameter group decides")
    return groups[key]


def _users(databases: Iterable[Database]) -> Mapping[GroupKey | None, tuple[str, ...]]:
    """Name who uses each group: instances, and clusters once for all their members."""
    users: dict[GroupKey | None, dict[str, None]] = defaultdict(dict)
    for database in databases:
        users[deciding_group(database)][database.parameter_group_owner] = None
    return {key: tuple(names) for key, names in users.items() if key is not None}


def _others(
    users: Sequence[str] | None, database: Database, out_of_scope: Iterable[Database]
) -> GroupUsers | None:
    if users is None:
        return None
    # One more than is named: the database itself may be among them.
    names = [name for name in users[: MAX_NAMED + 1] if name != database.parameter_group_owner][
        :MAX_NAMED
    ]
    cluster = database.cluster.arn if database.cluster else None
    members = [it.id for it in out_of_scope if it.cluster and it.cluster.arn == cluster]
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
