"""Accepted risks: the tag `rds-tls-audit:accept` = `check+check until=YYYY-MM-DD ref=…`.

What is accepted is judged and told as accepted, and its finding is archived until the end date.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from rds_tls_audit.checks.evaluation import Evaluation
from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.fleet.database import TAG_ACCEPT, Database

DEFAULT_ACCEPTANCE = timedelta(days=90)
"""How long a risk is accepted where the tag names no end."""


class MalformedAcceptanceError(ValueError):
    """The tag cannot be read: it is ignored, and that is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """What a tag accepts."""

    checks: frozenset[str]
    until: date | None = None
    """The first day on which it is not accepted any more."""
    reference: str | None = None


def parse_acceptance(text: str) -> Acceptance:
    """Read the tag.

    Raises:
        MalformedAcceptanceError: says what is wrong with it.
    """
    first, *rest = text.split() or [""]
    ids = frozenset(first.split("+"))
    if unknown := sorted(ids - {check.id for check in all_checks()}):
        raise MalformedAcceptanceError(f"it names no check: {', '.join(unknown) or 'none'}")
    fields = dict(part.partition("=")[::2] for part in rest)
    if strange := sorted(fields.keys() - {"until", "ref"}):
        raise MalformedAcceptanceError(f"not understood: {', '.join(strange)}")
    return Acceptance(
        checks=ids,
        until=_date(fields["until"]) if "until" in fields else None,
        reference=fields.get("ref") or None,
    )


def acceptance_problem(database: Database, observed_at: datetime) -> str | None:
    """Say what is wrong with a database's tag, or that its end is past; None where all is well."""
    text = database.tags.get(TAG_ACCEPT)
    if text is None:
        return None
    try:
        until = parse_acceptance(text).until
    except MalformedAcceptanceError as error:
        return f"the tag {TAG_ACCEPT} is ignored: {error}"
    if until is not None and until <= observed_at.date():
        return f"the tag {TAG_ACCEPT} is ignored: it ended on {until}"
    return None


def apply_acceptance(
    evaluation: Evaluation, database: Database, *, observed_at: datetime, since: datetime | None
) -> Evaluation:
    """Mark a failure or warning that the database's tag accepts.

    Args:
        evaluation: of one check.
        database: whose tag it is.
        observed_at: the time of the run.
        since: when it was first seen to be accepted; None where that is now.
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


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise MalformedAcceptanceError(f"until={text} is no date like 2027-01-31") from None
