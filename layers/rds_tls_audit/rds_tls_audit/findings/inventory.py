"""The resources that findings were sent for, and which of them are no longer audited."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from rds_tls_audit.fleet.database import Database
from rds_tls_audit.pipeline.run import Run

ABSENCES_BEFORE_ARCHIVE = 2
"""Findings are archived after this many consecutive complete full runs without the database."""

DELETED_REASON = (
    "the database no longer exists: RDS did not list it in "
    f"{ABSENCES_BEFORE_ARCHIVE} consecutive complete runs"
)
OUT_OF_SCOPE_REASON = "the database is out of the audit's scope (settings INCLUDE_* and EXCLUDE_*)"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownResource:
    """A DB instance or DB cluster that a full or named run has audited.

    Field names are the stored format.
    """

    database: Database
    """The DB instance, or a member of the DB cluster, as the latest run found it."""
    absences: int = 0
    absent_in: str | None = None
    """The id of the latest run that did not find it; a repeated run is counted once."""
    closed: bool = False
    """Whether its findings are archived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetiredResource:
    """A resource whose findings must be archived."""

    resource_id: str
    known: KnownResource
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryChanges:
    """What a run changes in the inventory."""

    changed: Mapping[str, KnownResource]
    """The resources to store, by resource id."""
    retired: tuple[RetiredResource, ...]
    """The resources to store as closed once their findings are archived."""


def reconcile_inventory(
    inventory: Mapping[str, KnownResource],
    present: Iterable[Database],
    left_out: frozenset[str],
    run: Run,
    *,
    complete: bool,
) -> InventoryChanges:
    """Compare the stored inventory with the databases that a run found.

    Args:
        inventory: The stored resources, by resource id.
        present: The databases of the run.
        left_out: The resource ids of DB instances and DB clusters that are out of scope.
        run: The run that found the databases.
        complete: Whether this is a full run in which every listing call succeeded. In any other
            run, a missing resource does not count as absent.
    """
    databases = tuple(present)
    found = resources_by_id(databases)
    unlisted_clusters = {
        database.cluster.arn
        for database in databases
        if database.cluster and database.cluster.resource_id is None
    }
    changed = {
        resource_id: KnownResource(database=database)
        for resource_id, database in found.items()
        if inventory.get(resource_id) != KnownResource(database=database)
    }
    retired = []
    for resource_id, known in inventory.items():
        if resource_id in found or _cluster_arn(known.database) in unlisted_clusters:
            continue
        # Even if it is closed: a named run may have opened its findings again since.
        if resource_id in left_out:
            retired.append(
                RetiredResource(resource_id=resource_id, known=known, reason=OUT_OF_SCOPE_REASON)
            )
        elif complete and not known.closed:
            absent = _count_absence(known, run)
            changed[resource_id] = absent
            if absent.absences >= ABSENCES_BEFORE_ARCHIVE:
                retired.append(
                    RetiredResource(resource_id=resource_id, known=absent, reason=DELETED_REASON)
                )
    return InventoryChanges(changed=changed, retired=tuple(retired))


def _count_absence(known: KnownResource, run: Run) -> KnownResource:
    if known.absent_in == run.id:
        return known
    return replace(known, absences=known.absences + 1, absent_in=run.id)


def _cluster_arn(database: Database) -> str | None:
    return database.cluster.arn if database.cluster else None


def resources_by_id(databases: Iterable[Database]) -> Mapping[str, Database]:
    """Map the resource ids of DB instances and their DB clusters to a database.

    A cluster is represented by one of its members.
    """
    found: dict[str, Database] = {}
    for database in databases:
        found[database.resource_id] = database
        if database.cluster is not None and database.cluster.resource_id is not None:
            found.setdefault(database.cluster.resource_id, database)
    return found
