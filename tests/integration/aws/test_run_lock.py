"""Only one run holds the lock, in the adapter and in its fake."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulation.account import STATE_TABLE
from rds_tls_audit.adapters.state_table.run_lock import HELD_FOR, RunLock
from rds_tls_audit.pipeline.run import SCHEMA_VERSION
from rds_tls_audit.ports.run_lock import Lock
from tests.integration.aws.state_items import items
from tests.support import in_memory_stores
from tests.support.builders import NOW, run

SECOND = timedelta(seconds=1)
FIRST, SECOND_RUN = run(), run(hours=1)


class TestLock:
    @pytest.fixture(params=["real", "fake"])
    def lock(self, request: pytest.FixtureRequest) -> Lock:
        if request.param == "fake":
            return in_memory_stores.Lock()
        request.getfixturevalue("table")
        return RunLock(STATE_TABLE)

    def test_the_first_run_acquires_the_lock_and_the_second_gets_the_id_of_the_first(
        self, lock: Lock
    ) -> None:
        assert lock.acquire(FIRST) is None
        assert lock.acquire(SECOND_RUN) == FIRST.id

    def test_the_run_that_holds_the_lock_acquires_it_again(self, lock: Lock) -> None:
        lock.acquire(FIRST)

        assert lock.acquire(replace(FIRST, observed_at=NOW + timedelta(minutes=5))) is None
        assert lock.acquire(SECOND_RUN) == FIRST.id

    def test_a_released_lock_can_be_acquired(self, lock: Lock) -> None:
        lock.acquire(FIRST)
        lock.release(FIRST.id)

        assert lock.acquire(SECOND_RUN) is None

    def test_another_run_cannot_release_the_lock(self, lock: Lock) -> None:
        lock.acquire(FIRST)

        lock.release(SECOND_RUN.id)

        assert lock.acquire(SECOND_RUN) == FIRST.id

    def test_releasing_a_free_lock_does_nothing(self, lock: Lock) -> None:
        lock.release(FIRST.id)

        assert lock.acquire(SECOND_RUN) is None

    @pytest.mark.parametrize(
        ("after", "holder"),
        [(-SECOND, FIRST.id), (timedelta(0), FIRST.id), (SECOND, None)],
        ids=["a-second-before", "at-the-second", "expired"],
    )
    def test_an_expired_lock_can_be_acquired_by_another_run(
        self, lock: Lock, after: timedelta, holder: str | None
    ) -> None:
        lock.acquire(FIRST)

        assert lock.acquire(replace(SECOND_RUN, observed_at=NOW + HELD_FOR + after)) == holder

    def test_a_run_whose_lock_has_expired_cannot_release_that_of_another_run(
        self, lock: Lock
    ) -> None:
        lock.acquire(FIRST)
        later = replace(SECOND_RUN, observed_at=NOW + HELD_FOR + SECOND)
        lock.acquire(later)

        lock.release(FIRST.id)

        assert lock.acquire(FIRST) == later.id


def test_the_lock_is_one_item_with_an_expiry(table: Any) -> None:  # noqa: ANN401 - a client of boto3
    RunLock(STATE_TABLE).acquire(FIRST)

    assert items(table) == [
        {
            "pk": "run",
            "sk": "lock",
            "schema_version": SCHEMA_VERSION,
            "run_id": FIRST.id,
            "expires_at": int((NOW + HELD_FOR).timestamp()),
        }
    ]


@pytest.mark.usefixtures("table")
def test_only_one_of_many_concurrent_runs_acquires_the_lock() -> None:
    lock = RunLock(STATE_TABLE)
    runs = [run(hours=number / 100) for number in range(8)]

    with ThreadPoolExecutor(max_workers=8) as pool:
        holders = list(pool.map(lock.acquire, runs))

    assert holders.count(None) == 1
    assert set(holders) - {None} == {runs[holders.index(None)].id}


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("act", ["acquire", "release"])
def test_a_missing_table_is_an_error(act: str) -> None:
    lock = RunLock("no-such-table")

    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        lock.acquire(FIRST) if act == "acquire" else lock.release(FIRST.id)
