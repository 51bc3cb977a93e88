"""The digest of a run: what changed and what could not be assessed, for people and programs."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rds_tls_audit.change import Change
from rds_tls_audit.codec import encode
from rds_tls_audit.finding_state import ChangeKind
from rds_tls_audit.run import SCHEMA_VERSION, Run, RunKind
from rds_tls_audit.text import counted, cut, within

MAX_SUBJECT = 99
SECTION_BYTES = 8_000
"""Of each section of the text and each list of the three documents: below SNS's 256 KiB in all."""

_SECTIONS = {
    ChangeKind.NEW: "New",
    ChangeKind.WORSE: "Worse",
    ChangeKind.BETTER: "Better",
    ChangeKind.RESOLVED: "Resolved",
    ChangeKind.NOT_ASSESSED: "No longer assessed",
    ChangeKind.ARCHIVED: "Archived",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What could not be assessed of one database, for one reason."""

    database: str
    reason: str
    checks: int
    """How many checks are UNKNOWN for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a run came to."""

    run: Run
    place: str
    """Account and Region, for people."""
    databases: int
    """How many were looked at."""
    changes: Sequence[Change]
    gaps: Sequence[Gap]
    rejected: int
    """Findings that Security Hub did not take."""
    left_out: int
    """Databases out of scope."""
    accepted: Sequence[str]
    """Accepted risks, a line each."""
    problems: Sequence[str]
    """Tags that are not understood, a line each."""
    complete: bool
    """Whether every listing call of a full run succeeded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """One message."""

    subject: str
    text: str
    """For people."""
    document: str
    """For programs: JSON."""
    attributes: Mapping[str, str]
    """For filter policies of subscribers."""


def digest(summary: Summary) -> Digest:
    """Write the digest."""
    counts = Counter(change.kind for change in summary.changes)
    told = ", ".join(
        f"{counts[kind]} {title.lower()}" for kind, title in _SECTIONS.items() if counts[kind]
    )
    return Digest(
        subject=cut(f"RDS TLS audit: {told or 'nothing changed'}", MAX_SUBJECT),
        text="\n".join(_text(summary, told or "nothing changed")) + "\n",
        document=json.dumps(_document(summary), ensure_ascii=False),
        attributes={"event_type": "digest", "run_kind": summary.run.kind},
    )


def _text(summary: Summary, told: str) -> Iterable[str]:
    run = summary.run
    yield f"RDS TLS audit of {summary.place}, {run.observed_at:%Y-%m-%d %H:%M} UTC"
    yield f"{counted(summary.databases, 'database')} looked at, {told} ({run.kind} run {run.id})."
    if summary.left_out:
        yield f"{counted(summary.left_out, 'database')} out of scope, not looked at."
    if summary.rejected:
        yield f"Security Hub did not take {counted(summary.rejected, 'finding')}: see the log."
    if run.kind is RunKind.FULL and not summary.complete:
        yield "The list of databases is not complete: RDS did not answer every call."
    for kind, title in _SECTIONS.items():
        yield from _section(title, [_line(it) for it in summary.changes if it.kind is kind])
    yield from _section("Could not be assessed", [_gap(gap) for gap in summary.gaps])
    yield from _section("Accepted risks", [f"- {line}" for line in summary.accepted])
    yield from _section("Tags that are not understood", [f"- {line}" for line in summary.problems])


def _section(title: str, lines: Sequence[str]) -> Iterable[str]:
    if not lines:
        return
    kept, rest = within(lines, SECTION_BYTES)
    yield ""
    yield f"{title}:"
    yield from kept
    if rest:
        yield f"- and {rest} more"


def _line(change: Change) -> str:
    owner = f" [{change.owner}]" if change.owner else ""
    return f"- {change.database}{owner}: {change.check} {change.status}: {change.because}"


def _gap(gap: Gap) -> str:
    return f"- {gap.database}: {counted(gap.checks, 'check')}: {gap.reason}"


def _document(summary: Summary) -> object:
    changes, changes_left_out = _listed(summary.changes)
    gaps, gaps_left_out = _listed(summary.gaps)
    accepted, accepted_left_out = within(summary.accepted, SECTION_BYTES)
    problems, problems_left_out = within(summary.problems, SECTION_BYTES)
    return {
        "schema_version": SCHEMA_VERSION,
        "run_id": summary.run.id,
        "kind": summary.run.kind,
        "observed_at": summary.run.observed_at.isoformat(),
        "databases": summary.databases,
        "left_out": summary.left_out,
        "changes": changes,
        "changes_left_out": changes_left_out,
        "not_assessed": gaps,
        "not_assessed_left_out": gaps_left_out,
        "accepted": accepted,
        "accepted_left_out": accepted_left_out,
        "problems": problems,
        "problems_left_out": problems_left_out,
        "rejected": summary.rejected,
        "complete": summary.complete,
    }


def _listed(items: Sequence[object]) -> tuple[list[object], int]:
    documents = [encode(item) for item in items]
    kept, rest = within([json.dumps(document) for document in documents], SECTION_BYTES)
    return documents[: len(kept)], rest
