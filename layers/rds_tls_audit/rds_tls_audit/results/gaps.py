"""What could not be assessed, by reason: two hundred databases behind one closed door are one gap.

A reason names the database's own host, role or secret; these are taken out before it is compared.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from rds_tls_audit.results.batch_result import DatabaseResult

LOST = "its batch was lost"
MAX_NAMED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What could not be assessed for one reason."""

    reason: str
    """With the next step. What differs between its databases is not in it."""
    databases: tuple[str, ...]
    """Names, at most `MAX_NAMED`."""
    more: int
    """How many databases more."""
    checks: int
    """How many verdicts are UNKNOWN for it, in all databases; a lost database has none."""

    @property
    def count(self) -> int:
        """How many databases in all."""
        return len(self.databases) + self.more


@dataclass(slots=True)
class _Tally:
    databases: set[str] = field(default_factory=set)
    checks: int = 0
    reasons: set[str] = field(default_factory=set)
    """As they came."""


def collect_gaps(databases: Iterable[DatabaseResult], lost: Iterable[str]) -> tuple[Gap, ...]:
    """Group what is missing by its reason, that of most databases first."""
    as_told = defaultdict[str, _Tally](_Tally)
    for database in databases:
        for verdict in database.verdicts:
            if verdict.missing is not None:
                as_told[verdict.missing].databases.add(database.id)
                as_told[verdict.missing].checks += 1
    if names := set(lost):
        as_told[LOST].databases |= names
    alike = defaultdict[str, _Tally](_Tally)
    for reason, tally in as_told.items():
        group = alike[generalize(reason)]
        group.databases |= tally.databases
        group.checks += tally.checks
        group.reasons.add(reason)
    found = (_gap(general, tally) for general, tally in alike.items())
    return tuple(sorted(found, key=lambda gap: (-gap.count, gap.reason)))


def generalize(reason: str) -> str:
    """Take out of a reason what is of one database alone; the next step stays."""
    for pattern, instead in _OF_ONE_DATABASE:
        reason = pattern.sub(instead, reason)
    return reason


def _gap(general: str, tally: _Tally) -> Gap:
    # Told alike for all of them, it may as well be told in full.
    reason = general if len(tally.reasons) > 1 else next(iter(tally.reasons))
    names = sorted(tally.databases)
    return Gap(
        reason=reason,
        databases=tuple(names[:MAX_NAMED]),
        more=len(names[MAX_NAMED:]),
        checks=tally.checks,
    )


_HOST_AND_PORT = r"(?<!\S)(?:\[[0-9A-Fa-f:.]+\]|[\w.-]+):\d{1,5}(?!\S)"

# In this order: the words of a server come first, since they may look like anything.
_OF_ONE_DATABASE = tuple(
    (re.compile(pattern, re.DOTALL), instead)
    for pattern, instead in (
        (r"\(SQLSTATE (\w+): .*", r"(SQLSTATE \1)"),
        (r"\brole .{1,63}? in database .{1,63}?: ", ""),
        (r"SCRAM fails \(.*", "SCRAM fails"),
        (
            r"the secret .{1,2048}?(?= cannot be read: | is not JSON |\))",
            "the secret that its tag names",
        ),
        # As a policy may have it for all of them.
        (r"(arn:[\w-]+:rds-db:[\w-]*:\d*:dbuser):[\w-]+/", r"\1:*/"),
        (r"certificate is not valid for '.*'", "certificate is not valid for the endpoint's name"),
        (_HOST_AND_PORT, "its endpoint"),
        (r"the name \S+ cannot be resolved", "the name of its endpoint cannot be resolved"),
        (
            r"(?:cluster )?parameter group \S+ (?=could not be read|shows no )",
            "its parameter group ",
        ),
        (
            r"in (?:cluster )?parameter group .*(?=, which is neither 0 nor 1)",
            "in its parameter group",
        ),
        (r"\b\d+ groups? of sessions left out", "groups of sessions left out"),
        (r"hides \d+ sessions? from", "hides sessions from"),
        (r"(?<=protocol or suite not recognised): .*", ""),
    )
)
