"""The digest for people: a plain-text e-mail, with each section limited in bytes."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

from rds_tls_audit.checks.verdict import WORST_FIRST
from rds_tls_audit.digest.summary import Summary
from rds_tls_audit.findings.change import Change
from rds_tls_audit.pipeline.run import RunKind
from rds_tls_audit.results.gaps import Gap
from rds_tls_audit.text import fit_to_bytes, pluralize

# The limits are bytes as JSON. With the head, the text stays below 100,000 bytes.
_CAUSES = 8_000
_CHANGES = 50_000
_GAPS = 16_000
_ACCEPTED = 8_000
_TAG_PROBLEMS = 6_000
_READINESS = 6_000


def write_email(summary: Summary) -> str:
    """Write the text, with what needs action first."""
    causes, ranked = summary.causes, summary.ranked
    sections = [
        _head(summary),
        _hub_disabled(summary),
        _remarks(summary),
        _totals(summary) if summary.weekly else [],
        _section("Causes of new and worse findings", _causes(causes), _CAUSES),
        _changes(ranked),
        _section("Readiness to force TLS (changed)", _items(summary.readiness_changes), _READINESS),
        _section("Not assessed", map(_gap, summary.gaps), _GAPS),
        _section("Accepted risks", _items(summary.accepted), _ACCEPTED),
        _section("Ignored tags", _items(summary.tag_problems), _TAG_PROBLEMS),
    ]
    blocks = ("\n".join(lines) for lines in sections)
    return "\n\n".join(block for block in blocks if block) + "\n"


def _head(summary: Summary) -> list[str]:
    run = summary.run
    place = ", ".join(filter(None, (summary.account, summary.region))) or "unknown"
    databases = pluralize(summary.databases, "database")
    subject = "weekly summary, account" if summary.weekly else "account"
    return [
        f"RDS TLS audit, {subject} {place}, {run.observed_at:%Y-%m-%d %H:%M} UTC",
        f"{summary.changes_line}; {run.kind} run {run.id} of {databases}",
    ]


def _hub_disabled(summary: Summary) -> list[str]:
    if not summary.hub_disabled:
        return []
    return ["*** NO FINDINGS WERE SENT TO SECURITY HUB ***", summary.hub_disabled]


def _remarks(summary: Summary) -> Iterable[str]:
    if summary.lost_line:
        yield f"{summary.lost_line}. See the Step Functions execution of this run."
    if summary.rejected_line:
        yield f"{summary.rejected_line}. See the publish function's log."
    if summary.run.kind is RunKind.FULL and not summary.complete:
        yield "The list of databases is incomplete because RDS did not answer every call."
    if summary.left_out == 1:
        yield "1 database is out of scope and was not audited."
    elif summary.left_out:
        yield f"{summary.left_out} databases are out of scope and were not audited."


def _totals(summary: Summary) -> list[str]:
    width = max(len(str(number)) for number in (0, *summary.totals.values()))
    return [
        "Verdicts of this run:",
        *(f"  {summary.totals.get(status, 0):>{width}}  {status}" for status in WORST_FIRST),
    ]


def _causes(causes: Sequence[tuple[str, int]]) -> Iterable[str]:
    width = max((len(str(number)) for _, number in causes), default=0)
    return (f"  {number:>{width}}  {cause}" for cause, number in causes)


def _gap(gap: Gap) -> str:
    checks = f", {pluralize(gap.checks, 'check')}" if gap.checks else ""
    more = f" and {gap.more} more" if gap.more else ""
    names = f"{', '.join(gap.databases)}{more}"
    return f"- {gap.reason}\n      {pluralize(gap.count, 'database')}{checks}: {names}"


def _items(lines: Iterable[str]) -> Iterable[str]:
    return (f"- {line}" for line in lines)


def _section(title: str, lines: Iterable[str], limit: int) -> list[str]:
    listed = list(lines)
    if not listed:
        return []
    kept, rest = fit_to_bytes(listed, limit)
    return [f"{title}:", *kept, *([f"  and {rest} more"] if rest else [])]


def _changes(ranked: Sequence[Change]) -> list[str]:
    """List the changes by owner; if not all fit, the worst of all owners are listed."""
    row = _row(ranked)
    totals = Counter(change.owner for change in ranked)
    shown = defaultdict[str | None, list[str]](list)
    for change in ranked[: _number_that_fits(ranked, totals, row)]:
        shown[change.owner].append(row(change))
    lines = []
    for owner in sorted(shown, key=lambda name: (name is None, (name or "").casefold(), name)):
        rest = totals[owner] - len(shown[owner])
        lines += ["", _heading(owner, totals[owner]), *shown[owner]]
        lines += [f"  and {rest} more"] if rest else []
    if others := [number for owner, number in totals.items() if owner not in shown]:
        changes = pluralize(sum(others), "more change")
        lines += ["", f"and {changes} for {pluralize(len(others), 'more owner')}"]
    return lines[1:]


def _number_that_fits(
    ranked: Sequence[Change], totals: Counter[str | None], row: Callable[[Change], str]
) -> int:
    """Return how many changes fit, with the heading and the last line of each owner."""
    owners = set[str | None]()
    blocks = []
    for change in ranked:
        frame = (
            ""
            if change.owner in owners
            else f"\n{_heading(change.owner, totals[change.owner])}\n  and 00000 more\n"
        )
        owners.add(change.owner)
        blocks.append(frame + row(change))
    return len(fit_to_bytes(blocks, _CHANGES)[0])


def _heading(owner: str | None, changes: int) -> str:
    return f"{owner or 'no owner'}: {pluralize(changes, 'change')}"


def _row(changes: Sequence[Change]) -> Callable[[Change], str]:
    """Return a function that writes a change in columns as wide as the widest of these changes."""
    kind = max((len(change.kind) for change in changes), default=0)
    database = max((len(change.database) for change in changes), default=0)
    check = max((len(change.check) for change in changes), default=0)

    def row(change: Change) -> str:
        columns = (
            f"{change.kind:<{kind}}",
            f"{change.database:<{database}}",
            f"{change.check:<{check}}",
            change.status,
        )
        return f"  {'  '.join(columns)}\n      {change.because}"

    return row
