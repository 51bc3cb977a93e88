"""Which resources findings were sent for, and what becomes of those that are not there any more."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from rds_tls_audit.fleet.database import Database
from rds_tls_audit.pipeline.run import Run

ABSENCES_BEFORE_ARCHIVE = 2
"""Complete full runs that a database is absent from before its findings are archived."""

DELETED_REASON = (
    f"the database is gone: it was absent from {ABSENCES_BEFORE_ARCHIVE} complete full runs"
)
OUT_OF_SCOPE_REASON = (
    "the database is left out of the audit's scope (INCLUDE_ and EXCLUDE_ settings)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownResource:
    """An instance or cluster that a full or named run has seen."""

    database: Database
    """The instance, or a member of the cluster, as it was seen last."""
    absences: int = 0
    absent_in: str | None = None
    """Id of the run that last found it absent, so that a repetition counts nothing."""
    closed: bool = False
    """Its findings are archived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetiredResource:
    """A resource whose findings are to be archived."""

    resource_id: str
    known: KnownResource
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryChanges:
    """What a run makes of the inventory."""

    changed: Mapping[str, KnownResource]
    """To store, by resource id."""
    retired: tuple[RetiredResource, ...]
    """To store as closed once their findings are archived."""


def reconcile_inventory(
    inventory: Mapping[str, KnownResource],
    present: Iterable[Database],
    left_out: frozenset[str],
    run: Run,
    *,
    complete: bool,
) -> InventoryChanges:
    """Compare what was known with what a run found.

    Args:
        inventory: by resource id.
        present: the databases of the run.
        left_out: resource ids of instances and clusters that are out of scope.
        run: that found them.
        complete: whether it was a full run whose every listing call succeeded; else nobody counts
            as absent.
    """
    here = tuple(present)
    found = resources_by_id(here)
    unlisted = {it.cluster.arn for it in here if it.cluster and it.cluster.resource_id is None}
    changed = {
        resource_id: KnownResource(database=database)
        for resource_id, database in found.items()
        if inventory.get(resource_id) != KnownResource(database=database)
    }
    departures = []
    for resource_id, known in inventory.items():
        if resource_id in found or _cluster_arn(known.database) in unlisted:
            continue
        # Also of one that is closed: a person may have asked about it since.
        if resource_id in left_out:
            departures.append(
                RetiredResource(resource_id=resource_id, known=known, reason=OUT_OF_SCOPE_REASON)
            )
        elif complete and not known.closed:
            absent = _absent(known, run)
            changed[resource_id] = absent
            if absent.absences >= ABSENCES_BEFORE_ARCHIVE:
                departures.append(
                    RetiredResource(resource_id=resource_id, known=absent, reason=DELETED_REASON)
                )
    return InventoryChanges(changed=changed, retired=tuple(departures))


def _absent(known: KnownResource, run: Run) -> KnownResource:
    if known.absent_in == run.id:
        return known
    return replace(known, absences=known.absences + 1, absent_in=run.id)


def _cluster_arn(database: Database) -> str | None:
    return database.cluster.arn if database.cluster else None


def resources_by_id(databases: Iterable[Database]) -> Mapping[str, Database]:
    """Give the instances and their clusters by resource id; of a cluster, one member."""
    found: dict[str, Database] = {}
    for database in databases:
        found[database.resource_id] = database
        if database.cluster is not None and database.cluster.resource_id is not None:
            found.setdefault(database.cluster.resource_id, database)
    return found
