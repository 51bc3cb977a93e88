"""Remember: who was seen connecting, and how often somebody looked."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from rds_tls_audit.codec import MalformedError
from rds_tls_audit.evidence.observation import SessionView
from rds_tls_audit.evidence.observed import Seen
from rds_tls_audit.pipeline.messages import Witnessed
from rds_tls_audit.pipeline.run import Run
from rds_tls_audit.readiness.sampling.observed_client import (
    Sighting,
    identity,
    merged,
    remembered,
    seen,
    worth_writing,
)
from rds_tls_audit.readiness.sampling.sampling_state import Tally, counted


class Remembered(Protocol):
    """What is remembered of the clients of a database, by its resource id."""

    def read(self, resource_id: str) -> Mapping[str, Sighting]:
        """Read its clients, by their identities."""

    def read_tally(self, resource_id: str) -> Tally | None:
        """Read the last count; None before the first."""


class Sightings(Remembered, Protocol):
    """What is remembered, to be added to."""

    def write(
        self, resource_id: str, changed: Mapping[str, Sighting], forgotten: Mapping[str, Sighting]
    ) -> None:
        """Store clients and forget others, but whom somebody has seen later meanwhile."""

    def write_tally(self, resource_id: str, tally: Tally) -> None:
        """Store the count with its day, both or neither, unless a later one is there."""


def remember(run: Run, witnessed: Sequence[Witnessed], sightings: Sightings) -> None:
    """Remember the sessions of every database that showed them; a repetition changes nothing.

    Raises:
        MalformedError: what is known of a database cannot be read; the others are remembered.
    """
    malformed: list[MalformedError] = []
    for each in witnessed:
        if isinstance(each.observation.sessions, Seen):
            resource_id = each.target.database.resource_id
            try:
                _remember_one(run, resource_id, each.observation.sessions.value, sightings)
            except MalformedError as error:
                malformed.append(error)
    if malformed:
        raise malformed[0]


def _remember_one(run: Run, resource_id: str, view: SessionView, sightings: Sightings) -> None:
    known = sightings.read(resource_id)
    now = {identity(one): one for one in seen(view.groups, run.observed_at)}
    folded = {key: merged(known[key], one) if key in known else one for key, one in now.items()}
    kept, overflow = remembered([*({**known, **folded}).values()])
    kept_keys = {identity(one) for one in kept}
    changed = {
        key: one
        for key, one in folded.items()
        if key in kept_keys and worth_writing(known.get(key), one)
    }
    forgotten = {key: one for key, one in known.items() if key not in kept_keys}
    # The clients first: should the table fail between, no sample counts whose clients are lost.
    if changed or forgotten:
        sightings.write(resource_id, changed, forgotten)
    tally = counted(sightings.read_tally(resource_id), view, run)
    if tally is not None:
        more = max(tally.overflow, overflow)
        sightings.write_tally(resource_id, replace(tally, overflow=more))
