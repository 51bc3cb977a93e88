"""Batches have one VPC, whole clusters, and limits; a run always gets the same batches."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rds_tls_audit.codec import encode, json_size
from rds_tls_audit.fleet.configuration import Target
from rds_tls_audit.pipeline.manifest import MAX_BYTES, MAX_TARGETS, Batch, divide_into_batches
from tests.support.builders import cluster, database, target


def plain(number: int, vpc_id: str | None = "vpc-1") -> list[Target]:
    return [target(database(f"plain-{vpc_id}-{n}", vpc_id=vpc_id)) for n in range(number)]


def members(name: str, number: int, vpc_id: str | None = "vpc-1") -> list[Target]:
    return [
        target(database(f"{name}-{n}", cluster=cluster(name), vpc_id=vpc_id)) for n in range(number)
    ]


def divide(targets: Sequence[Target], run_id: str = "run-1") -> tuple[Batch, ...]:
    return divide_into_batches(targets, run_id=run_id, probe_function="probe")


def names(batches: Sequence[Batch]) -> list[list[str]]:
    return [[target.database.id for target in batch.targets] for batch in batches]


@pytest.mark.parametrize(
    ("number", "sizes"),
    [(0, []), (1, [1]), (24, [24]), (25, [25]), (26, [25, 1]), (50, [25, 25]), (51, [25, 25, 1])],
)
def test_a_batch_has_at_most_25_targets(number: int, sizes: list[int]) -> None:
    assert [len(batch.targets) for batch in divide(plain(number))] == sizes


def test_each_vpc_has_its_own_batches() -> None:
    divided = divide([*plain(3, "vpc-2"), *plain(30, "vpc-1"), *plain(2, None)])

    vpcs = [{target.database.vpc_id for target in batch.targets} for batch in divided]
    assert vpcs == [{None}, {"vpc-1"}, {"vpc-1"}, {"vpc-2"}]


@pytest.mark.parametrize("run_id", [f"run-{number}" for number in range(8)])
def test_a_cluster_that_does_not_fit_starts_a_new_batch(run_id: str) -> None:
    divided = divide([*plain(20), *members("ledger", 10)], run_id)

    (whole,) = [batch for batch in names(divided) if "ledger-0" in batch]
    assert {f"ledger-{number}" for number in range(10)} <= set(whole)
    assert max(len(batch) for batch in names(divided)) <= MAX_TARGETS


def test_two_clusters_that_fill_a_batch_share_it() -> None:
    divided = divide([*members("a", 10), *members("b", 15)])

    assert [len(batch.targets) for batch in divided] == [25]


def test_two_clusters_with_one_target_too_many_do_not_share_a_batch() -> None:
    divided = divide([*members("a", 11), *members("b", 15)])

    assert sorted(len(batch.targets) for batch in divided) == [11, 15]


def test_batches_have_a_number_and_name_the_probe_function() -> None:
    divided = divide([*plain(30), *plain(2, "vpc-2")], "run-7")

    assert [batch.batch for batch in divided] == [0, 1, 2]
    assert {(batch.run_id, batch.probe_function) for batch in divided} == {("run-7", "probe")}


def test_a_run_gets_the_same_batches_in_whatever_order_rds_lists_the_databases() -> None:
    targets = [*plain(30), *members("ledger", 5), *plain(3, "vpc-2")]

    assert divide(targets) == divide(targets[::-1])


def test_another_run_gets_another_order() -> None:
    targets = plain(30)

    assert names(divide(targets, "run-1")) != names(divide(targets, "run-2"))


def tagged(targets: Sequence[Target], size: int) -> list[Target]:
    """Return the targets with tags that fill each up to this many bytes."""
    empty = json_size({"a": ""}) - json_size({})
    return [
        replace(
            item,
            database=replace(item.database, tags={"a": "x" * (size - json_size(item) - empty)}),
        )
        for item in targets
    ]


@pytest.mark.parametrize(
    ("size", "sizes"),
    [
        pytest.param(MAX_BYTES // 10, [10, 10], id="exactly"),
        pytest.param(MAX_BYTES // 10 + 1, [9, 9, 2], id="one-byte-too-many"),
        pytest.param(MAX_BYTES // 25, [20], id="the-number-limits-before-the-bytes"),
        pytest.param(MAX_BYTES // 2 + 1, [1] * 20, id="one-each"),
    ],
)
def test_a_batch_never_exceeds_its_bytes(size: int, sizes: list[int]) -> None:
    divided = divide(tagged(plain(20), size))

    assert [len(batch.targets) for batch in divided] == sizes
    for batch in divided:
        assert sum(json_size(target) for target in batch.targets) <= MAX_BYTES


def test_a_full_batch_fits_into_the_input_of_a_state() -> None:
    full, *_ = divide(tagged(plain(25), MAX_BYTES // 25))

    assert len(full.targets) == 25
    assert json_size({"kind": "full", "batch": encode(full)}) < 200_000


def test_a_cluster_with_too_many_bytes_is_one_batch() -> None:
    ledger = tagged(members("ledger", 16), 10_000)

    divided = divide([*tagged(plain(3), 1_000), *ledger])

    (whole,) = [batch for batch in names(divided) if "ledger-0" in batch]
    assert len(whole) == 16


def test_bytes_are_counted_as_json_writes_them() -> None:
    accented = [
        replace(item, database=replace(item.database, tags={"a": "東" * 2_000}))
        for item in plain(20)
    ]

    assert len(divide(accented)) == 2


def test_the_bytes_are_counted_for_each_batch() -> None:
    divided = divide(tagged([*plain(10, "vpc-1"), *plain(10, "vpc-2")], MAX_BYTES // 10))

    assert [len(batch.targets) for batch in divided] == [10, 10]


FLEETS = st.lists(
    st.tuples(st.sampled_from(["vpc-1", "vpc-2", None]), st.integers(0, 16), st.integers(0, 30)),
    max_size=4,
)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(fleet=FLEETS, run_id=st.text(max_size=10))
def test_every_target_is_in_one_batch_with_its_whole_cluster(
    fleet: list[tuple[str | None, int, int]], run_id: str
) -> None:
    targets = [
        target(database(f"p{number}-{n}", vpc_id=vpc))
        for number, (vpc, _, instances) in enumerate(fleet)
        for n in range(instances)
    ]
    for number, (vpc, size, _) in enumerate(fleet):
        targets += members(f"c{number}", size, vpc)

    divided = divide(targets, run_id)

    placed = Counter(name for batch in names(divided) for name in batch)
    assert placed == Counter(item.database.id for item in targets)
    batches_of_cluster: dict[str, set[int]] = {}
    for batch in divided:
        assert 1 <= len(batch.targets) <= MAX_TARGETS
        databases = [item.database for item in batch.targets]
        assert len({database.vpc_id for database in databases}) == 1
        for member in databases:
            if member.cluster is not None:
                batches_of_cluster.setdefault(member.cluster.id, set()).add(batch.batch)
    assert all(len(numbers) == 1 for numbers in batches_of_cluster.values())
