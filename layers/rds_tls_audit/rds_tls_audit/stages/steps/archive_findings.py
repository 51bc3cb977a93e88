"""Archive the findings of databases that were deleted or are out of the audit's scope."""

from dataclasses import replace
from functools import partial
from typing import Protocol

from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.findings.archiving import archive
from rds_tls_audit.findings.asff import FindingContext
from rds_tls_audit.findings.context import documentation_url, owner_of
from rds_tls_audit.findings.import_result import ImportResult
from rds_tls_audit.findings.inventory import InventoryChanges, RetiredResource
from rds_tls_audit.findings.resource import resource_for
from rds_tls_audit.fleet.database import Database
from rds_tls_audit.pipeline.run import Run
from rds_tls_audit.ports.state_store import FindingStates, Inventory
from rds_tls_audit.settings import Settings
from rds_tls_audit.stages.steps.deliver_findings import (
    DeliveryPorts,
    FindingUpdate,
    deliver_updates,
)


class ArchivePorts(DeliveryPorts, Protocol):
    """The ports that archiving needs."""

    @property
    def inventory(self) -> Inventory:
        """The resources that have had findings."""


def archive_retired(
    run: Run, changes: InventoryChanges, settings: Settings, ports: ArchivePorts
) -> ImportResult:
    """Archive the findings of retired resources, and store the inventory.

    A resource is stored as closed only once Security Hub has imported all of its findings;
    otherwise the next full run tries again.
    """
    updates = {
        retired.resource_id: _archive_updates(retired, run, settings, ports.states)
        for retired in changes.retired
    }
    imported = deliver_updates(
        [update for of_resource in updates.values() for update in of_resource], settings, ports
    )
    closed = {
        retired.resource_id: replace(retired.known, closed=True)
        for retired in changes.retired
        if all(
            update.id in imported.ids
            for update in updates[retired.resource_id]
            if update.decision.send
        )
    }
    ports.inventory.write({**changes.changed, **closed})
    return imported


def _archive_updates(
    retired: RetiredResource, run: Run, settings: Settings, states: FindingStates
) -> list[FindingUpdate]:
    database = retired.known.database
    known = states.read([retired.resource_id])
    decide = partial(archive, run=run, reason=retired.reason)
    updates = []
    for check in all_checks():
        previous = known.get((retired.resource_id, check.id))
        resource = resource_for(check, database)
        if previous is not None and resource.resource_id == retired.resource_id:
            context = _context(check, database, run, settings)
            updates.append(FindingUpdate.of(check, resource, previous, decide, context))
    return updates


def _context(check: Check, database: Database, run: Run, settings: Settings) -> FindingContext:
    """Build a context without a cause: no fault is left."""
    return FindingContext(
        remedy=check.remedy,
        run_id=run.id,
        owner=owner_of(database, settings),
        documentation=documentation_url(check, settings),
    )
