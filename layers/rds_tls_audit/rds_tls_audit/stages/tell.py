"""Tell: send findings to Security Hub, and remember what it took.

That a finding is on its way is stored before it is sent. Otherwise one that Security Hub took, and
whose state was not stored then, would be nobody's to correct.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from rds_tls_audit.change import Change
from rds_tls_audit.check import Check
from rds_tls_audit.finding import Background, Finding, finding, finding_id, severity
from rds_tls_audit.finding_state import FindingState
from rds_tls_audit.result import Rejection
from rds_tls_audit.settings import Settings
from rds_tls_audit.subject import Subject
from rds_tls_audit.transition import Decision, attempted

type StateKey = tuple[str, str]
"""Resource id and check id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What Security Hub said to findings."""

    ids: frozenset[str] = frozenset()
    rejected: tuple[Rejection, ...] = ()
    unsure: frozenset[str] = frozenset()
    """Ids of those of `rejected` that it may have taken all the same: no answer came."""
    off: str | None = None
    """Why no finding can be sent at all."""


class Hub(Protocol):
    """Security Hub, as far as it is needed."""

    def import_findings(self, findings: Sequence[Finding]) -> Imported:
        """Send findings; a failure is an entry of `rejected`, never an exception."""

    def resolve(self, findings: Sequence[Finding]) -> frozenset[str]:
        """Set the workflow of these to RESOLVED, and leave what is suppressed as it is.

        Returns the ids that need no further attempt.
        """


class States(Protocol):
    """What Security Hub was told last."""

    def read(self, resource_ids: Sequence[str]) -> Mapping[StateKey, FindingState | None]:
        """Read the states of these resources; None is one that a newer version of us wrote."""

    def write(
        self,
        key: StateKey,
        state: FindingState,
        previous: FindingState | None,
        change: Change | None = None,
    ) -> bool:
        """Store a state and note its change to be told: both, or neither.

        Nothing is stored, and False returned, where somebody else has changed the state since
        `previous` was read.
        """

    def take_back(
        self, key: StateKey, attempt: FindingState, previous: FindingState | None
    ) -> None:
        """Store what was before an attempt, unless somebody has changed the state since."""


class TellPorts(Protocol):
    """What telling reaches."""

    @property
    def hub(self) -> Hub:
        """Security Hub."""

    @property
    def states(self) -> States:
        """What it was told last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One finding: what it is about, what was told before, and what becomes of it."""

    check: Check
    subject: Subject
    previous: FindingState | None
    decision: Decision
    background: Background
    before: FindingState | None = None
    """The state before the attempt, where `previous` is one."""

    @property
    def id(self) -> str:
        """The finding's Id."""
        return finding_id(self.check, self.subject)

    @property
    def key(self) -> StateKey:
        """Where its state is kept."""
        return (self.subject.resource_id or "", self.check.id)

    @property
    def state(self) -> FindingState | None:
        """As it is from now on."""
        return self.decision.state or self.previous

    @property
    def change(self) -> Change | None:
        """What there is to tell in a digest."""
        if self.decision.change is None or self.decision.state is None:
            return None
        state = self.decision.state
        return Change(
            kind=self.decision.change,
            check=self.check.id,
            database=self.subject.id,
            status=state.status,
            severity=severity(self.check, state.status),
            because=state.because,
            owner=self.background.owner,
            cause=self.background.cause or self.check.id,
        )


def tell(tellings: Sequence[Telling], settings: Settings, ports: TellPorts) -> Imported:
    """Send what is to be sent; the state advances only for what Security Hub took."""
    ready = [it for telling in tellings for it in _announced(telling, ports.states)]
    imported = ports.hub.import_findings([_finding(it) for it in ready if it.decision.send])
    for telling in ready:
        refused = telling.decision.send and telling.id not in imported.ids | imported.unsure
        if refused and telling.previous:
            ports.states.take_back(telling.key, telling.previous, telling.before)
    taken = [it for it in ready if not it.decision.send or it.id in imported.ids]
    passing = [it for it in taken if settings.resolve_on_pass and it.state and it.state.to_resolve]
    resolved = ports.hub.resolve([_finding(it) for it in passing]) if passing else frozenset()
    for telling in taken:
        state = telling.decision.state
        if telling.id in resolved and telling.state:
            state = replace(telling.state, to_resolve=False)
        if state is not None:
            answered = replace(state, attempt=None) if telling.decision.send else state
            ports.states.write(telling.key, answered, telling.previous, telling.change)
    return imported


def _announced(telling: Telling, states: States) -> Iterable[Telling]:
    """Store that a finding is on its way, unless another run was faster: its word stands then."""
    state = telling.decision.state
    if state is None or not telling.decision.send:
        yield telling
        return
    attempt = attempted(telling.previous, state, telling.background.run_id)
    if states.write(telling.key, attempt, telling.previous):
        yield replace(telling, previous=attempt, before=telling.previous)


def _finding(telling: Telling) -> Finding:
    if telling.state is None:
        raise ValueError(f"there is nothing to tell of {telling.id}")
    return finding(telling.check, telling.subject, telling.state, telling.background)
