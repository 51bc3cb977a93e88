"""Writes the page: everything from outside escaped, nothing to be fetched."""

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
from rds_tls_audit.html_report.truncated import Truncated
from rds_tls_audit.readiness.status import LABELS, MOST_URGENT_FIRST, ReadinessStatus
from rds_tls_audit.text import escape, escape_id, pluralize

MAX_LISTED = 100
"""Of accepted risks and of tags that are not understood."""
MAX_REASONS = 50
MAX_TEXT = 2000
"""Characters of any one text."""
MAX_BYTES = 3_000_000
"""Of the document: what a browser opens in a moment."""
_SHORTER = (300, 100)
"""Characters of a reason, tried in turn where whole reasons make too large a document."""


def render_report(posture: Posture) -> str:
    """Write the report of a full run: one HTML document that needs nothing else."""
    written = _write(posture)
    for longest in _SHORTER:
        if len(written.encode()) <= MAX_BYTES:
            break
        written = _write(shorten_reasons(posture, longest))
    return written


@dataclass(frozen=True, slots=True, kw_only=True)
class _Assets:
    """The files that the report carries, and the policy that admits nothing else."""

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
    """What the filter above the databases offers."""

    owners: Mapping[str, int]
    """Their numbers; see `_numbered_owners`."""
    unowned: bool
    """Whether any database has no owner."""
    statuses: Counter[DisplayStatus]
    """How many databases each status finds."""

    @classmethod
    def of(cls, rows: Sequence[MatrixRow]) -> Self:
        return cls(
            owners=_numbered_owners(rows),
            unowned=any(not row.row.owner for row in rows),
            statuses=Counter(status for row in rows for status in _matching(row)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Readiness:
    """The readiness section."""

    cards: Sequence[ReadinessCard]
    counts: Counter[ReadinessStatus]
    """How many parameter groups have each status."""
    detailed: int
    """How many cards are shown with all their details."""
    places: Mapping[tuple[str | None, str], int]
    """Numbers of the rows, by parameter group and database: where a card links to."""

    @classmethod
    def of(cls, cards: Sequence[ReadinessCard], rows: Sequence[MatrixRow]) -> Self:
        return cls(
            cards=cards,
            counts=Counter(card.assessment.status for card in cards),
            detailed=MAX_DETAILED,
            places={(row.row.group, escape_id(row.row.id)): row.number for row in rows},
        )


def _write(posture: Posture) -> str:
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
            headline=headline(statuses, whole=posture.complete and not posture.lost),
            statuses=statuses,
            trend=Trend.of(posture.history),
            checks=checks,
            rows=rows,
            filter=_Filter.of(rows),
            matching=_matching,
            readiness=_Readiness.of(cards, rows),
            gaps=Truncated.of(posture.gaps, MAX_REASONS),
            accepted=Truncated.of(
                [row for row in rows if row.counts[DisplayStatus.ACCEPTED]], MAX_LISTED
            ),
            problems=Truncated.of(posture.problems, MAX_LISTED),
            commands=COMMANDS,
        )
    )


def _matching(row: MatrixRow) -> list[DisplayStatus]:
    """Name the standings by which a filter finds a row; "passed" means all of it."""
    not_well = frozenset(DisplayStatus) - {DisplayStatus.PASSED}
    return [it for it in DisplayStatus if it in not_well and row.counts[it]] or [row.worst]


def _numbered_owners(rows: Iterable[MatrixRow]) -> dict[str, int]:
    """Number the owners from 1: a row then names its own in few bytes; 0 is no owner."""
    owners = {row.row.owner for row in rows if row.row.owner}
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
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "at": _at,
        "pluralize": pluralize,
        "first_up": _first_up,
        "n": _number,
        "percent": _percent,
        "percent_up": _percent_up,
    }
    environment.globals |= {
        "DisplayStatus": DisplayStatus,
        "ReadinessStatus": ReadinessStatus,
        "LABELS": LABELS,
        "MOST_URGENT_FIRST": MOST_URGENT_FIRST,
    }
    return environment


def _harmless(value: object) -> object:
    """Make every text printable; escaping comes after."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return escape(value, MAX_TEXT)


def _at(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _first_up(text: str) -> str:
    # The name of a setting stays as it is written.
    first = text.partition(" ")[0]
    return text if "_" in first or "." in first else text[:1].upper() + text[1:]


def _number(number: int) -> str:
    return f"{number:,}"


def _percent(share: float) -> str:
    """Round down: what is less than all never reads 100 %, what there is never 0 %."""
    return _least(share) or f"{floor(round(share * 1000, 6)) / 10:g} %"


def _percent_up(chance: float) -> str:
    """Round up: a chance that there is never reads 0 %."""
    return _least(chance) or f"{ceil(round(chance * 1000, 6)) / 10:g} %"


def _least(part: float) -> str | None:
    return "less than 0.1 %" if 0 < part < 0.001 else None  # noqa: PLR2004 - what is shown
