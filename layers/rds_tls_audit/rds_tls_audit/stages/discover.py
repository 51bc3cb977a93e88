"""Discover: list the databases, read the group that decides for each, once per group."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from rds_tls_audit.batches import Batch, batches
from rds_tls_audit.configuration import (
    Configuration,
    GroupKey,
    ParameterGroup,
    Target,
    deciding_group,
)
from rds_tls_audit.database import LIMITLESS, Database
from rds_tls_audit.evidence import Observed, Seen, Unseen
from rds_tls_audit.result import BatchResult
from rds_tls_audit.run import Run, RunKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What RDS lists."""

    databases: tuple[Database, ...]
    complete: bool
    """Whether every call succeeded."""


GROUPS_AT_A_TIME = 4


class Rds(Protocol):
    """The RDS API, as far as it is needed."""

    def list_all(self) -> Listing:
        """List every PostgreSQL database of the account and Region."""

    def list_named(self, names: Sequence[str], *, ignore_missing: bool = False) -> Listing:
        """List these; raises where one does not exist, unless that is to be ignored."""

    def read_group(self, key: GroupKey) -> Observed[ParameterGroup]:
        """Read a parameter group."""

    def read_authorities(self) -> Observed[Mapping[str, datetime]]:
        """Read when each CA ends, by its identifier."""


class Manifests(Protocol):
    """Where manifests are kept."""

    def write_manifest(self, run: Run, batches: Sequence[Batch]) -> str:
        """Write it, and return its key."""

    def last_full(self) -> str | None:
        """Id of the last full run; None before the first."""

    def read_manifest(self, run_id: str) -> Sequence[Batch] | None:
        """Read the manifest of a run; None where it is gone."""

    def read_results(self, run_id: str) -> Iterable[BatchResult]:
        """Read the results of a run."""


class Lock(Protocol):
    """One full run at a time."""

    def take(self, run: Run) -> str | None:
        """Take it, and return None; else the id of the run that holds it."""

    def release(self, run_id: str) -> None:
        """Give it back, where this run holds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """The targets of a run."""

    targets: tuple[Target, ...]
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoverPorts:
    """What discover reaches: RDS, the run bucket and the lock."""

    rds: Rds
    manifests: Manifests
    lock: Lock | None
    """None: this run is nobody's execution, so nobody would release it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """Where the manifest of a run lies, and how much it holds."""

    key: str
    databases: int
    batches: int
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Another full run is under way; this one has nothing to do."""

    held_by: str


def run(
    this_run: Run,
    names: Sequence[str],
    probe_function: str | None,
    ports: DiscoverPorts,
    *,
    ignore_missing: bool = False,
) -> Discovered | Skipped:
    """Write the manifest of a run, but for a second full run at once."""

    def discover() -> Discovered:
        found = _find(this_run, names, ports, ignore_missing=ignore_missing)
        return _write(this_run, found, probe_function, ports.manifests)

    if ports.lock is None or this_run.kind is not RunKind.FULL:
        return discover()
    if holder := ports.lock.take(this_run):
        return Skipped(held_by=holder)
    try:
        return discover()
    except BaseException:
        ports.lock.release(this_run.id)
        raise


def _find(
    this_run: Run, names: Sequence[str], ports: DiscoverPorts, *, ignore_missing: bool
) -> Discovery:
    if this_run.kind is RunKind.SAMPLE:
        return _sampled(ports.manifests)
    return find_targets(names, ports.rds, ignore_missing=ignore_missing)


def _write(
    this_run: Run, found: Discovery, probe_function: str | None, manifests: Manifests
) -> Discovered:
    divided = batches(found.targets, run_id=this_run.id, probe_function=probe_function)
    return Discovered(
        key=manifests.write_manifest(this_run, divided),
        databases=len(found.targets),
        batches=len(divided),
        complete=found.complete and this_run.kind is RunKind.FULL,
    )


def find_targets(names: Sequence[str], rds: Rds, *, ignore_missing: bool = False) -> Discovery:
    """Find the named databases, or all, each with its configuration."""
    listing = rds.list_named(names, ignore_missing=ignore_missing) if names else rds.list_all()
    keys = [deciding_group(database) for database in listing.databases]
    groups = _read_groups(dict.fromkeys(key for key in keys if key is not None), rds)
    users = _users(listing.databases, keys)
    authorities = rds.read_authorities() if listing.databases else Unseen(reason="not asked")
    targets = tuple(
        Target(
            database=database,
            configuration=Configuration(
                group=_group_of(database, key, groups),
                # Who shares a group is known only where everybody was listed.
                shared_with=None if names or key is None else _others(users[key], database),
                authority_valid_till=_authority_end(database, authorities),
            ),
        )
        for database, key in zip(listing.databases, keys, strict=True)
    )
    return Discovery(targets=targets, complete=listing.complete)


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
        return Unseen(reason=LIMITLESS)
    if key is None:
        return Unseen(reason="its cluster could not be listed, whose parameter group decides")
    return groups[key]


def _users(
    databases: Iterable[Database], keys: Iterable[GroupKey | None]
) -> Mapping[GroupKey, tuple[str, ...]]:
    """Name who uses each group: instances, and clusters once for all their members."""
    users: dict[GroupKey, dict[str, None]] = defaultdict(dict)
    for database, key in zip(databases, keys, strict=True):
        if key is not None:
            users[key][_name(database)] = None
    return {key: tuple(names) for key, names in users.items()}


def _others(users: Sequence[str], database: Database) -> tuple[str, ...]:
    return tuple(name for name in users if name != _name(database))


def _name(database: Database) -> str:
    return database.id if database.cluster is None else database.cluster.id


def _sampled(manifests: Manifests) -> Discovery:
    """The databases that the last full run could log in to; costs no call to RDS."""
    last = manifests.last_full()
    if last is None:
        return Discovery(targets=(), complete=False)
    logged_in = {
        database.arn
        for result in manifests.read_results(last)
        for database in result.databases
        if database.logged_in
    }
    batches_then = manifests.read_manifest(last) or ()
    targets = (target for batch in batches_then for target in batch.targets)
    return Discovery(
        targets=tuple(target for target in targets if target.database.arn in logged_in),
        complete=False,
    )


def _authority_end(
    database: Database, authorities: Observed[Mapping[str, datetime]]
) -> Observed[datetime]:
    if isinstance(authorities, Unseen):
        return authorities
    end = authorities.value.get(database.ca_id or "")
    if end is None:
        return Unseen(reason=f"RDS does not list the CA {database.ca_id or 'of the instance'}")
    return Seen(value=end)
