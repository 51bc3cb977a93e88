"""Functions that die in the middle, and runs that overlap, lose and repeat nothing."""

import math
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass

import pytest

from rds_tls_audit.digest.outbox import DeliveryProgress, OutboxEntry
from rds_tls_audit.digest.summary import Summary
from rds_tls_audit.pipeline.run import RunKind
from tests.scenarios.faults import FAILS_AFTER, FAILS_BEFORE, Fault, FaultInjector, inject_faults
from tests.scenarios.simulated_account import DAY, HOUR, SimulatedAccount, finding_statuses
from tests.support.builders import bad, database, good
from tests.support.in_memory_stores import FindingStates, Outbox, StoreUnavailableError, Topic

ORDERS = database("orders-prod")


class DiedError(BaseException):
    """Lambda stops the function, for example because it timed out."""


@dataclass
class DyingTopic(Topic):
    """A topic on whose first call the function dies before anything is sent."""

    dead: bool = False

    def __call__(self, digest: Summary) -> None:
        if not self.dead:
            self.dead = True
            raise DiedError
        super().__call__(digest)


def test_a_report_function_that_dies_while_it_sends_a_digest_loses_no_change(
    account: SimulatedAccount,
) -> None:
    account.topics = {"digest": DyingTopic()}
    account.set_databases(bad(ORDERS))
    with suppress(DiedError):
        account.run_full()
    account.advance_clock(DAY)
    account.run_full()

    assert len(account.reported_changes()) == 3


@dataclass
class InterleavedOutbox(Outbox):
    """An outbox; another run is closed as soon as the first run has read a part of it."""

    after: str = ""
    other_run: Callable[[], object] | None = None

    def read(self) -> list[OutboxEntry]:
        entries = super().read()
        self._run_other("entries")
        return entries

    def read_progress(self, topic: str) -> DeliveryProgress:
        progress = super().read_progress(topic)
        self._run_other("progress")
        return progress

    def _run_other(self, read: str) -> None:
        if self.other_run is not None and self.after == read:
            act, self.other_run = self.other_run, None
            act()


@pytest.mark.parametrize("other_run", [RunKind.SAMPLE, RunKind.NAMED])
@pytest.mark.parametrize("after", ["entries", "progress"])
def test_two_runs_that_are_closed_concurrently_report_each_change_once(
    account: SimulatedAccount, after: str, other_run: RunKind
) -> None:
    account.set_databases(bad(ORDERS), good(database("billing")))
    outbox = InterleavedOutbox(after=after)
    account.states = FindingStates(outbox=outbox)
    other = (
        account.run_sample if other_run is RunKind.SAMPLE else lambda: account.run_named("billing")
    )
    outbox.other_run = other

    account.run_full()

    assert len(account.reported_changes()) == 3


def test_runs_that_are_closed_one_after_the_other_report_each_change_once(
    account: SimulatedAccount,
) -> None:
    account.set_databases(bad(ORDERS), good(database("billing")))
    account.run_full()
    account.run_named("billing")
    account.run_sample()

    assert len(account.reported_changes()) == 3


def call_of(method: str, time: int) -> int:
    """Return the number of the table call in a first run that is this call of the method."""
    account, recorded = SimulatedAccount(), FaultInjector()
    inject_faults(account, recorded)
    account.set_databases(bad(ORDERS))
    account.run_full()
    return [n for n, called in enumerate(recorded.calls["table"], start=1) if called == method][
        time - 1
    ]


@pytest.mark.parametrize(
    "fault",
    [
        # Three writes mark findings as in flight; the fourth stores that one was imported.
        pytest.param(Fault("table", FAILS_BEFORE, call_of("write", 4)), id="table"),
        pytest.param(Fault("hub", FAILS_AFTER, call=1), id="hub-whose-response-is-lost"),
    ],
)
def test_a_failure_that_was_sent_but_not_stored_passes_when_it_is_fixed(fault: Fault) -> None:
    account, faults = SimulatedAccount(), FaultInjector(armed=fault)
    inject_faults(account, faults)
    account.set_databases(bad(ORDERS))
    with suppress(Exception):
        account.run_full()
    assert ("FAILED", "ACTIVE") in finding_statuses(account).values()
    faults.armed = None
    account.set_databases(good(ORDERS))
    for _ in range(9):
        account.advance_clock(DAY)
        account.run_full()

    assert ("FAILED", "ACTIVE") not in finding_statuses(account).values()


def test_a_run_that_could_not_store_its_states_is_completed_by_its_retry(
    account: SimulatedAccount,
) -> None:
    account.set_databases(bad(ORDERS))
    run = account.start_run(RunKind.FULL)
    manifest = account.write_manifest(run, ["orders-prod"])
    # The findings are marked as in flight, but not stored as imported.
    account.states.writes_left = 3
    with suppress(StoreUnavailableError):
        account.probe_and_publish(run, manifest)
    account.states.writes_left = math.inf
    sent = deepcopy(account.hub.findings)
    assert len(sent) == 3

    account.probe_and_publish(run, manifest)
    assert account.hub.findings == sent

    account.close_run(run, 1, complete=True)
    assert len(account.reported_changes()) == 3


def test_changes_that_wait_for_an_unavailable_topic_are_sent_to_that_topic_only(
    account: SimulatedAccount,
) -> None:
    chat = account.topics["chat"]
    chat.unavailable = True
    account.set_databases(bad(ORDERS))
    for _ in range(3):
        with suppress(Exception):
            account.run_full()
        account.advance_clock(HOUR)
    assert (len(account.reported_changes("digest")), len(account.reported_changes("chat"))) == (
        3,
        0,
    )
    chat.unavailable = False

    account.run_full()

    assert (len(account.reported_changes("digest")), len(account.reported_changes("chat"))) == (
        3,
        3,
    )
    assert account.outbox.entries == {}
