"""Tell: send findings to Security Hub, and remember what it took.

That a finding is on its way is stored before it is sent. Otherwise one that Security Hub took, and
whose state was not stored then, would be nobody's to correct.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, Self

from rds_tls_audit.checks.check import Check
from rds_tls_audit.findings.asff import Background, Finding, finding, finding_id, severity
from rds_tls_audit.findings.change import Change
from rds_tls_audit.findings.decision import Decision
from rds_tls_audit.findings.import_result import Imported
from rds_tls_audit.findings.resource import Subject
from rds_tls_audit.findings.state import FindingState, StateKey, attempted
from rds_tls_audit.ports.security_hub import Hub
from rds_tls_audit.ports.state_store import States
from rds_tls_audit.settings import Settings

_ATTEMPTS = 3


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
    decide: Callable[[FindingState | None], Decision]
    """By what was told before; asked again where another run has told something meanwhile."""
    decision: Decision
    background: Background

    @classmethod
    def of(
        cls,
        check: Check,
        subject: Subject,
        previous: FindingState | None,
        decide: Callable[[FindingState | None], Decision],
        background: Background,
    ) -> Self:
        """Decide by what was told before."""
        return cls(
            check=check,
            subject=subject,
            previous=previous,
            decide=decide,
            decision=decide(previous),
            background=background,
        )

    def anew(self, previous: FindingState | None) -> Self:
        """Decide by what another run has told meanwhile."""
        return replace(self, previous=previous, decision=self.decide(previous))

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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """What may be sent, or is only to be remembered."""

    telling: Telling
    stored: FindingState | None
    """What the table holds now: of what is sent, that it is on its way."""


def tell(tellings: Sequence[Telling], settings: Settings, ports: TellPorts) -> Imported:
    """Send what is to be sent; the state advances only for what Security Hub took."""
    ready = [it for telling in tellings for it in _announced(telling, ports.states)]
    sent = [it for it in ready if it.telling.decision.send]
    imported = ports.hub.import_findings([_finding(it.telling) for it in sent])
    for it in sent:
        if it.stored and it.telling.id not in imported.ids | imported.unsure:
            ports.states.take_back(it.telling.key, it.stored, it.telling.previous)
    taken = [it for it in ready if not it.telling.decision.send or it.telling.id in imported.ids]
    resolved = _resolve([it.telling for it in taken], settings, ports.hub)
    for it in taken:
        telling, state = it.telling, it.telling.decision.state
        if telling.id in resolved and telling.state:
            state = replace(telling.state, to_resolve=False)
        if state is not None:
            answered = replace(state, attempt=None) if telling.decision.send else state
            ports.states.write(telling.key, answered, it.stored, telling.change)
    return imported


def _announced(telling: Telling, states: States) -> Iterable[_Ready]:
    """Store that a finding is on its way.

    Where another run was faster, it is decided anew by what that has told; who is overtaken again
    and again leaves the word to the others.
    """
    for _ in range(_ATTEMPTS):
        state = telling.decision.state
        if state is None or not telling.decision.send:
            yield _Ready(telling=telling, stored=telling.previous)
            return
        attempt = attempted(telling.previous, state, telling.background.run_id)
        if states.write(telling.key, attempt, telling.previous):
            yield _Ready(telling=telling, stored=attempt)
            return
        known = states.read([telling.subject.resource_id or ""])
        if telling.key in known and known[telling.key] is None:
            return  # a newer version of us tells it from now on
        telling = telling.anew(known.get(telling.key))


def _resolve(tellings: Sequence[Telling], settings: Settings, hub: Hub) -> frozenset[str]:
    passing = [
        it for it in tellings if settings.resolve_on_pass and it.state and it.state.to_resolve
    ]
    return hub.resolve([_finding(it) for it in passing]) if passing else frozenset()


def _finding(telling: Telling) -> Finding:
    if telling.state is None:
        raise ValueError(f"there is nothing to tell of {telling.id}")
    return finding(telling.check, telling.subject, telling.state, telling.background)
