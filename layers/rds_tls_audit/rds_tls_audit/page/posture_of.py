"""The posture that the page tells, from what a full run came to."""

from collections.abc import Iterable, Mapping

from rds_tls_audit import VERSION
from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.fleet.arn import Arn
from rds_tls_audit.page.posture import Cell, Posture, Row
from rds_tls_audit.pipeline.run import Run
from rds_tls_audit.results.batch_result import DatabaseResult


def new_posture(
    run: Run, place: Arn, results: Iterable[DatabaseResult], *, role: str, complete: bool
) -> Posture:
    """Lay the verdicts out; answers, gaps and what else there is are added to it."""
    checks = {check.id: check for check in all_checks()}
    return Posture(
        run_id=run.id,
        observed_at=run.observed_at,
        account=place.account,
        region=place.region,
        version=VERSION,
        complete=complete,
        databases=tuple(_row(result, checks, role) for result in results),
    )


def _row(result: DatabaseResult, checks: Mapping[str, Check], role: str) -> Row:
    return Row(
        id=result.id,
        arn=result.arn,
        resource_id=result.resource_id,
        group=result.group,
        engine=result.engine,
        engine_version=result.engine_version,
        cluster=result.cluster,
        owner=result.owner,
        endpoint=result.endpoint,
        role=result.role or role,
        logged_in=result.logged_in,
        log_connections=result.log_connections,
        proxied=result.proxied,
        verdicts=tuple(
            Cell(
                check=verdict.check,
                question=checks[verdict.check].question,
                severity=verdict.severity,
                status=verdict.status,
                because=verdict.because,
                missing=verdict.missing,
                accepted=verdict.accepted,
                advice=verdict.advice,
                remedy=checks[verdict.check].remedy,
            )
            for verdict in result.verdicts
            if verdict.check in checks
        ),
    )
