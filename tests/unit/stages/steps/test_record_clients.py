"""Remember: who was seen, once a run, the worst and the latest of them, and how often we looked."""

from dataclasses import replace

import pytest

from rds_tls_audit.codec import MalformedError
from rds_tls_audit.evidence.observation import SessionGroup
from rds_tls_audit.fleet.database import Database
from rds_tls_audit.pipeline.messages import ProbedTarget
from rds_tls_audit.pipeline.run import Run, RunKind
from rds_tls_audit.readiness.sampling.observed_client import (
    MAX_CLIENTS,
    Encryption,
    ObservedClient,
    client_key,
)
from rds_tls_audit.readiness.sampling.sampling_state import SamplingState
from rds_tls_audit.stages.steps.record_clients import record_clients
from tests.support import in_memory_stores
from tests.support.builders import (
    GOOD,
    NOW,
    clear_session,
    database,
    days,
    run,
    seen,
    session_view,
    target,
    tls_session,
    unseen,
)

ORDERS = database("orders")
BILLING = database("billing")
ID = ORDERS.resource_id
FIRST, QUARTER, HOUR, LATER = (run(RunKind.SAMPLE, hours=it) for it in (0, 0.25, 1, 1.25))


@pytest.fixture
def table() -> in_memory_stores.ClientHistory:
    return in_memory_stores.ClientHistory()


def witnessed(*groups: SessionGroup, of: Database = ORDERS) -> ProbedTarget:
    return ProbedTarget(
        target=target(of), observation=replace(GOOD, sessions=seen(session_view(*groups)))
    )


def look(table: in_memory_stores.ClientHistory, this_run: Run, *groups: SessionGroup) -> None:
    record_clients(this_run, [witnessed(*groups)], table)


def clients(table: in_memory_stores.ClientHistory) -> list[ObservedClient]:
    return list(table.read(ID).values())


def test_whoever_is_seen_is_remembered_by_identity_with_the_sample(
    table: in_memory_stores.ClientHistory,
) -> None:
    look(table, FIRST, clear_session(), tls_session(role="other"))

    assert [one.encryption for one in clients(table)] == [Encryption.CLEAR, Encryption.TLS]
    assert [client_key(one) for one in clients(table)] == list(table.read(ID))
    assert [day.samples for day in table.read_days(ID)] == [1]


@pytest.mark.parametrize("kind", RunKind)
def test_whoever_any_run_sees_is_remembered_and_only_a_sample_run_is_a_sample(
    table: in_memory_stores.ClientHistory, kind: RunKind
) -> None:
    look(table, run(kind), clear_session())

    assert len(clients(table)) == 1
    assert [day.samples for day in table.read_days(ID)] == [1 if kind is RunKind.SAMPLE else 0]


def test_a_run_that_comes_again_changes_nothing(table: in_memory_stores.ClientHistory) -> None:
    look(table, FIRST, clear_session())
    look(table, LATER, clear_session(), tls_session())
    before = (clients(table), table.read_tally(ID), table.read_days(ID))

    for again in (LATER, FIRST, LATER):
        look(table, again, clear_session(), *([tls_session()] if again is LATER else []))

    assert (clients(table), table.read_tally(ID), table.read_days(ID)) == before


def test_a_run_that_comes_late_takes_nothing_back(table: in_memory_stores.ClientHistory) -> None:
    look(table, LATER, clear_session())

    look(table, FIRST, clear_session())

    (client,) = clients(table)
    assert (client.first_seen, client.last_seen) == (FIRST.observed_at, LATER.observed_at)
    assert client.samples == 1
    assert [day.samples for day in table.read_days(ID)] == [1]


@pytest.mark.parametrize(
    ("again", "written"),
    [
        pytest.param(QUARTER, False, id="a-quarter-later"),
        pytest.param(HOUR, False, id="an-hour-later"),
        pytest.param(LATER, True, id="more-than-an-hour-later"),
    ],
)
def test_the_same_client_is_written_again_after_an_hour(
    table: in_memory_stores.ClientHistory, again: Run, *, written: bool
) -> None:
    look(table, FIRST, clear_session())

    look(table, again, clear_session())

    (client,) = clients(table)
    assert client.last_seen == (again if written else FIRST).observed_at
    assert client.samples == (2 if written else 1)
    assert [day.samples for day in table.read_days(ID)] == [2]


