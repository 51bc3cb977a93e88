"""The full runs that were: what is written comes back in the order of time; so with the fake."""

from datetime import timedelta
from typing import Any

import pytest

from emulation.account import STATE_TABLE
from rds_tls_audit.adapters.state_table.outbox import OutboxTable
from rds_tls_audit.adapters.state_table.run_history import RunHistoryTable
from rds_tls_audit.adapters.state_table.run_lock import RunLock
from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.codec import MalformedError
from rds_tls_audit.digest.delivery import DeliveryStep
from rds_tls_audit.pipeline.run import SCHEMA_VERSION, Run
from rds_tls_audit.results.run_totals import RunTotals
from tests.integration.aws.state_items import items
from tests.support import in_memory_stores
from tests.support.builders import NOW, run

type PastRuns = RunHistoryTable | in_memory_stores.RunHistory

DAYS_KEPT = 400


def past(of: Run, *, failed: int = 3) -> RunTotals:
    counts = {Status.PASSED: 17, Status.WARNING: 0, Status.FAILED: failed, Status.UNKNOWN: 0}
    return RunTotals(run_id=of.id, observed_at=of.observed_at, counts=counts)


class TestHistory:
    @pytest.fixture(params=["real", "fake"])
    def history(self, request: pytest.FixtureRequest) -> PastRuns:
        if request.param == "fake":
            return in_memory_stores.RunHistory()
        request.getfixturevalue("table")
        return RunHistoryTable(STATE_TABLE)

    def test_before_the_first_run_there_is_none(self, history: PastRuns) -> None:
        assert history.read() == ()

    @pytest.mark.parametrize("apart", [timedelta(microseconds=1), timedelta(days=300)], ids=str)
    def test_runs_come_back_the_same_and_oldest_first(
        self, history: PastRuns, apart: timedelta
    ) -> None:
        runs = [Run(id=f"r-{9 - n}", kind=run().kind, observed_at=NOW + n * apart) for n in (0, 1)]
        for each in reversed(runs):
            history.write(each, past(each))

        assert history.read() == tuple(past(each) for each in runs)

    def test_a_run_that_is_written_twice_is_there_once(self, history: PastRuns) -> None:
        history.write(run(), past(run()))

        history.write(run(), past(run(), failed=4))

        assert history.read() == (past(run(), failed=4),)


def test_the_lock_and_the_topics_beside_it_are_no_runs(table: Any) -> None:  # noqa: ANN401 - a client of boto3
    RunLock(STATE_TABLE).take(run())
    OutboxTable(STATE_TABLE).update_progress("digest", lambda it: DeliveryStep(progress=it))
    RunHistoryTable(STATE_TABLE).write(run(), past(run()))

    assert {it["pk"] for it in items(table)} == {"run"}
    assert len(items(table)) == 3
    assert RunHistoryTable(STATE_TABLE).read() == (past(run()),)


def test_a_run_is_one_item_by_its_time_that_expires_by_itself(table: Any) -> None:  # noqa: ANN401 - a client of boto3
    RunHistoryTable(STATE_TABLE).write(run(), past(run()))

    (item,) = items(table)
    assert (item["pk"], item["sk"]) == ("run", "2026-03-01T06:00:00+00:00#full-0")
    assert item["schema_version"] == SCHEMA_VERSION
    assert item["expires_at"] == int((NOW + timedelta(days=DAYS_KEPT)).timestamp())


def put(table: Any, **fields: object) -> None:  # noqa: ANN401 - a client of boto3
    number = {"N": str(fields.get("schema_version", SCHEMA_VERSION))}
    table.put_item(
        TableName=STATE_TABLE,
        Item={
            "pk": {"S": "run"},
            "sk": {"S": "2026-02-28T06:00:00+00:00#other"},
            "schema_version": number,
            "past": {"M": {"counts": {"S": "many"}}},
        },
    )


def test_a_run_of_a_newer_version_is_left_out(table: Any) -> None:  # noqa: ANN401 - a client of boto3
    put(table, schema_version=SCHEMA_VERSION + 1)
    RunHistoryTable(STATE_TABLE).write(run(), past(run()))

    assert RunHistoryTable(STATE_TABLE).read() == (past(run()),)


def test_an_item_that_is_no_run_is_an_error_that_names_it(table: Any) -> None:  # noqa: ANN401 - a client of boto3
    put(table)

    with pytest.raises(MalformedError, match="2026-02-28T06:00:00"):
        RunHistoryTable(STATE_TABLE).read()
