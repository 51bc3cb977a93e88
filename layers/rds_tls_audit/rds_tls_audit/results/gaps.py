"""Gaps: what could not be assessed, grouped by reason.

A reason can contain the host, role, or secret of one database. These are removed before reasons are
compared, so that 200 databases behind one closed security group are one gap.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from rds_tls_audit.results.batch_result import DatabaseResult

BATCH_FAILED = (
    "its batch failed and produced no result; see the Step Functions execution of this run"
)
MAX_NAMED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What could not be assessed for one reason. Field names are the stored format."""

    reason: str
    """The reason and the next step, without what differs between the databases."""
    databases: tuple[str, ...]
    """The names of the databases, at most `MAX_NAMED`."""
    more: int
    """The number of databases that are not named."""
    checks: int
    """The number of UNKNOWN verdicts; a database without a result has none."""

    @property
    def count(self) -> int:
        """The number of databases in all."""
        return len(self.databases) + self.more


@dataclass(slots=True)
class _Affected:
    """What one reason affects."""

    databases: set[str] = field(default_factory=set)
    checks: int = 0
    reasons: set[str] = field(default_factory=set)
    """The reasons as the verdicts give them, before they are generalized."""


def collect_gaps(
    databases: Iterable[DatabaseResult], without_result: Iterable[str]
) -> tuple[Gap, ...]:
    """Group missing evidence by reason; the reason that affects most databases comes first."""
    by_reason = defaultdict[str, _Affected](_Affected)
    for database in databases:
        for verdict in database.verdicts:
            if verdict.missing is not None:
                by_reason[verdict.missing].databases.add(database.id)
                by_reason[verdict.missing].checks += 1
    if names := set(without_result):
        by_reason[BATCH_FAILED].databases |= names
    by_general_reason = defaultdict[str, _Affected](_Affected)
    for reason, affected in by_reason.items():
        merged = by_general_reason[generalize(reason)]
        merged.databases |= affected.databases
        merged.checks += affected.checks
        merged.reasons.add(reason)
    gaps = (_gap(general, affected) for general, affected in by_general_reason.items())
    return tuple(sorted(gaps, key=lambda gap: (-gap.count, gap.reason)))


def generalize(reason: str) -> str:
    """Remove from a reason what belongs to one database; the next step stays."""
    for pattern, replacement in _OF_ONE_DATABASE:
        reason = pattern.sub(replacement, reason)
    return reason


def _gap(general_reason: str, affected: _Affected) -> Gap:
    # A reason that all databases share word for word is shown in full.
    reason = general_reason if len(affected.reasons) > 1 else next(iter(affected.reasons))
    names = sorted(affected.databases)
    return Gap(
        reason=reason,
        databases=tuple(names[:MAX_NAMED]),
        more=len(names[MAX_NAMED:]),
        checks=affected.checks,
    )


_HOST_AND_PORT = r"(?<!\S)(?:\[[0-9A-Fa-f:.]+\]|[\w.-]+):\d{1,5}(?!\S)"
_GROUP = r"(?:cluster )?parameter group"

# The order matters: the text of a server comes first, because it can look like anything.
_OF_ONE_DATABASE = tuple(
    (re.compile(pattern, re.DOTALL), replacement)
    for pattern, replacement in (
        (r"\(SQLSTATE (\w+): .*", r"(SQLSTATE \1)"),
        (r"\brole .{1,63}? in database .{1,63}?: ", ""),
        (r"SCRAM failed \(.*", "SCRAM failed"),
        (
            r"the secret .{1,2048}?(?= cannot be read: | is not JSON |\), or the role )",
            "the secret that its tag names",
        ),
        # The wildcard is what one IAM policy for all of the databases can contain.
        (r"(arn:[\w-]+:rds-db:[\w-]*:\d*:dbuser):[\w-]+/", r"\1:*/"),
        (r"certificate is not valid for '.*'", "certificate is not valid for the endpoint's name"),
        (_HOST_AND_PORT, "its endpoint"),
        (r"the name \S+ cannot be resolved", "the name of its endpoint cannot be resolved"),
        (rf"{_GROUP} \S+ (?=could not be read)", "its parameter group "),
        (rf"(?<= of rds\.force_ssl for ){_GROUP} \S+", "its parameter group"),
        (rf"in {_GROUP} .*(?=, but the value must be 0 or 1)", "in its parameter group"),
        (r"\b\d+ session groups? (?=did not fit)", "session groups "),
        (r"hides \d+ sessions? from", "hides sessions from"),
        (r"(?<=does not know the TLS version or cipher suite): .*", ""),
        (r"(?<=has an invalid length) of \d+ bytes", ""),
    )
)