def test_the_first_sight_of_a_day_is_written_however_soon(
    table: in_memory_stores.ClientHistory,
) -> None:
    for hours in (17.75, 18.0):  # 23:45, and midnight
        look(table, run(RunKind.SAMPLE, hours=hours), clear_session())

    (client,) = clients(table)
    assert client.last_seen == days(0.75)


def test_a_client_that_changed_is_written_at_once(table: in_memory_stores.ClientHistory) -> None:
    look(table, FIRST, tls_session())

    look(table, QUARTER, tls_session(tls_version="TLSv1.2"))

    assert [one.tls_version for one in clients(table)] == ["TLSv1.2"]


def crowd(number: int) -> list[SessionGroup]:
    return [tls_session(network=f"pod-{one}") for one in range(number)]


def test_of_many_clients_the_worst_are_kept_and_the_rest_counted(
    table: in_memory_stores.ClientHistory,
) -> None:
    look(table, FIRST, clear_session(role="old"), *crowd(MAX_CLIENTS - 1))

    look(table, LATER, *(tls_session(network=f"new-{one}") for one in range(7)))

    kept = clients(table)
    assert len(kept) == MAX_CLIENTS
    assert "old" in {one.role for one in kept}
    assert sum(one.network is not None and one.network.startswith("new") for one in kept) == 7
    tally = table.read_tally(ID)
    assert tally is not None
    assert tally.overflow == 7


def test_the_count_of_the_rest_outlives_quieter_runs_and_repetition(
    table: in_memory_stores.ClientHistory,
) -> None:
    look(table, FIRST, *crowd(MAX_CLIENTS + 9))
    look(table, FIRST, *crowd(MAX_CLIENTS + 9))
    look(table, LATER, *crowd(2))

    tally = table.read_tally(ID)
    assert tally is not None
    assert (len(clients(table)), tally.overflow) == (MAX_CLIENTS, 9)


def test_databases_are_apart_and_one_without_sessions_is_no_sample(
    table: in_memory_stores.ClientHistory,
) -> None:
    nothing = replace(witnessed(of=BILLING).observation, sessions=unseen("no login"))

    record_clients(
        FIRST,
        [
            witnessed(clear_session()),
            ProbedTarget(target=target(BILLING), observation=nothing),
            witnessed(of=database("empty")),
        ],
        table,
    )

    assert len(clients(table)) == 1
    assert table.read_tally(BILLING.resource_id) is None
    assert table.read("db-EMPTY") == {}
    assert [day.samples for day in table.read_days("db-EMPTY")] == [1]


class FailingOnce(in_memory_stores.ClientHistory):
    """A table that fails between the clients and the count."""

    failed = False

    def read_tally(self, resource_id: str) -> SamplingState | None:
        if not self.failed:
            self.failed = True
            raise in_memory_stores.LostError
        return super().read_tally(resource_id)


def test_a_table_that_fails_between_counts_no_sample_and_the_repetition_counts_one() -> None:
    table = FailingOnce()
    with pytest.raises(in_memory_stores.LostError):
        look(table, FIRST, clear_session())
    assert len(clients(table)) == 1
    assert table.read_days(ID) == ()

    look(table, FIRST, clear_session())

    assert [one.samples for one in clients(table)] == [1]
    assert [day.samples for day in table.read_days(ID)] == [1]


def test_one_database_that_cannot_be_read_hides_no_other() -> None:
    table = in_memory_stores.ClientHistory(spoiled=BILLING.resource_id)

    with pytest.raises(MalformedError, match="db-BILLING"):
        record_clients(FIRST, [witnessed(of=BILLING), witnessed(clear_session())], table)

    assert [one.last_seen for one in clients(table)] == [NOW]
    assert [day.day for day in table.read_days(ID)] == [days(0).date()]
