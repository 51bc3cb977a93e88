"""Inject one fault into an account: at the n-th call of the table, Security Hub, or a topic."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from botocore.exceptions import ReadTimeoutError

from emulation.strict_hub import Failure, HubError
from rds_tls_audit.adapters.security_hub.client import ATTEMPTS
from rds_tls_audit.findings.asff import Finding
from tests.scenarios.simulated_account import SimulatedAccount
from tests.support.in_memory_stores import (
    ClientHistory,
    FindingStates,
    Inventory,
    Lock,
    Outbox,
    RunHistory,
    Topic,
)
from tests.support.strict_hub import StrictHub


class FaultError(Exception):
    """The error that a faulty port raises."""


class Fault(NamedTuple):
    """What fails, at which place and call, and for how many calls."""

    place: str
    kind: str
    call: int
    times: int = 1
    method: str = ""
    """The method that is called, for the test id."""

    def __str__(self) -> str:
        """`table-4-write-fails`."""
        times = f"-{self.times}-times" if self.times > 1 else ""
        return f"{self.place}-{self.call}-{self.method}-{self.kind}{times}"


FAILS_BEFORE, FAILS_AFTER, ONE_FAILS = "fails", "fails-after-it-succeeded", "one-of-them-fails"
DENIED, DISABLED = "AccessDeniedException", "InvalidAccessException"
THROTTLED, INTERNAL, LIMITED = (
    "TooManyRequestsException",
    "InternalException",
    "LimitExceededException",
)
KINDS: Mapping[str, Sequence[tuple[str, int]]] = {
    "table": [(FAILS_BEFORE, 1), (FAILS_AFTER, 1)],
    "hub": [
        (THROTTLED, 1),
        (THROTTLED, ATTEMPTS),
        (INTERNAL, 1),
        (INTERNAL, ATTEMPTS),
        (LIMITED, ATTEMPTS),
        (DENIED, 1),
        (DISABLED, 1),
        (ONE_FAILS, 1),
        (FAILS_AFTER, 1),
    ],
    "digest": [(FAILS_BEFORE, 1)],
    "chat": [(FAILS_BEFORE, 1)],
}
"""The faults of each place. A topic that fails after delivery is left out: the audit cannot know
that the digest was delivered, and sends it again."""


@dataclass
class FaultInjector:
    """Records the calls of each place, and decides which of them fail."""

    armed: Fault | None = None
    calls: dict[str, list[str]] = field(default_factory=lambda: {place: [] for place in KINDS})
    """The called methods, by place."""

    def record_call(self, place: str, method: str) -> str | None:
        """Record a call, and return the kind of its fault; None if it succeeds."""
        self.calls[place].append(method)
        if self.armed is None or self.armed.place != place:
            return None
        since = len(self.calls[place]) - self.armed.call
        return self.armed.kind if 0 <= since < self.armed.times else None


class _Faulty:
    """A wrapper of another object whose methods fail when a fault is armed."""

    def __init__(self, inner: object, place: str, faults: FaultInjector) -> None:
        self._inner, self._place, self._faults = inner, place, faults

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any attribute of the wrapped object
        found = getattr(self._inner, name)
        return self._failing(found, name) if callable(found) else found

    def __call__(self, *arguments: object) -> object:
        return self._failing(cast("Callable[..., object]", self._inner), "send")(*arguments)

    def _failing(self, method: Callable[..., object], name: str) -> Callable[..., object]:
        def failing(*arguments: object) -> object:
            kind = self._faults.record_call(self._place, name)
            if kind == FAILS_BEFORE:
                raise FaultError(self._place)
            result = method(*arguments)
            if kind == FAILS_AFTER:
                raise FaultError(self._place)
            return result

        return failing


@dataclass
class FaultyHub(StrictHub):
    """A strict hub whose calls fail when a fault is armed."""

    faults: FaultInjector = field(default_factory=FaultInjector)

    def import_batch(self, findings: Sequence[Finding]) -> list[Failure]:
        kind = self._injected_fault("import")
        if kind == ONE_FAILS:
            rejected = findings[0]["Id"]
            rest = [finding for finding in findings if finding["Id"] != rejected]
            failures = super().import_batch(rest) if rest else []
            return [*failures, Failure(rejected, "InternalError", "injected")]
        failures = super().import_batch(findings)
        if kind == FAILS_AFTER:
            raise ReadTimeoutError(endpoint_url="the hub")
        return failures

    def get_findings(self, filters: Mapping[str, Sequence[Mapping[str, str]]]) -> list[Finding]:
        if self._injected_fault("get") == ONE_FAILS:
            return []  # the finding is not returned yet
        return super().get_findings(filters)

    def update_workflow(
        self, identifiers: Sequence[Mapping[str, str]], status: str
    ) -> list[Failure]:
        kind = self._injected_fault("update")
        if kind == ONE_FAILS:
            rejected, *rest = identifiers
            failures = super().update_workflow(rest, status) if rest else []
            return [*failures, Failure(rejected["Id"], "InternalError", "injected")]
        failures = super().update_workflow(identifiers, status)
        if kind == FAILS_AFTER:
            raise ReadTimeoutError(endpoint_url="the hub")
        return failures

    def _injected_fault(self, method: str) -> str | None:
        kind = self.faults.record_call("hub", method)
        if kind not in {None, ONE_FAILS, FAILS_AFTER}:
            raise HubError(str(kind), "injected")
        return kind


def inject_faults(account: SimulatedAccount, faults: FaultInjector) -> None:
    """Make every port of an account fail when a fault is armed."""
    hub = account.hub
    account.hub = FaultyHub(
        findings=hub.findings, workflow=hub.workflow, calls=hub.calls, faults=faults
    )
    account.lock = cast("Lock", _Faulty(account.lock, "table", faults))
    account.inventory = cast("Inventory", _Faulty(account.inventory, "table", faults))
    account.client_history = cast("ClientHistory", _Faulty(account.client_history, "table", faults))
    account.run_history = cast("RunHistory", _Faulty(account.run_history, "table", faults))
    outbox = cast("Outbox", _Faulty(account.states.outbox, "table", faults))
    account.states = cast("FindingStates", _StatesWithOutbox(account.states, outbox, faults))
    account.topics = {
        name: cast("Topic", _Faulty(topic, name, faults)) for name, topic in account.topics.items()
    }


def list_faults(faults: FaultInjector) -> Iterator[Fault]:
    """List each fault that is possible at one of the recorded calls."""
    for place, kinds in KINDS.items():
        for kind, times in kinds:
            for call, method in enumerate(faults.calls[place], start=1):
                yield Fault(place, kind, call, times, method)


class _StatesWithOutbox(_Faulty):
    """Finding states whose outbox fails, too."""

    def __init__(self, states: FindingStates, outbox: Outbox, faults: FaultInjector) -> None:
        super().__init__(states, "table", faults)
        self.outbox = outbox
