"""One fault in a world: at the n-th call of the table, the hub or a topic."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from botocore.exceptions import ReadTimeoutError

from emulation.strict_hub import Failure, HubError
from rds_tls_audit.adapters.security_hub.client import ATTEMPTS
from rds_tls_audit.findings.asff import Finding
from tests.scenarios.simulated_account import World
from tests.support.in_memory_stores import (
    ClientHistory,
    Inventory,
    Lock,
    Outbox,
    RunHistory,
    States,
    Topic,
)
from tests.support.strict_hub import StrictHub


class FaultError(Exception):
    """What a port raises."""


class Fault(NamedTuple):
    """What goes wrong, where, at which call of that place, and for how many calls."""

    place: str
    kind: str
    call: int
    times: int = 1
    method: str = ""
    """Of the port; for people."""

    def __str__(self) -> str:
        """`table-4-write-fails`."""
        times = f"-{self.times}-times" if self.times > 1 else ""
        return f"{self.place}-{self.call}-{self.method}-{self.kind}{times}"


BEFORE, AFTER, ONE = "fails", "fails-after-it-was-done", "one-of-them-fails"
DENIED, DISABLED = "AccessDeniedException", "InvalidAccessException"
THROTTLED, INTERNAL, LIMITED = (
    "TooManyRequestsException",
    "InternalException",
    "LimitExceededException",
)
KINDS: Mapping[str, Sequence[tuple[str, int]]] = {
    "table": [(BEFORE, 1), (AFTER, 1)],
    "hub": [
        (THROTTLED, 1),
        (THROTTLED, ATTEMPTS),
        (INTERNAL, 1),
        (INTERNAL, ATTEMPTS),
        (LIMITED, ATTEMPTS),
        (DENIED, 1),
        (DISABLED, 1),
        (ONE, 1),
        (AFTER, 1),
    ],
    "digest": [(BEFORE, 1)],
    "chat": [(BEFORE, 1)],
}
"""What can go wrong at each place; a topic that fails after delivery cannot be told apart."""


@dataclass
class Faults:
    """Notes the calls of each place, and says when one of them is to fail."""

    armed: Fault | None = None
    calls: dict[str, list[str]] = field(default_factory=lambda: {place: [] for place in KINDS})
    """The methods that were called, by place."""

    def meet(self, place: str, method: str) -> str | None:
        """Note a call, and say what goes wrong with it."""
        self.calls[place].append(method)
        if self.armed is None or self.armed.place != place:
            return None
        since = len(self.calls[place]) - self.armed.call
        return self.armed.kind if 0 <= since < self.armed.times else None


class _Faulty:
    """Another object whose methods fail when they are told to; its fields are as they are."""

    def __init__(self, inner: object, place: str, faults: Faults) -> None:
        self._inner, self._place, self._faults = inner, place, faults

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the other one has
        found = getattr(self._inner, name)
        return self._failing(found, name) if callable(found) else found

    def __call__(self, *arguments: object) -> object:
        return self._failing(cast("Callable[..., object]", self._inner), "tell")(*arguments)

    def _failing(self, act: Callable[..., object], name: str) -> Callable[..., object]:
        def failing(*arguments: object) -> object:
            wrong = self._faults.meet(self._place, name)
            if wrong == BEFORE:
                raise FaultError(self._place)
            done = act(*arguments)
            if wrong == AFTER:
                raise FaultError(self._place)
            return done

        return failing


@dataclass
class FaultyHub(StrictHub):
    """A strict hub whose calls fail when they are told to."""

    faults: Faults = field(default_factory=Faults)

    def import_batch(self, findings: Sequence[Finding]) -> list[Failure]:
        wrong = self._wrong("import")
        if wrong == ONE:
            refused = findings[0]["Id"]
            rest = [it for it in findings if it["Id"] != refused]
            failures = super().import_batch(rest) if rest else []
            return [*failures, Failure(refused, "InternalError", "told to")]
        failures = super().import_batch(findings)
        if wrong == AFTER:
            raise ReadTimeoutError(endpoint_url="the hub")
        return failures

    def get(self, filters: Mapping[str, Sequence[Mapping[str, str]]]) -> list[Finding]:
        if self._wrong("get") == ONE:
            return []  # it is not shown yet
        return super().get(filters)

    def update_workflow(
        self, identifiers: Sequence[Mapping[str, str]], status: str
    ) -> list[Failure]:
        wrong = self._wrong("update")
        if wrong == ONE:
            refused, *rest = identifiers
            failures = super().update_workflow(rest, status) if rest else []
            return [*failures, Failure(refused["Id"], "InternalError", "told to")]
        failures = super().update_workflow(identifiers, status)
        if wrong == AFTER:
            raise ReadTimeoutError(endpoint_url="the hub")
        return failures

    def _wrong(self, method: str) -> str | None:
        wrong = self.faults.meet("hub", method)
        if wrong not in {None, ONE, AFTER}:
            raise HubError(str(wrong), "told to")
        return wrong


def put_faults_into(world: World, faults: Faults) -> None:
    """Let every port of a world fail when it is told to."""
    hub = world.hub
    world.hub = FaultyHub(
        findings=hub.findings, workflow=hub.workflow, calls=hub.calls, faults=faults
    )
    world.lock = cast("Lock", _Faulty(world.lock, "table", faults))
    world.inventory = cast("Inventory", _Faulty(world.inventory, "table", faults))
    world.sightings = cast("ClientHistory", _Faulty(world.sightings, "table", faults))
    world.past_runs = cast("RunHistory", _Faulty(world.past_runs, "table", faults))
    outbox = cast("Outbox", _Faulty(world.states.outbox, "table", faults))
    world.states = cast("States", _StatesWithOutbox(world.states, outbox, faults))
    world.topics = {
        name: cast("Topic", _Faulty(topic, name, faults)) for name, topic in world.topics.items()
    }


def every_fault(faults: Faults) -> Iterator[Fault]:
    """Give each fault that may happen at one of the calls that were noted."""
    for place, kinds in KINDS.items():
        for kind, times in kinds:
            for call, method in enumerate(faults.calls[place], start=1):
                yield Fault(place, kind, call, times, method)


class _StatesWithOutbox(_Faulty):
    """The states, whose outbox fails too."""

    def __init__(self, states: States, outbox: Outbox, faults: Faults) -> None:
        super().__init__(states, "table", faults)
        self.outbox = outbox
