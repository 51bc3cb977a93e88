"""The digest for people: an e-mail in plain text, each section cut by bytes."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

from rds_tls_audit.checks.verdict import WORST_FIRST
from rds_tls_audit.digest.summary import Summary
from rds_tls_audit.findings.change import Change
from rds_tls_audit.pipeline.run import RunKind
from rds_tls_audit.results.gaps import Gap
from rds_tls_audit.text import fit_to_bytes, pluralize

# Bytes as JSON. Together with the head under 100,000.
_CAUSES = 8_000
_CHANGES = 50_000
_GAPS = 16_000
_ACCEPTED = 8_000
_PROBLEMS = 6_000
_ANSWERS = 6_000


def write_email(summary: Summary) -> str:
    """Write the text: what is to be done first comes first."""
    causes, ranked = summary.causes, summary.ranked
    sections = [
        _head(summary),
        _hub_off(summary),
        _remarks(summary),
        _totals(summary) if summary.weekly else [],
        _section("Causes of what is new or worse", _causes(causes), _CAUSES),
        _changes(ranked),
        _section(
            "Whether it is safe to force TLS, where the answer changed",
            map("- {}".format, summary.answers),
            _ANSWERS,
        ),
        _section("Could not be assessed", map(_gap, summary.gaps), _GAPS),
        _section("Accepted risks", map("- {}".format, summary.accepted), _ACCEPTED),
        _section("Tags that are not understood", map("- {}".format, summary.problems), _PROBLEMS),
    ]
    blocks = ("\n".join(lines) for lines in sections)
    return "\n\n".join(block for block in blocks if block) + "\n"


def _head(summary: Summary) -> list[str]:
    run = summary.run
    where = ", ".join(filter(None, (summary.account, summary.region))) or "an unknown account"
    what = "weekly summary, account" if summary.weekly else "account"
    told = ", ".join(summary.change_counts) or "nothing changed"
    return [
        f"RDS TLS audit, {what} {where}, {run.observed_at:%Y-%m-%d %H:%M} UTC",
        f"{told}; {pluralize(summary.databases, 'database')} looked at ({run.kind} run {run.id})",
    ]


def _hub_off(summary: Summary) -> list[str]:
    if not summary.hub_off:
        return []
    return ["*** NO FINDING COULD BE SENT TO SECURITY HUB ***", summary.hub_off]


def _remarks(summary: Summary) -> Iterable[str]:
    if summary.lost:
        yield (
            f"{pluralize(summary.lost, 'database')} without a result: the batch was lost. See the "
            "execution of this run."
        )
    if summary.rejected:
        yield (
            f"{pluralize(summary.rejected, 'finding')} not taken by Security Hub, or set aside: "
            "see the log of the publish function."
        )
    if summary.run.kind is RunKind.FULL and not summary.complete:
        yield "The list of databases is not complete: RDS did not answer every call."
    if summary.left_out:
        yield f"{pluralize(summary.left_out, 'database')} out of scope, not looked at."


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


def _section(title: str, lines: Iterable[str], limit: int) -> list[str]:
    listed = list(lines)
    if not listed:
        return []
    kept, rest = fit_to_bytes(listed, limit)
    return [f"{title}:", *kept, *([f"  and {rest} more"] if rest else [])]


def _changes(ranked: Sequence[Change]) -> list[str]:
    """Tell the changes by owner; where there is no room for all, the worst of any are told."""
    row = _row(ranked)
    totals = Counter(change.owner for change in ranked)
    shown = defaultdict[str | None, list[str]](list)
    for change in ranked[: _room(ranked, totals, row)]:
        shown[change.owner].append(row(change))
    lines = []
    for owner in sorted(shown, key=lambda name: (name is None, (name or "").casefold(), name)):
        rest = totals[owner] - len(shown[owner])
        lines += ["", _heading(owner, totals[owner]), *shown[owner]]
        lines += [f"  and {rest} more"] if rest else []
    if others := [number for owner, number in totals.items() if owner not in shown]:
        lines += [
            "",
            (
                f"and {pluralize(sum(others), 'more change')} of "
                f"{pluralize(len(others), 'more owner')}"
            ),
        ]
    return lines[1:]


def _room(
    ranked: Sequence[Change], totals: Counter[str | None], row: Callable[[Change], str]
) -> int:
    """How many changes fit, with the heading and the last line of each owner."""
    met = set[str | None]()
    blocks = []
    for change in ranked:
        frame = (
            ""
            if change.owner in met
            else f"\n{_heading(change.owner, totals[change.owner])}\n  and 00000 more\n"
        )
        met.add(change.owner)
        blocks.append(frame + row(change))
    return len(fit_to_bytes(blocks, _CHANGES)[0])


def _heading(owner: str | None, changes: int) -> str:
    return f"{owner or 'no owner'}: {pluralize(changes, 'change')}"


def _row(changes: Sequence[Change]) -> Callable[[Change], str]:
    """Make the function that writes a change, in columns that are alike for all of these."""
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
