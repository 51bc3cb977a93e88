"""Puts an answer in short."""

from datetime import datetime

from rds_tls_audit.readiness.assessment import Answer
from rds_tls_audit.readiness.status import TITLES, ShortAnswer
from rds_tls_audit.text import cut

MAX_SHORT = 490
MAX_NAMED, MAX_NAME = 3, 40
"""Of the clients to check first; the name of each, and that of its database."""


def in_short(answer: Answer, at: datetime) -> ShortAnswer:
    """Tell it in one line of at most `MAX_SHORT` characters.

    Whom to check comes first, so that no cut takes the names away.
    """
    text = f"{TITLES[answer.form]}: {_named(answer)}{answer.because}"
    return ShortAnswer(form=answer.form, text=cut(text, MAX_SHORT), at=at)


def _named(answer: Answer) -> str:
    holding = [client for client in answer.clients if client.holds_back]
    if not holding:
        return ""
    named = [f"{cut(it.who, MAX_NAME)} on {cut(it.database, MAX_NAME)}" for it in holding]
    more = len(holding[MAX_NAMED:]) + answer.clients_more
    return f"{', '.join(named[:MAX_NAMED])}{f' and {more} more' if more else ''}; "
