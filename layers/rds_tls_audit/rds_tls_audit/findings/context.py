"""The background of a finding: what to do, whose it is, and where the fault lies."""

from dataclasses import replace

from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.evaluation import Judgement
from rds_tls_audit.findings.asff import DOCUMENTATION, Background, finding_id
from rds_tls_audit.findings.resource import subject_of
from rds_tls_audit.fleet.configuration import deciding_group
from rds_tls_audit.fleet.database import Database
from rds_tls_audit.pipeline.run import Run
from rds_tls_audit.settings import Settings


def background(
    judgement: Judgement, database: Database, run: Run, settings: Settings
) -> Background:
    """Gather it for one check of one database."""
    own = background_of(judgement.check, judgement.remedy, database, run, settings)
    return replace(
        own, cause=_cause(judgement.cause, database), related=_related(judgement, database)
    )


def background_of(
    check: Check, remedy: str, database: Database, run: Run, settings: Settings
) -> Background:
    """Gather it for a check that is its own cause."""
    return Background(
        remedy=remedy,
        run_id=run.id,
        owner=owner_of(database, settings),
        cause=_cause(check, database),
        documentation=documentation(check, settings),
    )


def owner_of(database: Database, settings: Settings) -> str | None:
    """The value of the owner's tag."""
    return database.tags.get(settings.owner_tag, "").strip() or None


def documentation(check: Check, settings: Settings) -> str:
    """Where to read on: the deployer's own pages, a page for each check, or AWS's."""
    if settings.docs_base_url is None:
        return DOCUMENTATION
    return f"{settings.docs_base_url.rstrip('/')}/{check.id}"


def _cause(check: Check, database: Database) -> str:
    group = deciding_group(database)
    if check.about_group and group is not None:
        return f"{check.id} in {group}"
    return f"{check.id} of {subject_of(check, database).id}"


def _related(judgement: Judgement, database: Database) -> tuple[str, ...]:
    if judgement.cause.id == judgement.check.id:
        return ()
    subject = subject_of(judgement.cause, database)
    return (finding_id(judgement.cause, subject),) if subject.resource_id else ()
