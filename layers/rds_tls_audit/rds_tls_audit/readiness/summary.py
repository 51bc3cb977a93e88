"""Summarizes an assessment in one line."""

from datetime import datetime

from rds_tls_audit.readiness.assessment import ReadinessAssessment
from rds_tls_audit.readiness.status import LABELS, ReadinessSummary
from rds_tls_audit.text import truncate

MAX_SUMMARY = 490
MAX_NAMED = 3
"""How many clients to check first are named."""
MAX_NAME = 40
"""Characters of a client's name, and of its database's."""


def summarize(assessment: ReadinessAssessment, at: datetime) -> ReadinessSummary:
    """Summarize in one line of at most `MAX_SUMMARY` characters.

    The clients to check come first, so that truncation never removes their names.
    """
    text = f"{LABELS[assessment.status]}: {_clients_to_check(assessment)}{assessment.because}"
    return ReadinessSummary(form=assessment.status, text=truncate(text, MAX_SUMMARY), at=at)


def _clients_to_check(assessment: ReadinessAssessment) -> str:
    names = [
        f"{truncate(client.name, MAX_NAME)} on {truncate(client.database, MAX_NAME)}"
        for client in assessment.clients.shown
        if client.blocking
    ]
    if not names:
        return ""
    more = len(names[MAX_NAMED:]) + assessment.clients.more
    return f"{', '.join(names[:MAX_NAMED])}{f' and {more} more' if more else ''}; "
