"""Notify: tell each topic, once, what it has not told yet.

A topic's progress is stored before it is told, and set back where telling fails. So a topic that
fails loses nothing, and a table that fails afterwards tells nothing twice. What is lost is the
letter of a process that dies between the two.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from rds_tls_audit.digest import Summary
from rds_tls_audit.run import RunKind
from rds_tls_audit.untold import Note, Outbox, Progress

BETWEEN_SUMMARIES = timedelta(days=7)

type Topics = Mapping[str, Callable[[Summary], None]]
"""How to tell each topic, by its name."""


class NotToldError(Exception):
    """A topic could not be told; what it was to tell waits for the next run."""


def notify(summary: Summary, troubles: str | None, topics: Topics, outbox: Outbox) -> bool:
    """Tell what waits; says whether anybody was told anything.

    Args:
        summary: of the run; its changes are those that Security Hub being off holds back, told
            when the troubles change.
        troubles: what keeps findings from Security Hub, told when it changes.
        topics: each is told by itself.
        outbox: where changes wait.

    Raises:
        NotToldError: at the end, for all topics that failed.
    """
    notes = outbox.read()
    told_everywhere = {note.mark for note in notes}
    told, failures = False, []
    for name, send in topics.items():
        before = outbox.read_progress(name)
        letter = _letter(summary, troubles, notes, before)
        after = _after(before, notes, letter, troubles)
        if after != before:
            outbox.write_progress(name, after)
        if not _worth_telling(letter, before, after):
            continue
        try:
            send(letter)
            told = True
        except Exception as error:  # noqa: BLE001 - whatever it is, the others are told, and it is raised
            outbox.write_progress(name, before)
            told_everywhere &= set(before.told)
            failures.append(f"the topic {name} could not be told ({type(error).__name__}: {error})")
    outbox.remove([note for note in notes if note.mark in told_everywhere])
    if failures:
        raise NotToldError("; ".join(failures) + ": the next run tells it")
    return told


def _letter(
    summary: Summary, troubles: str | None, notes: Sequence[Note], before: Progress
) -> Summary:
    waiting = [note.change for note in notes if note.mark not in before.told]
    held_back = summary.changes if troubles != before.troubles else ()
    return replace(summary, changes=[*waiting, *held_back], weekly=_weekly(before, summary))


def _weekly(before: Progress, summary: Summary) -> bool:
    if summary.run.kind is not RunKind.FULL or before.summary_at is None:
        return False
    return summary.run.observed_at - before.summary_at >= BETWEEN_SUMMARIES


def _after(
    before: Progress, notes: Sequence[Note], letter: Summary, troubles: str | None
) -> Progress:
    is_full = letter.run.kind is RunKind.FULL
    is_sample = letter.run.kind is RunKind.SAMPLE
    first = is_full and before.summary_at is None
    return Progress(
        told=tuple(note.mark for note in notes),
        summary_at=letter.run.observed_at if letter.weekly or first else before.summary_at,
        troubles=before.troubles if is_sample else troubles,
        sample_lost=letter.lost > 0 if is_sample else before.sample_lost,
    )


def _worth_telling(letter: Summary, before: Progress, after: Progress) -> bool:
    new_troubles = after.troubles is not None and after.troubles != before.troubles
    waiting = set(after.told) - set(before.told)
    told_already = letter.run.kind is RunKind.SAMPLE and before.sample_lost
    lost = letter.lost and not told_already
    return bool(waiting or lost or letter.weekly or new_troubles)
