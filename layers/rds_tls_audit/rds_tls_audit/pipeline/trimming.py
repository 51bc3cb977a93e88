"""Trim a probe result to the size that Step Functions can pass on.

The input and output of a state are limited to 256 KiB. A larger one ends the execution with an
error that no state can catch.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

from rds_tls_audit.codec import json_size
from rds_tls_audit.evidence.observation import SessionGroup, SessionView
from rds_tls_audit.evidence.observed import Seen
from rds_tls_audit.pipeline.messages import ProbedTarget, ProbeResult
from rds_tls_audit.protocol.cipher_strength import Strength, classify_strength

MAX_BYTES = 180_000


class ProbeResultTooLargeError(ValueError):
    """The result of a batch is too large to pass on; the result of each single database is not."""


def trim(result: ProbeResult) -> ProbeResult:
    """Omit session groups with modern TLS if the result is too large.

    Session groups with plaintext or weak TLS are kept, and so are all totals. Only if a single
    database has too many of these, their client addresses are removed, and then the last groups;
    `groups_cut` counts those.

    Raises:
        ProbeResultTooLargeError: Several databases have too many groups that must be kept.
    """
    if json_size(result) <= MAX_BYTES:
        return result
    bare = _each_view(result, lambda view: _with_modern(view, 0))
    room = MAX_BYTES - json_size(bare)
    if room >= 0:
        share = room // len(result.witnessed)
        return _each_view(result, lambda view: _with_modern(view, share))
    if len(result.witnessed) > 1:
        raise ProbeResultTooLargeError(
            f"The result of batch {result.batch} exceeds {MAX_BYTES:,} bytes, although modern TLS "
            "sessions were omitted."
        )
    empty = _each_view(bare, lambda view: replace(view, groups=()))
    return _each_view(bare, lambda view: _cut(view, MAX_BYTES - json_size(empty)))


def _each_view(result: ProbeResult, change: Callable[[SessionView], SessionView]) -> ProbeResult:
    def changed(probed: ProbedTarget) -> ProbedTarget:
        sessions = probed.observation.sessions
        if not isinstance(sessions, Seen):
            return probed
        observation = replace(probed.observation, sessions=Seen(value=change(sessions.value)))
        return replace(probed, observation=observation)

    return replace(result, witnessed=tuple(changed(probed) for probed in result.witnessed))


def _with_modern(view: SessionView, room: int) -> SessionView:
    """Keep `room` bytes of groups with modern TLS, largest number of sessions first."""
    modern = {group for group in view.groups if _is_modern(group)}
    kept = set(_fitting(sorted(modern, key=lambda group: -group.count), room))
    return replace(
        view,
        groups=tuple(group for group in view.groups if group in kept or group not in modern),
        modern_left_out=view.modern_left_out + sum(group.count for group in modern - kept),
    )


def _cut(view: SessionView, room: int) -> SessionView:
    """Keep `room` bytes of groups, plaintext first, without client addresses."""
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
        and classify_strength(group.tls_version, group.cipher) is Strength.MODERN
    )


def _fitting(groups: Iterable[SessionGroup], room: int) -> Iterable[SessionGroup]:
    for group in groups:
        room -= json_size(group) + 2  # the comma and the space between two items
        if room < 0:
            return
        yield group
