"""Record the clients that a run has observed, and count the samples."""

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
    run: Run, probed_targets: Sequence[ProbedTarget], history: ClientHistoryWriter
) -> None:
    """Store the observed clients of every database whose sessions could be read.

    Recording the same run again changes nothing.

    Raises:
        MalformedError: The stored clients of a database cannot be read. It is raised after the
            other databases are recorded.
    """
    malformed: list[MalformedError] = []
    for probed in probed_targets:
        if isinstance(probed.observation.sessions, Seen):
            resource_id = probed.target.database.resource_id
            try:
                _record_database(run, resource_id, probed.observation.sessions.value, history)
            except MalformedError as error:
                malformed.append(error)
    if malformed:
        raise malformed[0]


def _record_database(
    run: Run, resource_id: str, view: SessionView, history: ClientHistoryWriter
) -> None:
    known = history.read(resource_id)
    observed = {
        client_key(client): client for client in observed_clients(view.groups, run.observed_at)
    }
    merged = {
        key: merge_client(known[key], client) if key in known else client
        for key, client in observed.items()
    }
    kept, overflow = retain_most_relevant([*({**known, **merged}).values()])
    kept_keys = {client_key(client) for client in kept}
    changed = {
        key: client
        for key, client in merged.items()
        if key in kept_keys and needs_write(known.get(key), client)
    }
    removed = {key: client for key, client in known.items() if key not in kept_keys}
    # Clients first: if the table fails in between, no sample counts whose clients are missing.
    if changed or removed:
        history.write(resource_id, changed, removed)
    state = record_sample(history.read_sampling_state(resource_id), view, run)
    if state is not None:
        state = replace(state, overflow=max(state.overflow, overflow))
        history.write_sampling_state(resource_id, state)
