"""The totals of full runs are read oldest first, in the adapter and in its fake."""

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

type RunHistory = RunHistoryTable | in_memory_stores.RunHistory

DAYS_KEPT = 400


def totals(of: Run, *, failed: int = 3) -> RunTotals:
    counts = {Status.PASSED: 17, Status.WARNING: 0, Status.FAILED: failed, Status.UNKNOWN: 0}
    return RunTotals(run_id=of.id, observed_at=of.observed_at, counts=counts)


class TestHistory:
    @pytest.fixture(params=["real", "fake"])
    def history(self, request: pytest.FixtureRequest) -> RunHistory:
        if request.param == "fake":
            return in_memory_stores.RunHistory()
        request.getfixturevalue("table")
        return RunHistoryTable(STATE_TABLE)

    def test_the_history_is_empty_before_the_first_run(self, history: RunHistory) -> None:
        assert history.read() == ()

    @pytest.mark.parametrize("apart", [timedelta(microseconds=1), timedelta(days=300)], ids=str)
    def test_totals_are_read_unchanged_and_oldest_first(
        self, history: RunHistory, apart: timedelta
    ) -> None:
        runs = [Run(id=f"r-{9 - n}", kind=run().kind, observed_at=NOW + n * apart) for n in (0, 1)]
        for past_run in reversed(runs):
            history.write(past_run, totals(past_run))

        assert history.read() == tuple(totals(past_run) for past_run in runs)

    def test_writing_the_totals_of_a_run_again_replaces_them(self, history: RunHistory) -> None:
        history.write(run(), totals(run()))

        history.write(run(), totals(run(), failed=4))

        assert history.read() == (totals(run(), failed=4),)


def test_the_lock_and_the_topics_are_not_read_as_runs(table: Any) -> None:  # noqa: ANN401 - a client of boto3
    RunLock(STATE_TABLE).acquire(run())
    OutboxTable(STATE_TABLE).update_progress(
        "digest", lambda progress: DeliveryStep(progress=progress)
    )
    RunHistoryTable(STATE_TABLE).write(run(), totals(run()))

    assert {item["pk"] for item in items(table)} == {"run"}
    assert len(items(table)) == 3
    assert RunHistoryTable(STATE_TABLE).read() == (totals(run()),)


def test_the_totals_of_a_run_are_one_item_by_time_with_an_expiry(table: Any) -> None:  # noqa: ANN401 - a client of boto3
    RunHistoryTable(STATE_TABLE).write(run(), totals(run()))

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


def test_a_run_of_a_newer_version_is_omitted(table: Any) -> None:  # noqa: ANN401 - a client of boto3
    put(table, schema_version=SCHEMA_VERSION + 1)
    RunHistoryTable(STATE_TABLE).write(run(), totals(run()))

    assert RunHistoryTable(STATE_TABLE).read() == (totals(run()),)


def test_a_malformed_run_is_an_error_that_names_the_item(table: Any) -> None:  # noqa: ANN401 - a client of boto3
    put(table)

    with pytest.raises(MalformedError, match="2026-02-28T06:00:00"):
        RunHistoryTable(STATE_TABLE).read()
