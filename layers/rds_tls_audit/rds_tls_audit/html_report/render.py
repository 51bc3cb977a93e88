"""Writes the page: everything from outside escaped, nothing to be fetched."""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from math import ceil, floor

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from rds_tls_audit.html_report import trend
from rds_tls_audit.html_report.display_status import Standing
from rds_tls_audit.html_report.headline import sentence
from rds_tls_audit.html_report.legend import legend
from rds_tls_audit.html_report.manual_checks import COMMANDS
from rds_tls_audit.html_report.matrix import MatrixRow, matrix
from rds_tls_audit.html_report.posture import Posture
from rds_tls_audit.html_report.readiness_cards import MAX_DETAILED, answer_cards
from rds_tls_audit.html_report.shorten import shortened
from rds_tls_audit.html_report.truncated import Bounded
from rds_tls_audit.readiness.status import TITLES, WORST_FIRST, Form
from rds_tls_audit.text import counted, printable, printable_id

MAX_LISTED = 100
"""Of accepted risks and of tags that are not understood."""
MAX_REASONS = 50
MAX_TEXT = 2000
"""Characters of any one text."""
MAX_BYTES = 3_000_000
"""Of the document: what a browser opens in a moment."""
_SHORTER = (300, 100)
"""Characters of a reason, tried in turn where whole reasons make too large a document."""


def page(posture: Posture) -> str:
    """Write the report of a full run: one HTML document that needs nothing else."""
    written = _write(posture)
    for longest in _SHORTER:
        if len(written.encode()) <= MAX_BYTES:
            break
        written = _write(shortened(posture, longest))
    return written


def _write(posture: Posture) -> str:
    checks = legend(posture.databases)
    answers = answer_cards(posture.answers)
    rows = matrix(posture.databases, checks, answers)
    pasts = posture.history[-trend.MAX_RUNS :]
    standings = Counter(row.worst for row in rows)
    style, script = _asset("page.css"), _asset("page.js")
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            posture=posture,
            style=Markup(style),  # noqa: S704 - our own files
            script=Markup(script),  # noqa: S704
            policy=_policy(style, script),
            sentence=sentence(standings, whole=posture.complete and not posture.lost),
            standings=standings,
            holding=Counter(standing for row in rows for standing in _matching(row)),
            matching=_matching,
            checks=checks,
            rows=rows,
            owners=_numbered_owners(rows),
            unowned=any(not row.row.owner for row in rows),
            answers=answers,
            detailed=MAX_DETAILED,
            forms=Counter(card.answer.form for card in answers),
            places={(row.row.group, printable_id(row.row.id)): row.number for row in rows},
            pasts=pasts,
            lines=trend.lines(pasts),
            chart=trend,
            gaps=Bounded.of(posture.gaps, MAX_REASONS),
            accepted=Bounded.of([row for row in rows if row.counts[Standing.ACCEPTED]], MAX_LISTED),
            problems=Bounded.of(posture.problems, MAX_LISTED),
            commands=COMMANDS,
        )
    )


def _matching(row: MatrixRow) -> list[Standing]:
    """Name the standings by which a filter finds a row; "passed" means all of it."""
    not_well = frozenset(Standing) - {Standing.PASSED}
    return [it for it in Standing if it in not_well and row.counts[it]] or [row.worst]


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
        "counted": counted,
        "first_up": _first_up,
        "n": _number,
        "percent": _percent,
        "percent_up": _percent_up,
    }
    environment.globals |= {
        "Standing": Standing,
        "Form": Form,
        "TITLES": TITLES,
        "WORST_FIRST": WORST_FIRST,
    }
    return environment


def _harmless(value: object) -> object:
    """Make every text printable; escaping comes after."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return printable(value, MAX_TEXT)


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
