"""Notify: tell each topic, once, what it has not told yet.

What a topic is told is claimed before, and settled afterwards. So a topic or a table that fails
loses nothing, and neither does a process that dies. Told twice is only what was delivered when
nothing could be written any more, or when the answer of the topic was lost.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial

from rds_tls_audit.digest.delivery import DigestInput, acknowledge, claim, release
from rds_tls_audit.digest.outbox import DeliveryProgress
from rds_tls_audit.digest.summary import Summary
from rds_tls_audit.ports.state_store import Outbox
from rds_tls_audit.ports.topics import Topics
from rds_tls_audit.readiness.status import ReadinessSummary

MAX_ENTRIES = 6_000
"""That a run tells; the rest waits for the next. Their marks fit into the item of a progress."""


class DigestNotDeliveredError(Exception):
    """A topic could not be told; what it was to tell waits for the next run."""


def deliver_digests(
    summary: Summary,
    troubles: str | None,
    answers: Mapping[str, ReadinessSummary],
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
    waiting = {note.entry_key for note in notes}
    told, told_everywhere, failures = False, set(waiting), []
    for name, send in topics.items():
        known = frozenset(told_before[name])
        tidings = DigestInput(
            summary=summary,
            delivery_problems=troubles,
            readiness=answers,
            entries=[note for note in notes if note.entry_key not in known][:MAX_ENTRIES],
            removed=known - waiting,
        )
        try:
            told_now, progress = _deliver(name, send, tidings, outbox)
            told |= told_now
            told_everywhere &= {*progress.told}
        except Exception as error:  # noqa: BLE001 - whatever it is, the others are told, and it is raised
            told_everywhere = set()
            failures.append(f"the topic {name} could not be told ({type(error).__name__}: {error})")
    outbox.remove([note for note in notes if note.entry_key in told_everywhere])
    if failures:
        raise DigestNotDeliveredError("; ".join(failures) + ": the next run tells it")
    return told


def _deliver(
    name: str, send: Callable[[Summary], None], tidings: DigestInput, outbox: Outbox
) -> tuple[bool, DeliveryProgress]:
    """Tell one topic what it has not told; says whether that was anything, and how far it is."""
    begun = outbox.update_progress(name, partial(claim, tidings=tidings))
    if begun.delivery is None:
        return False, begun.progress
    try:
        send(begun.delivery.summary)
    except Exception:
        outbox.update_progress(name, partial(release, letter=begun.delivery))
        raise
    settled = partial(acknowledge, letter=begun.delivery, tidings=tidings)
    # It is delivered: a table that fails once more is no reason to tell it again.
    with suppress(Exception):
        return True, outbox.update_progress(name, settled).progress
    return True, outbox.update_progress(name, settled).progress
