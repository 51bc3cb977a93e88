"""Answer: is it safe to force TLS, for each parameter group that decides for a database."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.codec import MalformedError
from rds_tls_audit.evidence.observed import Seen
from rds_tls_audit.fleet.configuration import FORCE_SSL, GroupKey, Target, deciding_group
from rds_tls_audit.pipeline.run import Run
from rds_tls_audit.ports.state_store import SamplingHistoryReader
from rds_tls_audit.readiness.assessment import ReadinessAssessment, assess_readiness
from rds_tls_audit.readiness.database_history import DatabaseHistory
from rds_tls_audit.readiness.out_of_scope_users import OutOfScopeUsers
from rds_tls_audit.results.batch_result import DatabaseResult
from rds_tls_audit.settings import Settings

_PLAINTEXT = "plaintext-refused"


def assess_groups(  # noqa: PLR0913 - all that the answers depend on
    run: Run,
    targets: Iterable[Target],
    results: Iterable[DatabaseResult],
    settings: Settings,
    histories: SamplingHistoryReader,
    *,
    complete: bool = True,
) -> tuple[ReadinessAssessment, ...]:
    """Answer for every group, by all that was ever seen of the databases it decides for.

    `complete`: whether RDS listed every database there is.
    """
    by_arn = {result.arn: result for result in results}
    groups: dict[GroupKey, list[Target]] = defaultdict(list)
    for target in targets:
        key = deciding_group(target.database)
        if key is not None:
            groups[key].append(target)
    return tuple(
        assess_readiness(
            key,
            [_read(it, by_arn.get(it.database.arn), histories) for it in groups[key]],
            now=run.observed_at,
            samples_per_day=settings.samples_per_day,
            detail=settings.client_detail,
            outside=_out_of_scope_users(groups[key], complete=complete),
        )
        for key in sorted(groups, key=str)
    )


def _out_of_scope_users(targets: Sequence[Target], *, complete: bool) -> OutOfScopeUsers:
    """Find who shares the group and is no target: as discover saw it, before the scope."""
    inside = {one.database.parameter_group_owner for one in targets}
    sharings = [it for one in targets if (it := one.configuration.sharing) is not None]
    names = sorted({name for it in sharings for name in it.names} - inside)
    users = max((1 + len(it.names) + it.more for it in sharings), default=0)
    more = max(users - len(inside) - len(names), 0)
    members = sorted({name for it in sharings for name in it.members_left_out})
    return OutOfScopeUsers(names=tuple(names), more=more, members=tuple(members), complete=complete)


def _read(
    target: Target, result: DatabaseResult | None, histories: SamplingHistoryReader
) -> DatabaseHistory:
    try:
        return _history(target, result, histories)
    except MalformedError as error:
        # One database alone: the answers for the others are told all the same.
        return DatabaseHistory(
            database=target.database,
            not_connected=f"what was remembered of it cannot be read: {error}",
            force_ssl=_force_ssl(target),
            plaintext_refused=None if result is None else _plaintext_refused(result),
        )


def _history(
    target: Target, result: DatabaseResult | None, histories: SamplingHistoryReader
) -> DatabaseHistory:
    resource_id = target.database.resource_id
    tally = histories.read_tally(resource_id)
    return DatabaseHistory(
        database=target.database,
        not_connected="its batch was lost" if result is None else result.not_sampled,
        days=tuple(histories.read_days(resource_id)),
        sightings=tuple(histories.read(resource_id).values()),
        overflow=0 if tally is None else tally.overflow,
        force_ssl=_force_ssl(target),
        plaintext_refused=None if result is None else _plaintext_refused(result),
        log_connections=None if result is None else result.log_connections,
        proxied=result is not None and result.proxied,
    )


def _force_ssl(target: Target) -> str | None:
    group = target.configuration.group
    parameter = group.value.parameters.get(FORCE_SSL) if isinstance(group, Seen) else None
    return None if parameter is None else parameter.value


def _plaintext_refused(result: DatabaseResult) -> bool | None:
    statuses = {verdict.check: verdict.status for verdict in result.verdicts}
    return {Status.PASSED: True, Status.FAILED: False}.get(statuses.get(_PLAINTEXT, Status.UNKNOWN))
