"""The days that an assessment looks back on, and how well a database was sampled in them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from rds_tls_audit.readiness.sampling.daily_samples import DailySamples

WINDOW_DAYS = 35
"""Five weeks: a job that runs once a month has run at least once."""

REQUIRED_PERCENT = 90
"""How many of the planned samples must have been taken: some runs fail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookbackWindow:
    """The last `WINDOW_DAYS` complete days, in UTC."""

    first: date
    samples_per_day: int

    @classmethod
    def before(cls, now: datetime, samples_per_day: int) -> "LookbackWindow":
        """End the window yesterday: today's samples can't all have been taken yet."""
        today = now.astimezone(UTC).date()
        return cls(first=today - timedelta(days=WINDOW_DAYS), samples_per_day=samples_per_day)

    @property
    def planned(self) -> int:
        """How many samples are planned for each database."""
        return WINDOW_DAYS * self.samples_per_day

    def contains(self, moment: datetime) -> bool:
        """Whether a moment is on the window's first day or later; today counts, too."""
        return moment.astimezone(UTC).date() >= self.first

    def coverage(self, days: Iterable[DailySamples]) -> "SamplingCoverage":
        """Sum up the days of the window."""
        last = self.first + timedelta(days=WINDOW_DAYS - 1)
        within = [day for day in days if self.first <= day.day <= last]
        return SamplingCoverage(
            days=len({day.day for day in within if day.samples}),
            # Extra samples on one day do not make up for another day.
            collected=sum(min(day.samples, self.samples_per_day) for day in within),
            planned=self.planned,
            partial=sum(day.partial for day in within),
            opened=sum(day.opened or 0 for day in within),
            uncounted_days=sum(day.opened is None for day in within),
            seen=sum(day.seen for day in within),
            resets=sum(day.resets for day in within),
            proxied=sum(day.proxied for day in within),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingCoverage:
    """How well one database was sampled in the window."""

    days: int
    """On how many days at least one sample was taken."""
    collected: int
    """How many of the planned samples were taken."""
    planned: int
    partial: int
    """How many probes of any run did not show every session."""
    opened: int
    """How many sessions were opened between samples."""
    uncounted_days: int
    """On how many days the server did not count opened sessions."""
    seen: int
    """How many of the opened sessions a sample showed."""
    resets: int
    """How often the server's statistics were reset."""
    proxied: int
    """How many probes found an RDS Proxy connected."""

    @property
    def sufficient(self) -> bool:
        """Whether enough of the planned samples were taken."""
        return self.planned > 0 and self.collected * 100 >= self.planned * REQUIRED_PERCENT

    @property
    def share_seen(self) -> float | None:
        """The share of the opened sessions that was observed; all of them if none was opened."""
        if not self.days or self.uncounted_days or self.resets:
            return None
        return min(self.seen / self.opened, 1.0) if self.opened else 1.0

    @property
    def share_collected(self) -> float:
        """The share of the planned samples that was taken, counting only the sampled days."""
        return self.collected * WINDOW_DAYS / (self.planned * self.days) if self.collected else 0.0
