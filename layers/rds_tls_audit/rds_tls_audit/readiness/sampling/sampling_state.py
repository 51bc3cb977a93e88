"""Counting the samples of a database, day by day, and how much of what went on they saw."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from rds_tls_audit.evidence.observation import SessionsOpened, SessionView
from rds_tls_audit.pipeline.run import Run, RunKind
from rds_tls_audit.readiness.sampling.daily_samples import DailySamples, is_partial, is_proxied

OWN_LOGINS = 1
"""Of ours between two samples: they count among the opened sessions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingState:
    """The last sample of a database, and its day so far."""

    run_id: str
    at: datetime
    opened: SessionsOpened | None
    day: DailySamples
    overflow: int = 0
    """Clients that were not remembered."""


def record_sample(
    previous: SamplingState | None, view: SessionView, run: Run
) -> SamplingState | None:
    """Count one more look; None where this run, or a later one, is counted already.

    Only sample runs count as samples: a full run at a fixed hour looks at no random moment.
    """
    if previous is not None and (previous.run_id == run.id or previous.at >= run.observed_at):
        return None
    today = run.observed_at.astimezone(UTC).date()
    day = DailySamples(day=today, samples=0, partial=0, opened=0, seen=0)
    if previous is not None and previous.day.day == today:
        day = previous.day
    day = replace(
        day,
        samples=day.samples + (run.kind is RunKind.SAMPLE),
        partial=day.partial + is_partial(view),
        proxied=day.proxied + is_proxied(view),
    )
    return SamplingState(
        run_id=run.id,
        at=run.observed_at,
        opened=view.opened,
        day=_with_opened(day, previous, view, run),
        overflow=0 if previous is None else previous.overflow,
    )


def _with_opened(
    day: DailySamples, previous: SamplingState | None, view: SessionView, run: Run
) -> DailySamples:
    if view.opened is None or day.opened is None:
        return replace(day, opened=None)
    if previous is None or previous.opened is None:
        return day  # nothing to compare with
    before = previous.opened
    if view.opened.since != before.since or view.opened.count < before.count:
        return replace(day, resets=day.resets + 1)
    opened = max(view.opened.count - before.count - OWN_LOGINS, 0)
    minutes = (run.observed_at - previous.at).total_seconds() / 60
    # Ages are whole minutes: one that may have begun before the last sample is no new session.
    seen = sum(sessions for age, sessions in view.ages if age + 1 <= minutes)
    return replace(day, opened=day.opened + opened, seen=day.seen + min(seen, opened))
