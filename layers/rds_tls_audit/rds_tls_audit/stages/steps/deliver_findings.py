"""Deliver findings to Security Hub, and store what it imported.

That an update is in flight is stored before it is sent. Otherwise, if the run died after Security
Hub imported a finding and before its state was stored, no later run would ever correct it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, Self

from rds_tls_audit.checks.check import Check
from rds_tls_audit.findings.asff import (
    Finding,
    FindingContext,
    build_finding,
    finding_id,
    severity_of,
)
from rds_tls_audit.findings.change import Change
from rds_tls_audit.findings.decision import Decision
from rds_tls_audit.findings.import_result import ImportResult
from rds_tls_audit.findings.resource import FindingResource
from rds_tls_audit.findings.state import FindingState, StateKey, with_attempt
from rds_tls_audit.ports.security_hub import Hub
from rds_tls_audit.ports.state_store import FindingStates
from rds_tls_audit.settings import Settings

_ATTEMPTS = 3


class DeliveryPorts(Protocol):
    """The ports that delivery needs."""

    @property
    def hub(self) -> Hub:
        """Security Hub."""

    @property
    def states(self) -> FindingStates:
        """The stored states of findings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingUpdate:
    """One finding: its resource, its stored state, and the decision about it."""

    check: Check
    resource: FindingResource
    previous: FindingState | None
    decide: Callable[[FindingState | None], Decision]
    """Decides from the stored state; called again if another run updated it in the meantime."""
    decision: Decision
    context: FindingContext

    @classmethod
    def of(
        cls,
        check: Check,
        resource: FindingResource,
        previous: FindingState | None,
        decide: Callable[[FindingState | None], Decision],
        context: FindingContext,
    ) -> Self:
        """Decide from the stored state."""
        return cls(
            check=check,
            resource=resource,
            previous=previous,
            decide=decide,
            decision=decide(previous),
            context=context,
        )

    def redecide(self, previous: FindingState | None) -> Self:
        """Decide again from the state that another run has stored."""
        return replace(self, previous=previous, decision=self.decide(previous))

    @property
    def id(self) -> str:
        """The finding's Id."""
        return finding_id(self.check, self.resource)

    @property
    def key(self) -> StateKey:
        """The key of its stored state."""
        return (self.resource.resource_id or "", self.check.id)

    @property
    def state(self) -> FindingState | None:
        """The state from now on."""
        return self.decision.state or self.previous

    @property
    def change(self) -> Change | None:
        """The change to report in the digest; None if there is none."""
        if self.decision.change is None or self.decision.state is None:
            return None
        state = self.decision.state
        return Change(
            kind=self.decision.change,
            check=self.check.id,
            database=self.resource.id,
            status=state.status,
            severity=severity_of(self.check, state.status),
            because=state.because,
            owner=self.context.owner,
            cause=self.context.cause or self.check.id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """An update that may be sent, or that only changes the stored state."""

    update: FindingUpdate
    stored: FindingState | None
    """The state in the table now; if the update is sent, marked as in flight."""


def deliver_updates(
    updates: Sequence[FindingUpdate], settings: Settings, ports: DeliveryPorts
) -> ImportResult:
    """Send what is to be sent; the stored state advances only if Security Hub imported it."""
    prepared = [each for update in updates for each in _mark_in_flight(update, ports.states)]
    sent = [each for each in prepared if each.update.decision.send]
    imported = ports.hub.import_findings([_finding(each.update) for each in sent])
    for each in sent:
        if each.stored and each.update.id not in imported.ids | imported.unconfirmed:
            ports.states.roll_back(each.update.key, each.stored, each.update.previous)
    accepted = [
        each for each in prepared if not each.update.decision.send or each.update.id in imported.ids
    ]
    resolved = _resolve([each.update for each in accepted], settings, ports.hub)
    for each in accepted:
        update, state = each.update, each.update.decision.state
        if update.id in resolved and update.state:
            state = replace(update.state, to_resolve=False)
        if state is not None:
            landed = replace(state, attempt=None) if update.decision.send else state
            ports.states.write(update.key, landed, each.stored, update.change)
    return imported


def _mark_in_flight(update: FindingUpdate, states: FindingStates) -> Iterable[_Prepared]:
    """Store that an update is in flight.

    If another run stored a state first, the update is decided again from that state. After
    several attempts it is left to the other runs.
    """
    for _ in range(_ATTEMPTS):
        state = update.decision.state
        if state is None or not update.decision.send:
            yield _Prepared(update=update, stored=update.previous)
            return
        attempt = with_attempt(update.previous, state, update.context.run_id)
        if states.write(update.key, attempt, update.previous):
            yield _Prepared(update=update, stored=attempt)
            return
        known = states.read([update.resource.resource_id or ""])
        if update.key in known and known[update.key] is None:
            return  # a newer version of the audit maintains this finding from now on
        update = update.redecide(known.get(update.key))


def _resolve(updates: Sequence[FindingUpdate], settings: Settings, hub: Hub) -> frozenset[str]:
    passing = [
        update
        for update in updates
        if settings.resolve_on_pass and update.state and update.state.to_resolve
    ]
    return hub.resolve([_finding(update) for update in passing]) if passing else frozenset()


def _finding(update: FindingUpdate) -> Finding:
    if update.state is None:
        raise ValueError(f"there is no state to build the finding {update.id} from")
    return build_finding(update.check, update.resource, update.state, update.context)
