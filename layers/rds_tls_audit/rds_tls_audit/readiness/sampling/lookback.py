"""The days that the answer looks back on, and how well a database was sampled in them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from rds_tls_audit.readiness.sampling.daily_samples import DailySamples

WINDOW_DAYS = 35
"""Five weeks: a job that runs once a month has run at least once."""

NEEDED_PERCENT = 90
"""Of the planned samples that must have been taken: a run fails now and then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookbackWindow:
    """The last `WINDOW_DAYS` days that are over, by UTC."""

    first: date
    samples_per_day: int

    @classmethod
    def before(cls, now: datetime, samples_per_day: int) -> "LookbackWindow":
        """End the window yesterday: of today not all samples can have been taken."""
        today = now.astimezone(UTC).date()
        return cls(first=today - timedelta(days=WINDOW_DAYS), samples_per_day=samples_per_day)

    @property
    def planned(self) -> int:
        """How many samples should have been taken of each database."""
        return WINDOW_DAYS * self.samples_per_day

    def holds(self, moment: datetime) -> bool:
        """Whether it is not longer ago than the window begins; today counts too."""
        return moment.astimezone(UTC).date() >= self.first

    def coverage(self, days: Iterable[DailySamples]) -> "SamplingCoverage":
        """Sum up the days of the window."""
        last = self.first + timedelta(days=WINDOW_DAYS - 1)
        within = [one for one in days if self.first <= one.day <= last]
        return SamplingCoverage(
            days=len({one.day for one in within if one.samples}),
            # More than planned on one day does not make up for another day.
            collected=sum(min(one.samples, self.samples_per_day) for one in within),
            planned=self.planned,
            partial=sum(one.partial for one in within),
            opened=sum(one.opened or 0 for one in within),
            uncounted_days=sum(one.opened is None for one in within),
            seen=sum(one.seen for one in within),
            resets=sum(one.resets for one in within),
            proxied=sum(one.proxied for one in within),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingCoverage:
    """How well one database was sampled in the window."""

    days: int
    """On which it was sampled at all."""
    collected: int
    """Of the planned samples."""
    planned: int
    partial: int
    """Looks that did not show every session, of sample runs and others."""
    opened: int
    uncounted_days: int
    """Days on which the server did not count opened sessions."""
    seen: int
    resets: int
    proxied: int
    """Looks in which an RDS Proxy was connected."""

    @property
    def sufficient(self) -> bool:
        """Whether enough of the planned samples were taken."""
        return self.planned > 0 and self.collected * 100 >= self.planned * NEEDED_PERCENT

    @property
    def share_seen(self) -> float | None:
        """Which part of the opened sessions was seen; all where none was opened."""
        if not self.days or self.uncounted_days or self.resets:
            return None
        return min(self.seen / self.opened, 1.0) if self.opened else 1.0

    @property
    def share_collected(self) -> float:
        """Which part of the samples planned for its sampled days was taken."""
        return self.collected * WINDOW_DAYS / (self.planned * self.days) if self.collected else 0.0
