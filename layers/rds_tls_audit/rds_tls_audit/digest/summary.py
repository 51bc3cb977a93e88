"""What a run came to, as every form of the digest tells it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rds_tls_audit.checks.verdict import Severity, Status
from rds_tls_audit.findings.change import Change
from rds_tls_audit.findings.state import ChangeKind
from rds_tls_audit.pipeline.run import Run
from rds_tls_audit.results.gaps import Gap
from rds_tls_audit.text import escape, pluralize

MAX_SUBJECT = 99
"""SNS takes fewer than 100 characters, ASCII, without line breaks.
https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"""

REGRESSIONS = frozenset({ChangeKind.NEW, ChangeKind.WORSE})

_COUNTED = {
    ChangeKind.NEW: "new",
    ChangeKind.WORSE: "worse",
    ChangeKind.RESOLVED: "resolved",
    ChangeKind.BETTER: "better",
    ChangeKind.NOT_ASSESSED: "no longer assessed",
    ChangeKind.ACCEPTED: "accepted",
    ChangeKind.ARCHIVED: "archived",
}
_KINDS = list(ChangeKind)
_SEVERITIES = list(Severity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a run came to."""

    run: Run
    account: str | None
    region: str | None
    """None, like the account, where not a single database is known."""
    databases: int
    """How many were looked at."""
    changes: Sequence[Change]
    gaps: Sequence[Gap]
    """What could not be assessed."""
    rejected: int
    """Findings that Security Hub did not take, or that were set aside."""
    hub_off: str | None
    """Why no finding at all could be sent, in one sentence."""
    left_out: int
    """Databases out of scope."""
    accepted: Sequence[str]
    """Accepted risks, a line each."""
    problems: Sequence[str]
    """Tags that are not understood, a line each."""
    complete: bool
    """Whether every listing call of a full run succeeded."""
    lost: int
    """Databases without a result."""
    weekly: bool
    """Whether it is the summary of the week, which is sent though nothing changed."""
    totals: Mapping[Status, int]
    """Verdicts of this run."""
    answers: Sequence[str] = ()
    """Where the answer to "is it safe to force TLS?" has changed, a line for each group; each topic
    is told of what has changed since it was told last."""

    @property
    def event_type(self) -> str:
        """How subscribers tell the summary of the week from the others."""
        return "weekly" if self.weekly else "digest"

    @property
    def title(self) -> str:
        """What this is about: `RDS TLS audit 123456789012 eu-central-1`."""
        return " ".join(filter(None, ("RDS TLS audit", self.account, self.region)))

    @property
    def counts(self) -> Counter[ChangeKind]:
        """How many changes of each kind."""
        return Counter(change.kind for change in self.changes)

    @property
    def change_counts(self) -> tuple[str, ...]:
        """How many changes of each kind there are: `2 new`, `1 worse`; and of the answers."""
        counts = self.counts
        told = [f"{counts[kind]} {what}" for kind, what in _COUNTED.items() if counts[kind]]
        if self.answers:
            told.append(f"{pluralize(len(self.answers), 'answer')} on forcing TLS changed")
        return tuple(told)

    @property
    def causes(self) -> list[tuple[str, int]]:
        """What is at fault for news that is bad, with how many changes, most first."""
        counts = Counter(change.cause for change in self.changes if change.kind in REGRESSIONS)
        return sorted(counts.items(), key=lambda item: (-item[1], item[0]))

    @property
    def ranked(self) -> list[Change]:
        """The changes, worst news first."""
        return sorted(
            self.changes,
            key=lambda it: (
                _KINDS.index(it.kind),
                -_SEVERITIES.index(it.severity),
                it.database,
                it.check,
            ),
        )

    @property
    def max_severity(self) -> Severity:
        """The highest of what is new or worse."""
        bad = (change.severity for change in self.changes if change.kind in REGRESSIONS)
        return max(bad, key=_SEVERITIES.index, default=Severity.INFORMATIONAL)


def subject_line(summary: Summary) -> str:
    """Say in one short line where it is and what happened, the alarming first."""
    parts = [
        *(["Security Hub got nothing"] if summary.hub_off else []),
        *([f"{pluralize(summary.lost, 'database')} lost"] if summary.lost else []),
        *(["weekly summary"] if summary.weekly else []),
        *(summary.change_counts or ["nothing changed"]),
    ]
    title = summary.title.encode("ascii", "replace").decode("ascii")
    subject = f"{title}: {', '.join(parts)}"
    while len(subject) > MAX_SUBJECT and len(parts) > 1:
        del parts[-1]
        subject = f"{title}: {', '.join(parts)}, ..."
    return subject[:MAX_SUBJECT]


def sanitized(summary: Summary) -> Summary:
    """Escape what is not printable in foreign text, and cut it.

    It comes escaped and cut already; but a line break that slips through would forge a line.
    """
    return replace(
        summary,
        run=replace(summary.run, id=escape(summary.run.id, 100)),
        account=summary.account and escape(summary.account, 20),
        region=summary.region and escape(summary.region, 30),
        changes=[
            replace(
                change,
                check=escape(change.check, 60),
                database=escape(change.database, 63),
                because=escape(change.because, 1000),
                owner=escape(change.owner, 100) if change.owner else None,
                cause=escape(change.cause, 300),
            )
            for change in summary.changes
        ],
        gaps=[
            replace(
                gap,
                reason=escape(gap.reason, 500),
                databases=tuple(escape(name, 63) for name in gap.databases),
            )
            for gap in summary.gaps
        ],
        hub_off=summary.hub_off and escape(summary.hub_off, 300),
        accepted=[escape(line, 1000) for line in summary.accepted],
        problems=[escape(line, 1000) for line in summary.problems],
        answers=[escape(line, 500) for line in summary.answers],
    )
