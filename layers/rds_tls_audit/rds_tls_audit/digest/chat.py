"""The digest for a chat channel, in the format of Amazon Q Developer in chat applications.

https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
"""

import json
from collections.abc import Iterable, Sequence
from itertools import accumulate

from rds_tls_audit.checks.verdict import WORST_FIRST
from rds_tls_audit.digest.summary import REGRESSIONS, Summary, sanitized, subject_line
from rds_tls_audit.findings.change import Change
from rds_tls_audit.results.gaps import Gap
from rds_tls_audit.text import pluralize, truncate

MAX_DESCRIPTION = 4000
_MAX_LISTED = 6
MORE = "The list is cut here. The e-mail digest and the HTML report show more."
"""The last line of a description that is too long."""


def write_chat_message(summary: Summary) -> str:
    """Write the message. It is published to a separate topic."""
    plain = sanitized(summary)
    place = filter(None, (plain.account, plain.region))
    return json.dumps(
        {
            "version": "1.0",
            "source": "custom",
            "content": {
                "textType": "client-markdown",
                "title": plain.title,
                "description": _description(plain),
                "nextSteps": list(_next_steps(plain)),
                "keywords": ["RDS TLS audit", *place, plain.max_severity],
            },
            "metadata": {
                "threadId": plain.title.lower().replace(" ", "-"),
                "summary": subject_line(plain),
                "eventType": plain.event_type,
            },
        },
        ensure_ascii=False,
    )


def _description(summary: Summary) -> str:
    lines = list(_lines(summary))
    # Only whole lines are kept, so that no code span stays open.
    sizes = list(accumulate(len(line) + 1 for line in lines))
    if sizes[-1] <= MAX_DESCRIPTION:
        return "\n".join(lines)
    fitting = sum(1 for size in sizes if size + len(MORE) < MAX_DESCRIPTION)
    return "\n".join([*lines[:fitting], MORE])


def _lines(summary: Summary) -> Iterable[str]:
    if summary.hub_disabled:
        yield f"*No findings were sent to Security Hub*: {_code(summary.hub_disabled, 300)}"
    databases = pluralize(summary.databases, "database")
    yield f"*{summary.changes_line}*; {summary.run.kind} run of {databases}"
    yield from filter(None, (summary.lost_line, summary.rejected_line))
    if summary.weekly:
        totals = (f"{summary.totals.get(status, 0)} {status}" for status in WORST_FIRST)
        yield f"Verdicts of this run: {', '.join(totals)}"
    causes = [f"{_code(cause, 120)}: {number}" for cause, number in summary.causes]
    yield from _listed("Causes", causes)
    regressions = [_change(change) for change in summary.ranked if change.kind in REGRESSIONS]
    yield from _listed("New and worse", regressions)
    readiness = [_code(line, 300) for line in summary.readiness_changes]
    yield from _listed("Readiness to force TLS (changed)", readiness)
    yield from _listed("Not assessed", [_gap(gap) for gap in summary.gaps])


def _listed(title: str, lines: Sequence[str]) -> Iterable[str]:
    if not lines:
        return
    yield f"*{title}*"
    yield from (f"• {line}" for line in lines[:_MAX_LISTED])
    if rest := len(lines[_MAX_LISTED:]):
        yield f"and {rest} more"


def _change(change: Change) -> str:
    owner = f", owner {_code(change.owner, 40)}" if change.owner else ""
    return (
        f"{change.kind}: {_code(change.database, 63)} {_code(change.check, 40)} {change.status}, "
        f"{change.severity}{owner}"
    )


def _gap(gap: Gap) -> str:
    return f"{pluralize(gap.count, 'database')}: {_code(gap.reason, 200)}"


def _next_steps(summary: Summary) -> Iterable[str]:
    for cause, number in summary.causes[:1]:
        yield f"Fix this cause first: {_code(cause, 120)} ({pluralize(number, 'finding')})"
    for gap in summary.gaps[:1]:
        databases = pluralize(gap.count, "database")
        yield f"Provide the missing evidence for {databases}: {_code(gap.reason, 300)}"
    if not summary.hub_disabled:
        yield "Read the findings in Security Hub (product name `RDS TLS Audit`)"


def _code(text: str, limit: int) -> str:
    """Put foreign text into a code span, where neither Slack nor Teams interprets Markdown.

    Slack has no backslash escapes, and interprets `<!channel>` even in a code span.
    https://docs.slack.dev/messaging/formatting-message-text
    """
    safe = text.translate(_SAFE)
    return f"`{truncate(safe, limit) or '-'}`"


_SAFE = str.maketrans(
    {
        "`": "'",
        "<": "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}",
        ">": "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}",
    }
)
