"""A verdict: the result of one check of one database."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """The four results of a check; only UNKNOWN lacks evidence."""

    PASSED = "PASSED"
    WARNING = "WARNING"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"

    @property
    def is_fault(self) -> bool:
        """Whether there is something to fix."""
        return self in {Status.FAILED, Status.WARNING}


WORST_FIRST = (Status.FAILED, Status.WARNING, Status.UNKNOWN, Status.PASSED)


class Severity(StrEnum):
    """Security Hub's severity labels."""

    INFORMATIONAL = "INFORMATIONAL"
    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A status with the clause that explains it."""

    status: Status
    because: str
    """A lower-case clause that an operator can act on, with the numbers; other texts embed it."""
    missing: str | None = None
    """Why evidence is missing, for UNKNOWN only. Checks that lack the same evidence share it."""
    fingerprint: tuple[str, ...] = ()
    """Configuration values and names whose change makes this another verdict; never timestamps,
    counts, addresses, or application names."""


def passed(because: str, *fingerprint: str) -> Verdict:
    """Return a verdict for evidence that meets the check."""
    return Verdict(status=Status.PASSED, because=because, fingerprint=fingerprint)


def warning(because: str, *fingerprint: str) -> Verdict:
    """Return a verdict for evidence of something that will become a failure or may hide one."""
    return Verdict(status=Status.WARNING, because=because, fingerprint=fingerprint)


def failed(because: str, *fingerprint: str) -> Verdict:
    """Return a verdict for evidence that does not meet the check."""
    return Verdict(status=Status.FAILED, because=because, fingerprint=fingerprint)


def unknown(missing: str, *, known: str | None = None) -> Verdict:
    """Return a verdict without sufficient evidence.

    Args:
        missing: Why evidence is missing.
        known: What is known nevertheless.
    """
    because = f"{known}; {missing}" if known else missing
    return Verdict(status=Status.UNKNOWN, because=because, missing=missing)
