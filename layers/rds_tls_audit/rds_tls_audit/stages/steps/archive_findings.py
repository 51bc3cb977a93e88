"""Archive: close the findings of databases that are gone, or left out of the audit's scope."""

from dataclasses import replace
from functools import partial
from typing import Protocol

from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.findings.archiving import archive
from rds_tls_audit.findings.asff import Background
from rds_tls_audit.findings.context import documentation, owner_of
from rds_tls_audit.findings.import_result import Imported
from rds_tls_audit.findings.inventory import Departure, Stocktaking
from rds_tls_audit.findings.resource import subject_of
from rds_tls_audit.pipeline.run import Run
from rds_tls_audit.ports.state_store import Inventory, States
from rds_tls_audit.settings import Settings
from rds_tls_audit.stages.steps.deliver_findings import Telling, TellPorts, tell


class ArchivePorts(TellPorts, Protocol):
    """What archiving reaches."""

    @property
    def inventory(self) -> Inventory:
        """The resources that findings were sent for."""


def archive_departed(
    this_run: Run, stock: Stocktaking, settings: Settings, ports: ArchivePorts
) -> Imported:
    """Archive the findings of who has departed, and store the inventory.

    A departure is closed only once Security Hub took all of its findings: else the next full run
    tries again.
    """
    tellings = {
        it.resource_id: _tellings(it, this_run, settings, ports.states) for it in stock.departures
    }
    imported = tell([each for some in tellings.values() for each in some], settings, ports)
    closed = {
        it.resource_id: replace(it.known, closed=True)
        for it in stock.departures
        if all(each.id in imported.ids for each in tellings[it.resource_id] if each.decision.send)
    }
    ports.inventory.write({**stock.changed, **closed})
    return imported


def _tellings(
    departure: Departure, this_run: Run, settings: Settings, states: States
) -> list[Telling]:
    database = departure.known.database
    known = states.read([departure.resource_id])
    tellings = []
    for check in all_checks():
        previous = known.get((departure.resource_id, check.id))
        subject = subject_of(check, database)
        if previous is None or subject.resource_id != departure.resource_id:
            continue
        tellings.append(
            Telling.of(
                check,
                subject,
                previous,
                partial(archive, run=this_run, reason=departure.reason),
                Background(
                    remedy=check.remedy,
                    run_id=this_run.id,
                    owner=owner_of(database, settings),
                    documentation=documentation(check, settings),
                ),
            )
        )
    return tellings
