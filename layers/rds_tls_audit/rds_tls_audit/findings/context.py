"""The context of a finding: its remedy, its owner, and its cause."""

from dataclasses import replace

from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.evaluation import Evaluation
from rds_tls_audit.findings.asff import DOCUMENTATION, FindingContext, finding_id
from rds_tls_audit.findings.resource import resource_for
from rds_tls_audit.fleet.configuration import deciding_group
from rds_tls_audit.fleet.database import Database
from rds_tls_audit.pipeline.run import Run
from rds_tls_audit.settings import Settings


def context_for_evaluation(
    evaluation: Evaluation, database: Database, run: Run, settings: Settings
) -> FindingContext:
    """Build the context of an evaluation, which may name another check as its cause."""
    context = context_for_check(evaluation.check, evaluation.remedy, database, run, settings)
    return replace(
        context, cause=_cause(evaluation.cause, database), related=_related(evaluation, database)
    )


def context_for_check(
    check: Check, remedy: str, database: Database, run: Run, settings: Settings
) -> FindingContext:
    """Build the context of a check that is its own cause."""
    return FindingContext(
        remedy=remedy,
        run_id=run.id,
        owner=owner_of(database, settings),
        cause=_cause(check, database),
        documentation=documentation_url(check, settings),
    )


def owner_of(database: Database, settings: Settings) -> str | None:
    """Return the value of the owner tag; None if the tag is missing or empty."""
    return database.tags.get(settings.owner_tag, "").strip() or None


def documentation_url(check: Check, settings: Settings) -> str:
    """Return the page of the check below DOCS_BASE_URL, or the page of AWS if that is not set."""
    if settings.docs_base_url is None:
        return DOCUMENTATION
    return f"{settings.docs_base_url.rstrip('/')}/{check.id}"


def _cause(check: Check, database: Database) -> str:
    group = deciding_group(database)
    if check.fault_in_parameter_group and group is not None:
        return f"{check.id} in {group}"
    return f"{check.id} of {resource_for(check, database).id}"


def _related(evaluation: Evaluation, database: Database) -> tuple[str, ...]:
    if evaluation.cause.id == evaluation.check.id:
        return ()
    resource = resource_for(evaluation.cause, database)
    return (finding_id(evaluation.cause, resource),) if resource.resource_id else ()
