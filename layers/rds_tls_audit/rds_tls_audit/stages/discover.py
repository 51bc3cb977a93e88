"""Discover: list the databases, read the group that decides for each, once per group."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

from rds_tls_audit.authority import Authority
from rds_tls_audit.batches import Batch, batches
from rds_tls_audit.configuration import (
    Configuration,
    GroupKey,
    ParameterGroup,
    Sharing,
    Target,
    deciding_group,
)
from rds_tls_audit.database import LIMITLESS, Database
from rds_tls_audit.evidence import Observed, Seen, Unseen
from rds_tls_audit.request import DiscoverRequest
from rds_tls_audit.result import BatchResult
from rds_tls_audit.run import Run, RunKind
from rds_tls_audit.scope import Scope
from rds_tls_audit.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What RDS lists."""

    databases: tuple[Database, ...]
    complete: bool
    """Whether every call succeeded."""


GROUPS_AT_A_TIME = 4
MAX_NAMED = 3
"""Of those who share a group."""


class Rds(Protocol):
    """The RDS API, as far as it is needed."""

    def list_all(self) -> Listing:
        """List every PostgreSQL database of the account and Region."""

    def list_named(self, names: Sequence[str], *, ignore_missing: bool = False) -> Listing:
        """List these; raises where one does not exist, unless that is to be ignored."""

    def read_group(self, key: GroupKey) -> Observed[ParameterGroup]:
        """Read a parameter group."""

    def read_authorities(self) -> Observed[Mapping[str, Authority]]:
        """Read the CAs by their identifiers."""


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
    left_out: int = 0
    """How many databases are out of scope."""


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
    left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Another full run is under way; this one has nothing to do."""

    held_by: str


def run(
    this_run: Run, request: DiscoverRequest, settings: Settings, ports: DiscoverPorts
) -> Discovered | Skipped:
    """Write the manifest of a run, but for a second full run at once."""

    def discover() -> Discovered:
        found = _find(this_run, request, settings, ports)
        return _write(this_run, found, settings, ports.manifests)

    if ports.lock is None or this_run.kind is not RunKind.FULL:
        return discover()
    if holder := ports.lock.take(this_run):
        return Skipped(held_by=holder)
    try:
        return discover()
    except BaseException:
        ports.lock.release(this_run.id)
        raise


def answer(
    this_run: Run, found: Discovered | Skipped, request: DiscoverRequest, bucket: str
) -> dict[str, Any]:
    """Answer as the contract says; the state machine is told a little more."""
    run = {"run_id": this_run.id, "kind": this_run.kind.value}
    if isinstance(found, Skipped):
        return run | {"skipped": True, "held_by": found.held_by}
    told = run | {
        "bucket": bucket,
        "key": found.key,
        "databases": found.databases,
        "batches": found.batches,
        "complete": found.complete,
    }
    return told | {"left_out": found.left_out} if request.in_execution else told


def _find(
    this_run: Run, request: DiscoverRequest, settings: Settings, ports: DiscoverPorts
) -> Discovery:
    if this_run.kind is RunKind.SAMPLE:
        return _sampled(ports.manifests)
    # Who names a database wants to know about it; an event names it by chance.
    scope = Scope() if request.databases and not request.ignore_missing else settings.scope
    return find_targets(request.databases, ports.rds, scope, ignore_missing=request.ignore_missing)


def _write(this_run: Run, found: Discovery, settings: Settings, manifests: Manifests) -> Discovered:
    divided = batches(found.targets, run_id=this_run.id, probe_function=settings.probe_function)
    return Discovered(
        key=manifests.write_manifest(this_run, divided),
        databases=len(found.targets),
        batches=len(divided),
        complete=found.complete and this_run.kind is RunKind.FULL,
        left_out=found.left_out,
    )


def find_targets(
    names: Sequence[str], rds: Rds, scope: Scope, *, ignore_missing: bool = False
) -> Discovery:
    """Find the named databases, or all, that are in scope, each with its configuration."""
    listing = rds.list_named(names, ignore_missing=ignore_missing) if names else rds.list_all()
    covered = [database for database in listing.databases if scope.covers(database)]
    keys = [deciding_group(database) for database in covered]
    groups = _read_groups(dict.fromkeys(key for key in keys if key is not None), rds)
    # Those out of scope share a group all the same; in a named run nobody knows who does.
    users = {} if names else _users(listing.databases)
    authorities = rds.read_authorities() if covered else Unseen(reason="not asked")
    return Discovery(
        targets=tuple(
            Target(
                database=database,
                configuration=Configuration(
                    group=_group_of(database, key, groups),
                    sharing=_others(users.get(key), database),
                    authority=_authority(database, authorities),
                ),
            )
            for database, key in zip(covered, keys, strict=True)
        ),
        complete=listing.complete,
        left_out=len(listing.databases) - len(covered),
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
        return Unseen(reason=LIMITLESS)
    if key is None:
        return Unseen(reason="its cluster could not be listed, whose parameter group decides")
    return groups[key]


def _users(databases: Iterable[Database]) -> Mapping[GroupKey | None, tuple[str, ...]]:
    """Name who uses each group: instances, and clusters once for all their members."""
    users: dict[GroupKey | None, dict[str, None]] = defaultdict(dict)
    for database in databases:
        users[deciding_group(database)][_name(database)] = None
    return {key: tuple(names) for key, names in users.items() if key is not None}


def _others(users: Sequence[str] | None, database: Database) -> Sharing | None:
    if users is None:
        return None
    # One more than is named: the database itself may be among them.
    names = [name for name in users[: MAX_NAMED + 1] if name != _name(database)][:MAX_NAMED]
    return Sharing(names=tuple(names), more=len(users) - 1 - len(names))


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


def _authority(
    database: Database, authorities: Observed[Mapping[str, Authority]]
) -> Observed[Authority]:
    if isinstance(authorities, Unseen):
        return authorities
    authority = authorities.value.get(database.ca_id or "")
    if authority is None:
        return Unseen(reason=f"RDS does not list the CA {database.ca_id or 'of the instance'}")
    return Seen(value=authority)
