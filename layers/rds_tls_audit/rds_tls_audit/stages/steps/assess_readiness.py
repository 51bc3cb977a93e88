"""Assesses, for each deciding parameter group, whether it is safe to force TLS."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

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
from rds_tls_audit.results.gaps import BATCH_FAILED
from rds_tls_audit.settings import Settings

_PLAINTEXT = "plaintext-refused"


def assess_groups(  # noqa: PLR0913 - all that the assessments depend on
    run: Run,
    targets: Iterable[Target],
    results: Iterable[DatabaseResult],
    settings: Settings,
    histories: SamplingHistoryReader,
    *,
    complete: bool = True,
) -> tuple[ReadinessAssessment, ...]:
    """Assess every deciding group from everything that is stored about its databases.

    Args:
        run: the full run that assesses.
        targets: every database in scope.
        results: their results in this run.
        settings: the settings.
        histories: the stored samples and clients.
        complete: whether RDS listed every database.
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
            [
                _read_history(target, by_arn.get(target.database.arn), histories)
                for target in groups[key]
            ],
            now=run.observed_at,
            samples_per_day=settings.samples_per_day,
            detail=settings.client_detail,
            out_of_scope=_out_of_scope_users(groups[key], complete=complete),
        )
        for key in sorted(groups, key=str)
    )


def _out_of_scope_users(targets: Sequence[Target], *, complete: bool) -> OutOfScopeUsers:
    """Find the users of the group that are not targets, as discover found them."""
    in_scope = {target.database.parameter_group_owner for target in targets}
    found = [target.configuration.sharing for target in targets]
    users = [group_users for group_users in found if group_users is not None]
    names = sorted({name for group_users in users for name in group_users.names} - in_scope)
    total = max((1 + len(group_users.names) + group_users.more for group_users in users), default=0)
    more = max(total - len(in_scope) - len(names), 0)
    members = sorted({name for group_users in users for name in group_users.members_left_out})
    return OutOfScopeUsers(names=tuple(names), more=more, members=tuple(members), complete=complete)


def _read_history(
    target: Target, result: DatabaseResult | None, histories: SamplingHistoryReader
) -> DatabaseHistory:
    history = DatabaseHistory(
        database=target.database,
        not_sampled=BATCH_FAILED if result is None else result.not_sampled,
        force_ssl=_force_ssl(target),
        plaintext_refused=None if result is None else _plaintext_refused(result),
    )
    try:
        history = _with_samples(history, histories)
    except MalformedError as error:
        # Only this database is affected: the other groups are still assessed.
        return replace(history, not_sampled=f"its stored samples cannot be read: {error}")
    if result is None:
        return history
    return replace(history, log_connections=result.log_connections, proxied=result.proxied)


def _with_samples(history: DatabaseHistory, histories: SamplingHistoryReader) -> DatabaseHistory:
    resource_id = history.database.resource_id
    state = histories.read_sampling_state(resource_id)
    return replace(
        history,
        days=tuple(histories.read_days(resource_id)),
        clients=tuple(histories.read(resource_id).values()),
        clients_not_retained=0 if state is None else state.overflow,
    )


def _force_ssl(target: Target) -> str | None:
    group = target.configuration.group
    parameter = group.value.parameters.get(FORCE_SSL) if isinstance(group, Seen) else None
    return None if parameter is None else parameter.value


def _plaintext_refused(result: DatabaseResult) -> bool | None:
    statuses = {verdict.check: verdict.status for verdict in result.verdicts}
    return {Status.PASSED: True, Status.FAILED: False}.get(statuses.get(_PLAINTEXT, Status.UNKNOWN))
