"""The lock: the first run takes it, who is late changes nothing; the fake is held to the same."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulation.account import STATE_TABLE
from rds_tls_audit.adapters.state_table.run_lock import HELD_FOR, RunLock
from rds_tls_audit.pipeline.run import SCHEMA_VERSION
from rds_tls_audit.ports.state_store import Lock
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

    def test_the_first_run_takes_it_and_the_second_is_told_who_has_it(self, lock: Lock) -> None:
        assert lock.take(FIRST) is None
        assert lock.take(SECOND_RUN) == FIRST.id

    def test_the_run_that_has_it_takes_it_again(self, lock: Lock) -> None:
        lock.take(FIRST)

        assert lock.take(replace(FIRST, observed_at=NOW + timedelta(minutes=5))) is None
        assert lock.take(SECOND_RUN) == FIRST.id

    def test_it_can_be_taken_once_it_is_given_back(self, lock: Lock) -> None:
        lock.take(FIRST)
        lock.release(FIRST.id)

        assert lock.take(SECOND_RUN) is None

    def test_a_stranger_cannot_give_it_back(self, lock: Lock) -> None:
        lock.take(FIRST)

        lock.release(SECOND_RUN.id)

        assert lock.take(SECOND_RUN) == FIRST.id

    def test_giving_back_what_nobody_has_does_nothing(self, lock: Lock) -> None:
        lock.release(FIRST.id)

        assert lock.take(SECOND_RUN) is None

    @pytest.mark.parametrize(
        ("after", "holder"),
        [(-SECOND, FIRST.id), (timedelta(0), FIRST.id), (SECOND, None)],
        ids=["one-less", "to-the-second", "expired"],
    )
    def test_an_expired_one_is_taken_over(
        self, lock: Lock, after: timedelta, holder: str | None
    ) -> None:
        lock.take(FIRST)

        assert lock.take(replace(SECOND_RUN, observed_at=NOW + HELD_FOR + after)) == holder

    def test_a_run_that_was_overtaken_cannot_give_back_what_another_has(self, lock: Lock) -> None:
        lock.take(FIRST)
        later = replace(SECOND_RUN, observed_at=NOW + HELD_FOR + SECOND)
        lock.take(later)

        lock.release(FIRST.id)

        assert lock.take(FIRST) == later.id


def test_the_lock_is_one_item_that_expires_by_itself(table: Any) -> None:  # noqa: ANN401 - a client of boto3
    RunLock(STATE_TABLE).take(FIRST)

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
def test_of_many_runs_at_once_one_takes_the_lock() -> None:
    lock = RunLock(STATE_TABLE)
    runs = [run(hours=number / 100) for number in range(8)]

    with ThreadPoolExecutor(max_workers=8) as pool:
        holders = list(pool.map(lock.take, runs))

    assert holders.count(None) == 1
    assert set(holders) - {None} == {runs[holders.index(None)].id}


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("act", ["take", "release"])
def test_a_table_that_is_away_is_an_error_and_no_answer(act: str) -> None:
    lock = RunLock("no-such-table")

    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        lock.take(FIRST) if act == "take" else lock.release(FIRST.id)
