"""Stores in memory; tests/account holds each to the contract of the real one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rds_tls_audit.ports.lock import HELD_FOR
from rds_tls_audit.run import Run
from rds_tls_audit.stages.publish import StateKey
from rds_tls_audit.transition import FindingState


class LostError(RuntimeError):
    """The table is away."""


@dataclass
class Lock:
    """The lock in memory; keeps what was asked of it."""

    holder: Run | None = None
    asked: list[str] = field(default_factory=list)

    def take(self, run: Run) -> str | None:
        self.asked.append(f"take {run.id}")
        if self.holder is not None and self.holder.id != run.id and not self._expired(run):
            return self.holder.id
        self.holder = run
        return None

    def release(self, run_id: str) -> None:
        self.asked.append(f"release {run_id}")
        if self.holder is not None and self.holder.id == run_id:
            self.holder = None

    def _expired(self, run: Run) -> bool:
        return self.holder is None or self.holder.observed_at + HELD_FOR < run.observed_at


@dataclass
class States:
    """The state table in memory, with the same conditional write."""

    items: dict[StateKey, FindingState] = field(default_factory=dict)
    away: bool = False

    def read(self, resource_ids: Sequence[str]) -> Mapping[StateKey, FindingState]:
        return {key: state for key, state in self.items.items() if key[0] in resource_ids}

    def write(self, key: StateKey, state: FindingState, previous: FindingState | None) -> None:
        if self.away:
            raise LostError
        kept = self.items.get(key)
        if (kept and kept.observed_at) == (previous and previous.observed_at):
            self.items[key] = state
