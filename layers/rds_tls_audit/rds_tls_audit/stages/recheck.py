"""Combine a burst of change events into one run of the affected databases."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rds_tls_audit.fleet.configuration import GroupKey, deciding_group
from rds_tls_audit.pipeline.changes import Changes
from rds_tls_audit.pipeline.run import RunKind
from rds_tls_audit.ports.executions import Executions
from rds_tls_audit.ports.run_store import ManifestReader

MAX_NAMED = 100
"""If more instances and clusters are affected, a full run is started instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecheckPorts:
    """Everything outside the process that recheck uses."""

    manifests: ManifestReader
    executions: Executions


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The execution that was started for a burst."""

    execution: str
    execution_input: Mapping[str, object]


def start_recheck(changes: Changes, ports: RecheckPorts) -> Started | None:
    """Start one run for all changes; return None if they affect no database."""
    users = _group_users(changes.groups, ports.manifests) if changes.groups else frozenset()
    run_input = execution_input(changes.names | users)
    if run_input is None:
        return None
    name = execution_name(changes.messages)
    ports.executions.start(name, run_input)
    return Started(execution=name, execution_input=run_input)


def execution_input(names: frozenset[str]) -> Mapping[str, object] | None:
    """Return the input of the execution; None if there is nothing to audit."""
    if not names:
        return None
    if len(names) > MAX_NAMED:
        return {"kind": RunKind.FULL.value}
    # Some may be deleted by now, or use another engine: discover omits those.
    return {"databases": sorted(names), "ignore_missing": True}


def execution_name(messages: Iterable[str]) -> str:
    """Return the same name for the same messages in any order.

    So a batch of messages that SQS delivers again starts no second execution. The message ids are
    hashed because Step Functions accepts at most 80 characters.
    """
    text = "\n".join(sorted(set(messages)))
    return f"recheck-{hashlib.sha256(text.encode()).hexdigest()}"


def _group_users(groups: frozenset[GroupKey], manifests: ManifestReader) -> frozenset[str]:
    """Return the instances and clusters that use the groups, as of the latest full run."""
    last = manifests.latest_full_run_id()
    batches = manifests.read_manifest(last) if last else None
    return frozenset(
        target.database.parameter_group_owner
        for batch in batches or ()
        for target in batch.targets
        if deciding_group(target.database) in groups
    )
