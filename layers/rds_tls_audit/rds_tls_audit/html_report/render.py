"""Renders the HTML report: all foreign text is escaped, and nothing is fetched."""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from math import ceil, floor
from typing import Self

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from rds_tls_audit.html_report.display_status import DisplayStatus
from rds_tls_audit.html_report.headline import headline
from rds_tls_audit.html_report.legend import build_legend
from rds_tls_audit.html_report.manual_checks import COMMANDS
from rds_tls_audit.html_report.matrix import MatrixRow, build_matrix
from rds_tls_audit.html_report.posture import Posture
from rds_tls_audit.html_report.readiness_cards import (
    MAX_DETAILED,
    ReadinessCard,
    build_readiness_cards,
)
from rds_tls_audit.html_report.shorten import shorten_reasons
from rds_tls_audit.html_report.trend import Trend
from rds_tls_audit.readiness.status import LABELS, MOST_URGENT_FIRST, ReadinessStatus
from rds_tls_audit.readiness.truncated import Truncated
from rds_tls_audit.text import escape, escape_id, pluralize

MAX_LISTED = 100
"""How many accepted risks, and how many ignored tags, are listed."""
MAX_REASONS = 50
"""How many reasons for missing evidence are listed."""
MAX_TEXT = 2000
"""Characters of any single text."""
MAX_BYTES = 3_000_000
"""The size of the document that a browser still opens quickly."""
_SHORTER = (300, 200, 100)
"""Characters of a reason, tried in turn if complete reasons make the document too large."""


def render_report(posture: Posture) -> str:
    """Render the report of a full run: one self-contained HTML document."""
    html = _render(posture)
    for longest in _SHORTER:
        if len(html.encode()) <= MAX_BYTES:
            break
        html = _render(shorten_reasons(posture, longest))
    return html


@dataclass(frozen=True, slots=True, kw_only=True)
class _Assets:
    """The style and script of the report, and the policy that allows nothing else."""

    style: Markup
    script: Markup
    policy: str

    @classmethod
    def read(cls) -> Self:
        style, script = _asset("report.css"), _asset("report.js")
        return cls(
            style=Markup(style),  # noqa: S704 - the package's own files
            script=Markup(script),  # noqa: S704
            policy=_policy(style, script),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Filter:
    """The choices of the filter above the databases."""

    owners: Mapping[str, int]
    """The owners by number; see `_number_owners`."""
    unowned: bool
    """Whether any database has no owner."""
    statuses: Counter[DisplayStatus]
    """How many databases the filter finds for each status."""

    @classmethod
    def of(cls, rows: Sequence[MatrixRow]) -> Self:
        return cls(
            owners=_number_owners(rows),
            unowned=any(not row.database.owner for row in rows),
            statuses=Counter(status for row in rows for status in _filter_statuses(row)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Readiness:
    """The readiness section."""

    cards: Sequence[ReadinessCard]
    counts: Counter[ReadinessStatus]
    """How many parameter groups have each status."""
    detailed: int
    """How many cards show all their details."""
    row_numbers: Mapping[tuple[str | None, str], int]
    """The rows that cards link to, by parameter group and database."""

    @classmethod
    def of(cls, cards: Sequence[ReadinessCard], rows: Sequence[MatrixRow]) -> Self:
        return cls(
            cards=cards,
            counts=Counter(card.assessment.status for card in cards),
            detailed=MAX_DETAILED,
            row_numbers={
                (row.database.group, escape_id(row.database.id)): row.number for row in rows
            },
        )


def _render(posture: Posture) -> str:
    checks = build_legend(posture.databases)
    cards = build_readiness_cards(posture.assessments)
    rows = build_matrix(posture.databases, checks, cards)
    statuses = Counter(row.worst for row in rows)
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            posture=posture,
            assets=_Assets.read(),
            headline=headline(statuses, whole=posture.complete and not posture.without_result),
            statuses=statuses,
            trend=Trend.of(posture.history),
            checks=checks,
            rows=rows,
            filter=_Filter.of(rows),
            filter_statuses=_filter_statuses,
            readiness=_Readiness.of(cards, rows),
            gaps=Truncated.of(posture.gaps, MAX_REASONS),
            accepted=Truncated.of(
                [row for row in rows if row.counts[DisplayStatus.ACCEPTED]], MAX_LISTED
            ),
            tag_problems=Truncated.of(posture.tag_problems, MAX_LISTED),
            commands=COMMANDS,
        )
    )


def _filter_statuses(row: MatrixRow) -> list[DisplayStatus]:
    """Return the statuses for which the filter finds a row; "passed" requires every verdict."""
    not_passed = frozenset(DisplayStatus) - {DisplayStatus.PASSED}
    found = [status for status in DisplayStatus if status in not_passed and row.counts[status]]
    return found or [row.worst]


def _number_owners(rows: Iterable[MatrixRow]) -> dict[str, int]:
    """Number the owners from 1, so that a row refers to its owner in few bytes; 0 is no owner."""
    owners = {row.database.owner for row in rows if row.database.owner}
    return {owner: number for number, owner in enumerate(sorted(owners), 1)}


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def _asset(name: str) -> str:
    return files(__package__).joinpath("templates", name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_escape_value,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "capitalize_first": _capitalize_first,
        "number": _number,
        "percent_down": _percent_down,
        "percent_up": _percent_up,
        "pluralize": pluralize,
        "timestamp": _timestamp,
    }
    environment.globals |= {
        "DisplayStatus": DisplayStatus,
        "ReadinessStatus": ReadinessStatus,
        "LABELS": LABELS,
        "MOST_URGENT_FIRST": MOST_URGENT_FIRST,
    }
    return environment


def _escape_value(value: object) -> object:
    """Make text printable; the template engine then escapes it for HTML."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return escape(value, MAX_TEXT)


def _timestamp(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _capitalize_first(text: str) -> str:
    # The name of a setting keeps its spelling.
    first = text.partition(" ")[0]
    return text if "_" in first or "." in first else text[:1].upper() + text[1:]


def _number(number: int) -> str:
    return f"{number:,}"


def _percent_down(share: float) -> str:
    """Round down: only a complete share is shown as 100%, and only zero as 0%."""
    return _tiny(share) or f"{floor(round(share * 1000, 6)) / 10:g}%"


def _percent_up(probability: float) -> str:
    """Round up: only a probability of zero is shown as 0%."""
    return _tiny(probability) or f"{ceil(round(probability * 1000, 6)) / 10:g}%"


def _tiny(part: float) -> str | None:
    return "less than 0.1%" if 0 < part < 0.001 else None  # noqa: PLR2004 - the shown precision
