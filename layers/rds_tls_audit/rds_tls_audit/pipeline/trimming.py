"""Keeps the evidence of a batch within what a state of the pipeline may hand on.

Step Functions takes 256 KiB of input and output, and nothing can catch what is larger.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

from rds_tls_audit.codec import json_size
from rds_tls_audit.evidence.observation import SessionGroup, SessionView
from rds_tls_audit.evidence.observed import Seen
from rds_tls_audit.pipeline.messages import ProbedTarget, ProbeResult
from rds_tls_audit.protocol.cipher_strength import Strength, strength_of

MAX_BYTES = 180_000


class EvidenceTooLargeError(ValueError):
    """The evidence of a batch cannot be handed on; that of each database alone can."""


def trim(evidence: ProbeResult) -> ProbeResult:
    """Leave out groups of modern sessions where there is no room; totals never.

    What is in clear or weak stays, but for one database alone with a thousand such clients: their
    addresses go first, then the last of the groups, and those are counted.

    Raises:
        EvidenceTooLargeError: several databases, and no room for what must stay.
    """
    if json_size(evidence) <= MAX_BYTES:
        return evidence
    bare = _each_view(evidence, lambda view: _with_modern(view, 0))
    room = MAX_BYTES - json_size(bare)
    if room >= 0:
        share = room // len(evidence.witnessed)
        return _each_view(evidence, lambda view: _with_modern(view, share))
    if len(evidence.witnessed) > 1:
        raise EvidenceTooLargeError(
            f"batch {evidence.batch} has more evidence than one state can hand on"
        )
    empty = _each_view(bare, lambda view: replace(view, groups=()))
    return _each_view(bare, lambda view: _cut(view, MAX_BYTES - json_size(empty)))


def _each_view(evidence: ProbeResult, change: Callable[[SessionView], SessionView]) -> ProbeResult:
    def changed(witnessed: ProbedTarget) -> ProbedTarget:
        sessions = witnessed.observation.sessions
        if not isinstance(sessions, Seen):
            return witnessed
        observation = replace(witnessed.observation, sessions=Seen(value=change(sessions.value)))
        return replace(witnessed, observation=observation)

    return replace(evidence, witnessed=tuple(changed(it) for it in evidence.witnessed))


def _with_modern(view: SessionView, room: int) -> SessionView:
    """Keep modern groups up to `room` bytes, those of most sessions first."""
    modern = {group for group in view.groups if _is_modern(group)}
    kept = set(_fitting(sorted(modern, key=lambda group: -group.count), room))
    return replace(
        view,
        groups=tuple(group for group in view.groups if group in kept or group not in modern),
        modern_left_out=view.modern_left_out + sum(group.count for group in modern - kept),
    )


def _cut(view: SessionView, room: int) -> SessionView:
    """Keep groups up to `room` bytes, clear ones first, without addresses."""
    counts: Counter[SessionGroup] = Counter()
    for group in view.groups:
        counts[replace(group, network=None, count=0)] += group.count
    groups = [replace(group, count=count) for group, count in counts.items()]
    kept = tuple(_fitting(groups, room))
    return replace(view, groups=kept, groups_cut=view.groups_cut + len(groups) - len(kept))


def _is_modern(group: SessionGroup) -> bool:
    return (
        group.encrypted
        and group.tls_version is not None
        and strength_of(group.tls_version, group.cipher) is Strength.MODERN
    )


def _fitting(groups: Iterable[SessionGroup], room: int) -> Iterable[SessionGroup]:
    for group in groups:
        room -= json_size(group) + 2  # the comma and the space that part it from the next
        if room < 0:
            return
        yield group
