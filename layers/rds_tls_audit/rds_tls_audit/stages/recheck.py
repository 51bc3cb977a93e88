"""Recheck: fold a burst of changes into one run of the databases that they concern."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rds_tls_audit.fleet.configuration import GroupKey, deciding_group
from rds_tls_audit.pipeline.changes import Changes
from rds_tls_audit.pipeline.run import RunKind
from rds_tls_audit.ports.executions import Executions
from rds_tls_audit.ports.run_store import ManifestReader

MAX_NAMED = 100
"""A burst that concerns more instances and clusters than these is a full run's work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecheckPorts:
    """What recheck reaches: the run bucket and the state machine."""

    manifests: ManifestReader
    executions: Executions


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The execution that answers a burst."""

    execution: str
    asked: Mapping[str, object]


def start_recheck(changes: Changes, ports: RecheckPorts) -> Started | None:
    """Start the one run that the changes ask for; None where they ask for none."""
    users = _users(changes.groups, ports.manifests) if changes.groups else frozenset()
    asked = execution_input(changes.names | users)
    if asked is None:
        return None
    name = execution_name(changes.messages)
    ports.executions.start(name, asked)
    return Started(execution=name, asked=asked)


def execution_input(names: frozenset[str]) -> Mapping[str, object] | None:
    """What to ask the pipeline for; None where there is nothing to look at."""
    if not names:
        return None
    if len(names) > MAX_NAMED:
        return {"kind": RunKind.FULL.value}
    # By now some may be deleted, or never were PostgreSQL: discover leaves those out.
    return {"databases": sorted(names), "ignore_missing": True}


def execution_name(messages: Iterable[str]) -> str:
    """The same for the same messages, in any order: a batch that comes again starts nothing new.

    At most 80 characters of those that Step Functions takes; a message id is no secret, only long.
    """
    text = "\n".join(sorted(set(messages)))
    return f"recheck-{hashlib.sha256(text.encode()).hexdigest()}"


def _users(groups: frozenset[GroupKey], manifests: ManifestReader) -> frozenset[str]:
    """Whom the groups decide for, by the last full run; what is newer waits for the next."""
    last = manifests.latest_full_run_id()
    batches = manifests.read_manifest(last) if last else None
    return frozenset(
        target.database.parameter_group_owner
        for batch in batches or ()
        for target in batch.targets
        if deciding_group(target.database) in groups
    )
