"""Counts the samples of a database by day, and the share of opened sessions they observed."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from rds_tls_audit.evidence.observation import SessionsOpened, SessionView
from rds_tls_audit.pipeline.run import Run, RunKind
from rds_tls_audit.readiness.sampling.daily_samples import DailySamples, is_partial, is_proxied

AUDIT_LOGINS = 1
"""The audit's own logins between two samples: the server counts them as opened sessions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingState:
    """The last probe of a database, and the current day so far.

    Field names are the stored format.
    """

    run_id: str
    at: datetime
    opened: SessionsOpened | None
    day: DailySamples
    overflow: int = 0
    """How many clients were not stored."""


def record_sample(
    previous: SamplingState | None, view: SessionView, run: Run
) -> SamplingState | None:
    """Count one more probe; None if this run, or a later one, is already counted.

    Only sample runs count as samples: a full run at a fixed hour is not at a random moment.
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
        return day  # There is no earlier count to compare with.
    earlier = previous.opened
    if view.opened.since != earlier.since or view.opened.count < earlier.count:
        return replace(day, resets=day.resets + 1)
    opened = max(view.opened.count - earlier.count - AUDIT_LOGINS, 0)
    minutes = (run.observed_at - previous.at).total_seconds() / 60
    # Ages are whole minutes: a session that may have begun before the last sample isn't counted.
    seen = sum(sessions for age, sessions in view.ages if age + 1 <= minutes)
    return replace(day, opened=day.opened + opened, seen=day.seen + min(seen, opened))
