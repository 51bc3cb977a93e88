"""A verdict: what the evidence says about one check of one database."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """The four answers; UNKNOWN is the only one without evidence."""

    PASSED = "PASSED"
    WARNING = "WARNING"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"

    @property
    def is_fault(self) -> bool:
        """Whether somebody has something to mend."""
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
    """A status with the sentence that explains it."""

    status: Status
    because: str
    """One sentence an operator can act on, with the numbers in it."""
    missing: str | None = None
    """Why evidence is missing; only of UNKNOWN. The same for all checks that miss it."""
    fingerprint: tuple[str, ...] = ()
    """What makes this verdict another one when it changes: values and names of configuration;
    never timestamps, counts, addresses or application names."""


def passed(because: str, *fingerprint: str) -> Verdict:
    """The evidence shows that all is well."""
    return Verdict(status=Status.PASSED, because=because, fingerprint=fingerprint)


def warning(because: str, *fingerprint: str) -> Verdict:
    """The evidence shows something that will become, or may hide, a failure."""
    return Verdict(status=Status.WARNING, because=because, fingerprint=fingerprint)


def failed(because: str, *fingerprint: str) -> Verdict:
    """The evidence shows that it is not so."""
    return Verdict(status=Status.FAILED, because=because, fingerprint=fingerprint)


def unknown(missing: str, *, known: str | None = None) -> Verdict:
    """Evidence is missing, for this reason; `known` is what was seen all the same."""
    because = f"{known}; {missing}" if known else missing
    return Verdict(status=Status.UNKNOWN, because=because, missing=missing)
