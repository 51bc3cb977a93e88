"""Puts an answer in short."""

from datetime import datetime

from rds_tls_audit.readiness.assessment import ReadinessAssessment
from rds_tls_audit.readiness.status import LABELS, ReadinessSummary
from rds_tls_audit.text import truncate

MAX_SHORT = 490
MAX_NAMED, MAX_NAME = 3, 40
"""Of the clients to check first; the name of each, and that of its database."""


def summarize(answer: ReadinessAssessment, at: datetime) -> ReadinessSummary:
    """Tell it in one line of at most `MAX_SHORT` characters.

    Whom to check comes first, so that no cut takes the names away.
    """
    text = f"{LABELS[answer.status]}: {_named(answer)}{answer.because}"
    return ReadinessSummary(form=answer.status, text=truncate(text, MAX_SHORT), at=at)


def _named(answer: ReadinessAssessment) -> str:
    holding = [client for client in answer.clients if client.blocking]
    if not holding:
        return ""
    named = [f"{truncate(it.who, MAX_NAME)} on {truncate(it.database, MAX_NAME)}" for it in holding]
    more = len(holding[MAX_NAMED:]) + answer.clients_more
    return f"{', '.join(named[:MAX_NAMED])}{f' and {more} more' if more else ''}; "
