"""The summary of a run, from which the e-mail, JSON and chat digests are written."""

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
"""SNS accepts fewer than 100 ASCII characters without line breaks.
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
    """What a run did and what it found. The fields are those of the JSON document, and as flat."""

    run: Run
    account: str | None
    region: str | None
    """The Region. None, like the account, if the run found no database."""
    databases: int
    """The number of databases that the run had to audit."""
    changes: Sequence[Change]
    gaps: Sequence[Gap]
    """What was not assessed, by reason."""
    rejected: int
    """The number of findings that were not imported, or whose import is not confirmed."""
    hub_disabled: str | None
    """Why no finding at all could be sent, in one line; None if Security Hub is enabled."""
    left_out: int
    """The number of databases that are out of scope."""
    accepted: Sequence[str]
    """The accepted risks, one line each."""
    tag_problems: Sequence[str]
    """The tags that were ignored, one line each with the reason."""
    complete: bool
    """Whether every listing call of a full run succeeded."""
    lost: int
    """The number of databases without a result."""
    totals: Mapping[Status, int]
    """The verdicts of this run by status."""
    weekly: bool = False
    """Whether it is the weekly summary, which is sent even if nothing changed."""
    readiness_changes: Sequence[str] = ()
    """The parameter groups whose readiness changed since the last digest to this topic, one line
    each."""

    @property
    def event_type(self) -> str:
        """The attribute that distinguishes the weekly summary from other digests."""
        return "weekly" if self.weekly else "digest"

    @property
    def title(self) -> str:
        """The product and the place: `RDS TLS audit 123456789012 eu-central-1`."""
        return " ".join(filter(None, ("RDS TLS audit", self.account, self.region)))

    @property
    def counts(self) -> Counter[ChangeKind]:
        """The number of changes of each kind."""
        return Counter(change.kind for change in self.changes)

    @property
    def change_counts(self) -> tuple[str, ...]:
        """The number of changes as texts: `2 new`, `1 worse`, `1 readiness change`."""
        counts = self.counts
        texts = [f"{counts[kind]} {label}" for kind, label in _COUNTED.items() if counts[kind]]
        if self.readiness_changes:
            texts.append(pluralize(len(self.readiness_changes), "readiness change"))
        return tuple(texts)

    @property
    def changes_line(self) -> str:
        """All change counts in one line; `nothing changed` if there are none."""
        return ", ".join(self.change_counts) or "nothing changed"

    @property
    def lost_line(self) -> str | None:
        """How many databases have no result and why; None if there are none."""
        if not self.lost:
            return None
        if self.lost == 1:
            return "1 database has no result because its batch failed"
        return f"{self.lost} databases have no result because their batch failed"

    @property
    def rejected_line(self) -> str | None:
        """How many findings were not imported or not confirmed; None if there are none."""
        if not self.rejected:
            return None
        return f"Security Hub did not confirm the import of {pluralize(self.rejected, 'finding')}"

    @property
    def causes(self) -> list[tuple[str, int]]:
        """The causes of new and worse findings with their number, most frequent first."""
        counts = Counter(change.cause for change in self.changes if change.kind in REGRESSIONS)
        return sorted(counts.items(), key=lambda item: (-item[1], item[0]))

    @property
    def ranked(self) -> list[Change]:
        """The changes, the worst first."""
        return sorted(
            self.changes,
            key=lambda change: (
                _KINDS.index(change.kind),
                -_SEVERITIES.index(change.severity),
                change.database,
                change.check,
            ),
        )

    @property
    def max_severity(self) -> Severity:
        """The highest severity of new and worse findings."""
        severities = (change.severity for change in self.changes if change.kind in REGRESSIONS)
        return max(severities, key=_SEVERITIES.index, default=Severity.INFORMATIONAL)


def subject_line(summary: Summary) -> str:
    """Write one short line with the account, the Region, and what happened, most urgent first."""
    lost = f"{pluralize(summary.lost, 'database')} without result"
    parts = [
        *(["Security Hub off"] if summary.hub_disabled else []),
        *([lost] if summary.lost else []),
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
    """Escape unprintable characters in foreign text, and truncate it.

    The text is already escaped and truncated where it enters the audit. This is a second barrier:
    a line break that slipped through would forge a line.
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
        hub_disabled=summary.hub_disabled and escape(summary.hub_disabled, 300),
        accepted=[escape(line, 1000) for line in summary.accepted],
        tag_problems=[escape(line, 1000) for line in summary.tag_problems],
        readiness_changes=[escape(line, 500) for line in summary.readiness_changes],
    )
