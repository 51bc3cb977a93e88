"""Archive: close the findings of databases that are gone, or left out of the audit's scope."""

from dataclasses import replace
from functools import partial
from typing import Protocol

from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.findings.archiving import archive
from rds_tls_audit.findings.asff import FindingContext
from rds_tls_audit.findings.context import documentation_url, owner_of
from rds_tls_audit.findings.import_result import ImportResult
from rds_tls_audit.findings.inventory import InventoryChanges, RetiredResource
from rds_tls_audit.findings.resource import resource_for
from rds_tls_audit.pipeline.run import Run
from rds_tls_audit.ports.state_store import Inventory, States
from rds_tls_audit.settings import Settings
from rds_tls_audit.stages.steps.deliver_findings import (
    DeliveryPorts,
    FindingUpdate,
    deliver_updates,
)


class ArchivePorts(DeliveryPorts, Protocol):
    """What archiving reaches."""

    @property
    def inventory(self) -> Inventory:
        """The resources that findings were sent for."""


def archive_retired(
    this_run: Run, stock: InventoryChanges, settings: Settings, ports: ArchivePorts
) -> ImportResult:
    """Archive the findings of who has departed, and store the inventory.

    A departure is closed only once Security Hub took all of its findings: else the next full run
    tries again.
    """
    updates = {
        it.resource_id: _archive_updates(it, this_run, settings, ports.states)
        for it in stock.retired
    }
    imported = deliver_updates(
        [each for some in updates.values() for each in some], settings, ports
    )
    closed = {
        it.resource_id: replace(it.known, closed=True)
        for it in stock.retired
        if all(each.id in imported.ids for each in updates[it.resource_id] if each.decision.send)
    }
    ports.inventory.write({**stock.changed, **closed})
    return imported


def _archive_updates(
    departure: RetiredResource, this_run: Run, settings: Settings, states: States
) -> list[FindingUpdate]:
    database = departure.known.database
    known = states.read([departure.resource_id])
    updates = []
    for check in all_checks():
        previous = known.get((departure.resource_id, check.id))
        subject = resource_for(check, database)
        if previous is None or subject.resource_id != departure.resource_id:
            continue
        updates.append(
            FindingUpdate.of(
                check,
                subject,
                previous,
                partial(archive, run=this_run, reason=departure.reason),
                FindingContext(
                    remedy=check.remedy,
                    run_id=this_run.id,
                    owner=owner_of(database, settings),
                    documentation=documentation_url(check, settings),
                ),
            )
        )
    return updates
