"""Keeps the evidence of a batch within what a state of the pipeline may hand on.

Step Functions takes 256 KiB of input and output, and nothing can catch what is larger.
"""

import json
from collections.abc import Iterable
from dataclasses import replace

from rds_tls_audit.ciphers import Strength, strength
from rds_tls_audit.codec import encode
from rds_tls_audit.evidence import Seen
from rds_tls_audit.messages import Evidence, Witnessed
from rds_tls_audit.observation import SessionGroup

MAX_BYTES = 180_000


def trimmed(evidence: Evidence) -> Evidence:
    """Leave out groups of modern sessions where there is no room; others never, totals never."""
    if _size(evidence) <= MAX_BYTES:
        return evidence
    bare = [_with_room(witnessed, 0) for witnessed in evidence.witnessed]
    room = MAX_BYTES - _size(replace(evidence, witnessed=tuple(bare)))
    share = room // len(evidence.witnessed)
    return replace(evidence, witnessed=tuple(_with_room(it, share) for it in evidence.witnessed))


def _with_room(witnessed: Witnessed, room: int) -> Witnessed:
    sessions = witnessed.observation.sessions
    if not isinstance(sessions, Seen):
        return witnessed
    view = sessions.value
    modern = {group for group in view.groups if _is_modern(group)}
    kept = set(_fitting(sorted(modern, key=lambda group: -group.count), room))
    left_out = sum(group.count for group in modern - kept)
    shorter = replace(
        view,
        groups=tuple(group for group in view.groups if group in kept or group not in modern),
        modern_left_out=view.modern_left_out + left_out,
    )
    observation = replace(witnessed.observation, sessions=Seen(value=shorter))
    return replace(witnessed, observation=observation)


def _is_modern(group: SessionGroup) -> bool:
    return (
        group.encrypted
        and group.tls_version is not None
        and strength(group.tls_version, group.cipher) is Strength.MODERN
    )


def _fitting(groups: Iterable[SessionGroup], room: int) -> Iterable[SessionGroup]:
    for group in groups:
        room -= _size(group) + 2  # the comma and the space that part it from the next
        if room < 0:
            return
        yield group


def _size(value: object) -> int:
    return len(json.dumps(encode(value)))
