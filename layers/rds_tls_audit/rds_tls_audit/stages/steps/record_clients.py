"""Remember: who was seen connecting, and how often somebody looked."""

from collections.abc import Sequence
from dataclasses import replace

from rds_tls_audit.codec import MalformedError
from rds_tls_audit.evidence.observation import SessionView
from rds_tls_audit.evidence.observed import Seen
from rds_tls_audit.pipeline.messages import ProbedTarget
from rds_tls_audit.pipeline.run import Run
from rds_tls_audit.ports.state_store import ClientHistoryWriter
from rds_tls_audit.readiness.sampling.observed_client import (
    client_key,
    merge_client,
    needs_write,
    observed_clients,
    retain_most_relevant,
)
from rds_tls_audit.readiness.sampling.sampling_state import record_sample


def record_clients(
    run: Run, witnessed: Sequence[ProbedTarget], sightings: ClientHistoryWriter
) -> None:
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


def _remember_one(
    run: Run, resource_id: str, view: SessionView, sightings: ClientHistoryWriter
) -> None:
    known = sightings.read(resource_id)
    now = {client_key(one): one for one in observed_clients(view.groups, run.observed_at)}
    folded = {
        key: merge_client(known[key], one) if key in known else one for key, one in now.items()
    }
    kept, overflow = retain_most_relevant([*({**known, **folded}).values()])
    kept_keys = {client_key(one) for one in kept}
    changed = {
        key: one
        for key, one in folded.items()
        if key in kept_keys and needs_write(known.get(key), one)
    }
    forgotten = {key: one for key, one in known.items() if key not in kept_keys}
    # The clients first: should the table fail between, no sample counts whose clients are lost.
    if changed or forgotten:
        sightings.write(resource_id, changed, forgotten)
    tally = record_sample(sightings.read_tally(resource_id), view, run)
    if tally is not None:
        more = max(tally.overflow, overflow)
        sightings.write_tally(resource_id, replace(tally, overflow=more))
