"""Record clients: once per run, only the most relevant ones, together with the samples."""

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
    database,
    days,
    plaintext_session,
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
FIRST, QUARTER, HOUR, LATER = (run(RunKind.SAMPLE, hours=hours) for hours in (0, 0.25, 1, 1.25))


@pytest.fixture
def table() -> in_memory_stores.ClientHistory:
    return in_memory_stores.ClientHistory()


def probed(*groups: SessionGroup, of: Database = ORDERS) -> ProbedTarget:
    return ProbedTarget(
        target=target(of), observation=replace(GOOD, sessions=seen(session_view(*groups)))
    )


def record(table: in_memory_stores.ClientHistory, of: Run, *groups: SessionGroup) -> None:
    record_clients(of, [probed(*groups)], table)


def clients(table: in_memory_stores.ClientHistory) -> list[ObservedClient]:
    return list(table.read(ID).values())


def test_observed_clients_are_stored_by_client_key_together_with_the_sample(
    table: in_memory_stores.ClientHistory,
) -> None:
    record(table, FIRST, plaintext_session(), tls_session(role="other"))

    assert [client.encryption for client in clients(table)] == [Encryption.CLEAR, Encryption.TLS]
    assert [client_key(client) for client in clients(table)] == list(table.read(ID))
    assert [day.samples for day in table.read_days(ID)] == [1]


@pytest.mark.parametrize("kind", RunKind)
def test_every_run_stores_clients_and_only_a_sample_run_counts_as_a_sample(
    table: in_memory_stores.ClientHistory, kind: RunKind
) -> None:
    record(table, run(kind), plaintext_session())

    assert len(clients(table)) == 1
    assert [day.samples for day in table.read_days(ID)] == [1 if kind is RunKind.SAMPLE else 0]


def test_recording_a_run_again_changes_nothing(table: in_memory_stores.ClientHistory) -> None:
    record(table, FIRST, plaintext_session())
    record(table, LATER, plaintext_session(), tls_session())
    before = (clients(table), table.read_sampling_state(ID), table.read_days(ID))

    for again in (LATER, FIRST, LATER):
        record(table, again, plaintext_session(), *([tls_session()] if again is LATER else []))

    assert (clients(table), table.read_sampling_state(ID), table.read_days(ID)) == before


def test_recording_an_older_run_later_changes_nothing(
    table: in_memory_stores.ClientHistory,
) -> None:
    record(table, LATER, plaintext_session())

    record(table, FIRST, plaintext_session())

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
def test_an_unchanged_client_is_stored_again_after_an_hour(
    table: in_memory_stores.ClientHistory, again: Run, *, written: bool
) -> None:
    record(table, FIRST, plaintext_session())

    record(table, again, plaintext_session())

    (client,) = clients(table)
    assert client.last_seen == (again if written else FIRST).observed_at
    assert client.samples == (2 if written else 1)
    assert [day.samples for day in table.read_days(ID)] == [2]


def test_the_first_observation_of_a_day_is_stored_however_soon(
    table: in_memory_stores.ClientHistory,
) -> None:
    for hours in (17.75, 18.0):  # 23:45, and midnight
        record(table, run(RunKind.SAMPLE, hours=hours), plaintext_session())

    (client,) = clients(table)
    assert client.last_seen == days(0.75)


def test_a_client_that_changed_is_stored_immediately(table: in_memory_stores.ClientHistory) -> None:
    record(table, FIRST, tls_session())

    record(table, QUARTER, tls_session(tls_version="TLSv1.2"))

    assert [client.tls_version for client in clients(table)] == ["TLSv1.2"]


def crowd(number: int) -> list[SessionGroup]:
    return [tls_session(network=f"pod-{index}") for index in range(number)]


def test_the_most_relevant_clients_are_kept_and_the_others_counted(
    table: in_memory_stores.ClientHistory,
) -> None:
    record(table, FIRST, plaintext_session(role="old"), *crowd(MAX_CLIENTS - 1))

    record(table, LATER, *(tls_session(network=f"new-{index}") for index in range(7)))

    kept = clients(table)
    assert len(kept) == MAX_CLIENTS
    assert "old" in {client.role for client in kept}
    assert (
        sum(client.network is not None and client.network.startswith("new") for client in kept) == 7
    )
    state = table.read_sampling_state(ID)
    assert state is not None
    assert state.overflow == 7


def test_the_number_of_dropped_clients_is_kept_by_later_runs_and_repetitions(
    table: in_memory_stores.ClientHistory,
) -> None:
    record(table, FIRST, *crowd(MAX_CLIENTS + 9))
    record(table, FIRST, *crowd(MAX_CLIENTS + 9))
    record(table, LATER, *crowd(2))

    state = table.read_sampling_state(ID)
    assert state is not None
    assert (len(clients(table)), state.overflow) == (MAX_CLIENTS, 9)


def test_databases_are_recorded_separately_and_only_if_their_sessions_were_read(
    table: in_memory_stores.ClientHistory,
) -> None:
    unseen_sessions = replace(probed(of=BILLING).observation, sessions=unseen("no login"))

    record_clients(
        FIRST,
        [
            probed(plaintext_session()),
            ProbedTarget(target=target(BILLING), observation=unseen_sessions),
            probed(of=database("empty")),
        ],
        table,
    )

    assert len(clients(table)) == 1
    assert table.read_sampling_state(BILLING.resource_id) is None
    assert table.read("db-EMPTY") == {}
    assert [day.samples for day in table.read_days("db-EMPTY")] == [1]


class FailingOnce(in_memory_stores.ClientHistory):
    """A table that fails once, after the clients and before the sampling state."""

    failed = False

    def read_sampling_state(self, resource_id: str) -> SamplingState | None:
        if not self.failed:
            self.failed = True
            raise in_memory_stores.StoreUnavailableError
        return super().read_sampling_state(resource_id)


def test_a_failure_after_the_clients_counts_no_sample_and_its_repetition_counts_one() -> None:
    table = FailingOnce()
    with pytest.raises(in_memory_stores.StoreUnavailableError):
        record(table, FIRST, plaintext_session())
    assert len(clients(table)) == 1
    assert table.read_days(ID) == ()

    record(table, FIRST, plaintext_session())

    assert [client.samples for client in clients(table)] == [1]
    assert [day.samples for day in table.read_days(ID)] == [1]


def test_a_database_that_cannot_be_read_does_not_affect_others() -> None:
    table = in_memory_stores.ClientHistory(malformed_resource=BILLING.resource_id)

    with pytest.raises(MalformedError, match="db-BILLING"):
        record_clients(FIRST, [probed(of=BILLING), probed(plaintext_session())], table)

    assert [client.last_seen for client in clients(table)] == [NOW]
    assert [day.day for day in table.read_days(ID)] == [days(0).date()]
