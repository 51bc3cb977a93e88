"""The stores on the emulated account: what is written comes back; who is late changes nothing.

What has a fake in the unit tests is held to the same contract as its fake.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import ClientError
from moto.s3.models import s3_backends

from demo.account import RUN_BUCKET, STATE_TABLE, LocalAccount
from demo.rds_resources import ACCOUNT
from rds_tls_audit.batches import batches
from rds_tls_audit.codec import MalformedError
from rds_tls_audit.judgement import judge
from rds_tls_audit.ports.lock import HELD_FOR, RunLock
from rds_tls_audit.ports.runs import RunBucket
from rds_tls_audit.ports.state import StateTable
from rds_tls_audit.result import BatchResult, DatabaseResult
from rds_tls_audit.run import SCHEMA_VERSION, Run, RunKind
from rds_tls_audit.stages.discover import Lock
from rds_tls_audit.stages.publish import StateKey, States
from rds_tls_audit.transition import ChangeKind, FindingState
from rds_tls_audit.verdict import Status
from tests.unit import fakes
from tests.unit.examples import NOW, cluster, database, good, run, settings, target

KEY: StateKey = ("db-ORDERS-PROD", "force-ssl")
SECOND = timedelta(seconds=1)
TOLD = FindingState(
    status=Status.FAILED,
    fingerprint=("group=größe", "value=0"),
    because="parameter group pg16 does not force TLS",
    created_at=NOW,
    updated_at=NOW + timedelta(milliseconds=1),
    observed_at=NOW + timedelta(microseconds=1),
    offended_at=NOW,
    misses=1,
    missed_at=NOW,
    told_in="full-0",
    told_as=ChangeKind.NEW,
)
FIRST, SECOND_RUN = run(), run(hours=1)


@pytest.fixture(scope="module")
def account() -> Iterator[LocalAccount]:
    with pytest.MonkeyPatch.context() as patch, LocalAccount() as running:
        for name, value in running.environment().items():
            patch.setenv(name, value)
        yield running


@pytest.fixture
def table(account: LocalAccount) -> Iterator[Any]:
    """The state table, empty afterwards."""
    client = account.client("dynamodb")
    yield client
    for item in client.scan(TableName=STATE_TABLE)["Items"]:
        client.delete_item(TableName=STATE_TABLE, Key={"pk": item["pk"], "sk": item["sk"]})


@pytest.fixture
def bucket(account: LocalAccount) -> Iterator[Any]:
    """The run bucket, empty afterwards."""
    client = account.client("s3")
    yield client
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=RUN_BUCKET)
    for page in pages:
        if found := page.get("Contents"):
            client.delete_objects(
                Bucket=RUN_BUCKET, Delete={"Objects": [{"Key": it["Key"]} for it in found]}
            )


def items(table: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - a client of boto3
    read = TypeDeserializer().deserialize
    return [
        {name: read(value) for name, value in item.items()}
        for item in table.scan(TableName=STATE_TABLE)["Items"]
    ]


class TestLock:
    @pytest.fixture(params=["real", "fake"])
    def lock(self, request: pytest.FixtureRequest) -> Lock:
        if request.param == "fake":
            return fakes.Lock()
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


class TestStates:
    @pytest.fixture(params=["real", "fake"])
    def states(self, request: pytest.FixtureRequest) -> States:
        if request.param == "fake":
            return fakes.States()
        request.getfixturevalue("table")
        return StateTable(STATE_TABLE)

    def test_what_is_written_comes_back_the_same(self, states: States) -> None:
        states.write(KEY, TOLD, None)

        assert states.read([KEY[0]]) == {KEY: TOLD}

    def test_states_are_read_by_resource_and_check(self, states: States) -> None:
        keys = [KEY, (KEY[0], "plaintext-refused"), ("db-BILLING", "force-ssl")]
        for key in [*keys, ("db-ORDERS", "force-ssl")]:
            states.write(key, TOLD, None)

        assert states.read(["db-BILLING", KEY[0], "db-NONE"]).keys() == set(keys)
        assert states.read([]) == {}

    def test_one_follows_the_other(self, states: States) -> None:
        later = replace(TOLD, observed_at=NOW + SECOND, because="later")
        states.write(KEY, TOLD, None)

        states.write(KEY, later, TOLD)

        assert states.read([KEY[0]]) == {KEY: later}

    def test_a_newer_one_that_came_between_stands(self, states: States) -> None:
        newer = replace(TOLD, observed_at=NOW + 2 * SECOND, because="newer")
        states.write(KEY, TOLD, None)
        states.write(KEY, newer, TOLD)

        states.write(KEY, replace(TOLD, observed_at=NOW + SECOND, because="late"), TOLD)

        assert states.read([KEY[0]]) == {KEY: newer}

    def test_the_first_word_is_not_said_twice(self, states: States) -> None:
        states.write(KEY, TOLD, None)

        states.write(KEY, replace(TOLD, observed_at=NOW + SECOND), None)

        assert states.read([KEY[0]]) == {KEY: TOLD}

    def test_what_was_removed_meanwhile_is_not_brought_back(self, states: States) -> None:
        states.write(KEY, replace(TOLD, observed_at=NOW + SECOND), TOLD)

        assert states.read([KEY[0]]) == {}


def newer_item(**more: dict[str, str]) -> dict[str, dict[str, str]]:
    return {
        "pk": {"S": f"db#{KEY[0]}"},
        "sk": {"S": f"check#{KEY[1]}"},
        "schema_version": {"N": str(SCHEMA_VERSION + 1)},
        **more,
    }


def test_a_state_lies_under_the_keys_of_the_contract(table: Any) -> None:  # noqa: ANN401 - a client of boto3
    StateTable(STATE_TABLE).write(KEY, TOLD, None)

    (item,) = items(table)
    assert (item["pk"], item["sk"]) == ("db#db-ORDERS-PROD", "check#force-ssl")
    assert item["schema_version"] == SCHEMA_VERSION


@pytest.mark.parametrize(
    "previous", [None, TOLD], ids=["never-told", "read-before-the-newer-code-wrote"]
)
def test_an_item_of_a_newer_version_is_left_alone(
    table: Any,  # noqa: ANN401 - a client of boto3
    previous: FindingState | None,
) -> None:
    states = StateTable(STATE_TABLE)
    table.put_item(TableName=STATE_TABLE, Item=newer_item(colour={"S": "red"}))
    before = items(table)

    assert states.read([KEY[0]]) == {KEY: None}
    states.write(KEY, TOLD, previous)

    assert items(table) == before


def test_clients_and_locks_are_no_states(table: Any) -> None:  # noqa: ANN401 - a client of boto3
    RunLock(STATE_TABLE).take(FIRST)
    table.put_item(TableName=STATE_TABLE, Item=newer_item(sk={"S": "client#0123"}))

    assert StateTable(STATE_TABLE).read([KEY[0], "run"]) == {}


def test_an_item_that_is_no_state_is_an_error_by_its_name(table: Any) -> None:  # noqa: ANN401 - a client of boto3
    table.put_item(
        TableName=STATE_TABLE,
        Item=newer_item(
            schema_version={"N": str(SCHEMA_VERSION)},
            state={"S": "hunter2"},
        ),
    )

    with pytest.raises(MalformedError, match="check#force-ssl") as caught:
        StateTable(STATE_TABLE).read([KEY[0]])

    assert "hunter2" not in str(caught.value)


@pytest.mark.usefixtures("account")
def test_a_state_table_that_is_away_is_an_error() -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        StateTable("no-such-table").write(KEY, TOLD, None)


MEMBERS = [database(f"ledger-{number}", cluster=cluster()) for number in (1, 2)]
DIVIDED = batches(
    [target(database("größe", vpc_id="vpc-2")), *(target(it) for it in MEMBERS)],
    run_id=FIRST.id,
    probe_function="probe",
)


def result(batch: int, part: int | None = None, *, imported: int = 0) -> BatchResult:
    seen = good(database())
    return BatchResult(
        batch=batch,
        part=part,
        databases=(DatabaseResult.of(seen, judge(seen, FIRST, settings())),),
        imported=imported,
    )


def by_place(results: Iterator[BatchResult]) -> list[BatchResult]:
    return sorted(results, key=lambda it: (it.batch, -1 if it.part is None else it.part))


def test_a_manifest_comes_back_the_same(bucket: Any) -> None:  # noqa: ANN401 - a client of boto3
    runs = RunBucket(RUN_BUCKET)

    key = runs.write_manifest(FIRST, DIVIDED)

    assert key == "runs/full-0/batches.json"
    assert bucket.head_object(Bucket=RUN_BUCKET, Key=key)["ContentType"] == "application/json"
    assert len(DIVIDED) == 2
    assert runs.read_manifest(FIRST.id) == DIVIDED


@pytest.mark.usefixtures("bucket")
def test_a_manifest_of_nothing_is_there_and_empty() -> None:
    RunBucket(RUN_BUCKET).write_manifest(FIRST, ())

    assert RunBucket(RUN_BUCKET).read_manifest(FIRST.id) == ()


@pytest.mark.usefixtures("bucket")
def test_a_manifest_that_is_gone_is_none() -> None:
    assert RunBucket(RUN_BUCKET).read_manifest(FIRST.id) is None


def test_a_manifest_that_is_none_of_ours_is_an_error(bucket: Any) -> None:  # noqa: ANN401 - a client of boto3
    bucket.put_object(Bucket=RUN_BUCKET, Key="runs/full-0/batches.json", Body=b'{"a": 1}')

    with pytest.raises(MalformedError, match=r"runs/full-0/batches\.json"):
        RunBucket(RUN_BUCKET).read_manifest(FIRST.id)


@pytest.mark.usefixtures("bucket")
def test_the_last_full_run_is_none_before_the_first_and_then_the_last() -> None:
    runs = RunBucket(RUN_BUCKET)
    assert runs.last_full() is None

    for each in (FIRST, SECOND_RUN):
        runs.remember_full(each)
        assert runs.last_full() == each.id


def test_results_lie_under_their_batch_and_part(bucket: Any) -> None:  # noqa: ANN401 - a client of boto3
    runs = RunBucket(RUN_BUCKET)
    written = [result(0), result(1, 0), result(1, 24), result(11)]
    for each in written:
        runs.write_result(FIRST, each)

    listed = bucket.list_objects_v2(Bucket=RUN_BUCKET, Prefix="runs/")["Contents"]
    assert {it["Key"].removeprefix("runs/full-0/results/") for it in listed} == {
        "0.json",
        "1-0.json",
        "1-24.json",
        "11.json",
    }
    assert by_place(runs.read_results(FIRST.id)) == written


@pytest.mark.usefixtures("bucket")
def test_a_repeated_result_replaces_the_first_and_no_other() -> None:
    runs = RunBucket(RUN_BUCKET)
    for each in (result(1), result(1, 0), result(1, imported=3)):
        runs.write_result(FIRST, each)

    assert by_place(runs.read_results(FIRST.id)) == [result(1, imported=3), result(1, 0)]


@pytest.mark.usefixtures("bucket")
@pytest.mark.parametrize("other", ["full-0.5", "full-01", "full"])
def test_results_of_another_run_are_not_read(other: str) -> None:
    runs = RunBucket(RUN_BUCKET)
    runs.write_manifest(FIRST, DIVIDED)
    runs.write_result(Run(id=other, kind=RunKind.FULL, observed_at=NOW), result(0))

    assert list(runs.read_results(FIRST.id)) == []


def test_more_results_than_one_page_are_all_read(bucket: Any) -> None:  # noqa: ANN401 - a client of boto3
    runs = RunBucket(RUN_BUCKET)
    runs.write_result(FIRST, result(0))
    first = bucket.get_object(Bucket=RUN_BUCKET, Key="runs/full-0/results/0.json")["Body"].read()
    # Straight into the emulator: a thousand requests are a matter of seconds.
    for number in range(1, 1002):
        s3_backends[ACCOUNT]["aws"].put_object(
            RUN_BUCKET,
            f"runs/full-0/results/{number}.json",
            first.replace(b'"batch": 0', f'"batch": {number}'.encode()),
        )

    assert sorted(it.batch for it in runs.read_results(FIRST.id)) == list(range(1002))
