"""Publish: judge the evidence of a batch and send what changed to Security Hub."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from rds_tls_audit.checks.acceptance import accepted
from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.evaluation import Judgement, judge
from rds_tls_audit.findings.context import background, owner_of
from rds_tls_audit.findings.resource import Subject, subject_of
from rds_tls_audit.findings.state import FindingState, StateKey
from rds_tls_audit.findings.transition import decide
from rds_tls_audit.pipeline.messages import Evidence, Witnessed
from rds_tls_audit.pipeline.run import Run
from rds_tls_audit.ports.run_store import Results
from rds_tls_audit.ports.security_hub import Hub
from rds_tls_audit.ports.state_store import Sightings, States
from rds_tls_audit.results.batch_result import BatchResult, DatabaseResult
from rds_tls_audit.settings import Settings
from rds_tls_audit.stages.steps.deliver_findings import Telling, tell
from rds_tls_audit.stages.steps.record_clients import remember


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishPorts:
    """What publish reaches."""

    hub: Hub
    states: States
    results: Results
    sightings: Sightings


def run(evidence: Evidence, settings: Settings, ports: PublishPorts) -> BatchResult:
    """Judge, compare with what was told before, send what changed, remember what was taken."""
    this_run = evidence.run
    known = ports.states.read(_resource_ids(evidence))
    judged = [(seen, _judge(this_run, seen, known, settings)) for seen in evidence.witnessed]
    tellings = _decide(this_run, judged, settings, known)
    imported = tell(tellings, settings, ports)
    not_remembered = _remember(evidence, ports.sightings)
    result = BatchResult(
        batch=evidence.batch,
        part=evidence.part,
        databases=tuple(
            DatabaseResult.of(
                this_run, seen, judgements, owner=owner_of(seen.target.database, settings)
            )
            for seen, judgements in judged
        ),
        imported=len(imported.ids),
        rejected=imported.rejected,
        hub_off=imported.off,
        held_back=tuple(
            it.change for it in tellings if imported.off and it.change and it.id not in imported.ids
        ),
        not_remembered=not_remembered,
    )
    ports.results.write_result(this_run, result)
    return result


def _remember(evidence: Evidence, sightings: Sightings) -> str | None:
    """Remember who was seen; what fails keeps no verdict from the report, which tells it."""
    try:
        remember(evidence.run, evidence.witnessed, sightings)
    except Exception as error:  # noqa: BLE001 - whatever it is, report raises it at the end
        return f"{type(error).__name__}: {error}"
    return None


def _resource_ids(evidence: Evidence) -> list[str]:
    databases = [seen.target.database for seen in evidence.witnessed]
    clusters = [it.cluster.resource_id for it in databases if it.cluster is not None]
    return sorted({*(it.resource_id for it in databases), *filter(None, clusters)})


def _judge(
    this_run: Run,
    seen: Witnessed,
    known: Mapping[StateKey, FindingState | None],
    settings: Settings,
) -> tuple[Judgement, ...]:
    database = seen.target.database

    def since(check: Check) -> datetime | None:
        state = known.get((subject_of(check, database).resource_id or "", check.id))
        return state.accepted_at if state else None

    return tuple(
        accepted(
            judgement,
            database,
            observed_at=this_run.observed_at,
            since=since(judgement.check),
        )
        for judgement in judge(seen, this_run, settings)
    )


type _Judged = Sequence[tuple[Witnessed, Sequence[Judgement]]]


def _decide(
    this_run: Run,
    judged: _Judged,
    settings: Settings,
    known: Mapping[StateKey, FindingState | None],
) -> list[Telling]:
    # The members of a cluster share the finding of a check that is per cluster.
    tellings: dict[StateKey, Telling] = {}
    for seen, judgements in judged:
        for judgement in judgements:
            subject = subject_of(judgement.check, seen.target.database)
            key = (subject.resource_id or "", judgement.check.id)
            previous = known.get(key)
            # Without an id there is no finding; and a newer version's is its own to tell.
            if subject.resource_id is None or key in tellings or (key in known and not previous):
                continue
            withheld = _why_withheld(judgement, subject, settings)
            tellings[key] = Telling.of(
                judgement.check,
                subject,
                previous,
                partial(
                    decide, judgement=judgement, run=this_run, settings=settings, withheld=withheld
                ),
                background(judgement, seen.target.database, this_run, settings),
            )
    return list(tellings.values())


def _why_withheld(judgement: Judgement, subject: Subject, settings: Settings) -> str | None:
    check = judgement.check
    if check.id in settings.disabled_checks:
        return "the check is disabled (DISABLED_CHECKS)"
    if settings.defer_to_rds38 and check.told_by_rds38 and not subject.is_cluster:
        return "left to Security Hub's control RDS.38 (DEFER_TO_RDS38)"
    return judgement.accepted
