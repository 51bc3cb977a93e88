"""Notify: tell each topic, once, what it has not told yet.

What a topic is told is claimed before, and settled afterwards. So a topic or a table that fails
loses nothing, and neither does a process that dies. Told twice is only what was delivered when
nothing could be written any more, or when the answer of the topic was lost.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial

from rds_tls_audit.digest.delivery import Tidings, begin, give_up, settle
from rds_tls_audit.digest.outbox import Progress
from rds_tls_audit.digest.summary import Summary
from rds_tls_audit.ports.state_store import Outbox
from rds_tls_audit.ports.topics import Topics
from rds_tls_audit.readiness.status import ShortAnswer

MAX_NOTES = 6_000
"""That a run tells; the rest waits for the next. Their marks fit into the item of a progress."""


class NotToldError(Exception):
    """A topic could not be told; what it was to tell waits for the next run."""


def notify(
    summary: Summary,
    troubles: str | None,
    answers: Mapping[str, ShortAnswer],
    topics: Topics,
    outbox: Outbox,
) -> bool:
    """Tell what waits; says whether anybody was told anything.

    Args:
        summary: of the run; its changes are those that Security Hub being off holds back.
        troubles: what kept findings from Security Hub, told when it changes.
        answers: whether it is safe to force TLS, by parameter group; told where that changes.
        topics: each is told by itself.
        outbox: where changes wait.

    Raises:
        NotToldError: at the end, for all topics that failed.
    """
    # First how far the topics have come: a mark whose note is not among those that are read then
    # is of a note that was removed.
    told_before = {name: outbox.read_progress(name).told for name in topics}
    notes = outbox.read()
    waiting = {note.mark for note in notes}
    told, told_everywhere, failures = False, set(waiting), []
    for name, send in topics.items():
        known = frozenset(told_before[name])
        tidings = Tidings(
            summary=summary,
            troubles=troubles,
            answers=answers,
            notes=[note for note in notes if note.mark not in known][:MAX_NOTES],
            gone=known - waiting,
        )
        try:
            told_now, progress = _tell(name, send, tidings, outbox)
            told |= told_now
            told_everywhere &= {*progress.told}
        except Exception as error:  # noqa: BLE001 - whatever it is, the others are told, and it is raised
            told_everywhere = set()
            failures.append(f"the topic {name} could not be told ({type(error).__name__}: {error})")
    outbox.remove([note for note in notes if note.mark in told_everywhere])
    if failures:
        raise NotToldError("; ".join(failures) + ": the next run tells it")
    return told


def _tell(
    name: str, send: Callable[[Summary], None], tidings: Tidings, outbox: Outbox
) -> tuple[bool, Progress]:
    """Tell one topic what it has not told; says whether that was anything, and how far it is."""
    begun = outbox.update_progress(name, partial(begin, tidings=tidings))
    if begun.letter is None:
        return False, begun.progress
    try:
        send(begun.letter.summary)
    except Exception:
        outbox.update_progress(name, partial(give_up, letter=begun.letter))
        raise
    settled = partial(settle, letter=begun.letter, tidings=tidings)
    # It is delivered: a table that fails once more is no reason to tell it again.
    with suppress(Exception):
        return True, outbox.update_progress(name, settled).progress
    return True, outbox.update_progress(name, settled).progress
