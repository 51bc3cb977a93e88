"""Accepted risks: the tag `rds-tls-audit:accept` = `check+check until=YYYY-MM-DD ref=…`.

An accepted risk is still evaluated. It is reported as accepted, and its finding is archived until
the end date.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from rds_tls_audit.checks.evaluation import Evaluation
from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.fleet.database import TAG_ACCEPT, Database

DEFAULT_ACCEPTANCE = timedelta(days=90)
"""How long a risk is accepted if the tag has no end date."""


class MalformedAcceptanceError(ValueError):
    """The tag is malformed. The text says what was wrong and what is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """The content of a tag."""

    checks: frozenset[str]
    """The ids of the accepted checks."""
    until: date | None = None
    """The end date: the first day on which the risk is no longer accepted."""
    reference: str | None = None
    """The reference, such as a ticket."""


def parse_acceptance(text: str) -> Acceptance:
    """Parse the value of the tag.

    Raises:
        MalformedAcceptanceError: The tag is malformed.
    """
    first, *rest = text.split() or [""]
    ids = frozenset(first.split("+"))
    if unknown := sorted(ids - {check.id for check in all_checks()}):
        raise MalformedAcceptanceError(
            f"it must start with check ids joined by +; not a check id: {_quote(unknown)}"
        )
    fields = dict(part.partition("=")[::2] for part in rest)
    if unexpected := sorted(fields.keys() - {"until", "ref"}):
        raise MalformedAcceptanceError(
            f"only until=YYYY-MM-DD and ref= may follow the check ids; got {_quote(unexpected)}"
        )
    return Acceptance(
        checks=ids,
        until=_parse_date(fields["until"]) if "until" in fields else None,
        reference=fields.get("ref") or None,
    )


def acceptance_problem(database: Database, observed_at: datetime) -> str | None:
    """Say why the tag of a database is ignored; None if there is no tag or it is in force."""
    text = database.tags.get(TAG_ACCEPT)
    if text is None:
        return None
    try:
        until = parse_acceptance(text).until
    except MalformedAcceptanceError as error:
        return f"the tag {TAG_ACCEPT} is ignored: {error}"
    if until is not None and until <= observed_at.date():
        return f"the tag {TAG_ACCEPT} is ignored: its end date was {until}"
    return None


def apply_acceptance(
    evaluation: Evaluation, database: Database, *, observed_at: datetime, since: datetime | None
) -> Evaluation:
    """Mark a failure or warning that the database's tag accepts.

    Args:
        evaluation: The evaluation of one check.
        database: The database with its tags.
        observed_at: The time of the run.
        since: When the risk was first accepted; None if this is the first run that accepts it.
    """
    text = database.tags.get(TAG_ACCEPT)
    if text is None or not evaluation.verdict.status.is_fault:
        return evaluation
    try:
        acceptance = parse_acceptance(text)
    except MalformedAcceptanceError:
        return evaluation
    until = acceptance.until or ((since or observed_at) + DEFAULT_ACCEPTANCE).date()
    if evaluation.check.id not in acceptance.checks or until <= observed_at.date():
        return evaluation
    reference = f" ({acceptance.reference})" if acceptance.reference else ""
    reason = f"accepted until {until}{reference}"
    verdict = replace(evaluation.verdict, because=f"{reason}: {evaluation.verdict.because}")
    return replace(evaluation, verdict=verdict, accepted=reason)


def _parse_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise MalformedAcceptanceError(
            f"until must be a date such as 2027-01-31; got {text!r}"
        ) from None


def _quote(words: Iterable[str]) -> str:
    return ", ".join(map(repr, words))
