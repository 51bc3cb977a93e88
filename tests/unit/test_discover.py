"""Discover reads each group once, from the cluster where there is one, and writes the manifest."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest

from rds_tls_audit.batches import Batch
from rds_tls_audit.codec import encode
from rds_tls_audit.configuration import GroupKey, ParameterGroup
from rds_tls_audit.database import Database
from rds_tls_audit.evidence import Observed, Seen, Unseen
from rds_tls_audit.judgement import judge
from rds_tls_audit.observation import Observation
from rds_tls_audit.result import BatchResult, DatabaseResult
from rds_tls_audit.run import Run, RunKind
from rds_tls_audit.stages import discover
from rds_tls_audit.stages.discover import (
    Discovered,
    DiscoverPorts,
    Listing,
    Skipped,
    find_targets,
)
from tests.unit.examples import NOW, cluster, database, good, group, run, settings
from tests.unit.fakes import Lock

ORDERS = database("orders-prod")
BILLING = replace(database("billing"), parameter_group="pg14")
MEMBERS = [database(f"ledger-{number}", cluster=cluster()) for number in (1, 2)]
ENDS = NOW.replace(year=2061)


class RdsAwayError(RuntimeError):
    """Nothing could be listed."""


@dataclass
class Rds:
    """RDS in memory; keeps what it was asked."""

    databases: Sequence[Database] = ()
    complete: bool = True
    away: bool = False
    authorities: Observed[Mapping[str, datetime]] = field(
        default_factory=lambda: Seen(value={"rds-ca-rsa2048-g1": ENDS})
    )
    denied: frozenset[str] = frozenset()
    asked: list[str] = field(default_factory=list)

    def list_all(self) -> Listing:
        self.asked.append("all")
        if self.away:
            raise RdsAwayError
        return Listing(databases=tuple(self.databases), complete=self.complete)

    def list_named(self, names: Sequence[str]) -> Listing:
        self.asked.append(f"named {' '.join(names)}")
        named = tuple(database for database in self.databases if database.id in names)
        return Listing(databases=named, complete=self.complete)

    def read_group(self, key: GroupKey) -> Observed[ParameterGroup]:
        self.asked.append(str(key))
        if key.name in self.denied:
            return Unseen(reason=f"{key} could not be read: AccessDenied")
        return Seen(value=group(key.name, of_cluster=key.of_cluster))

    def read_authorities(self) -> Observed[Mapping[str, datetime]]:
        self.asked.append("authorities")
        return self.authorities


@dataclass
class Manifests:
    """The run bucket in memory."""

    written: dict[str, Sequence[Batch]] = field(default_factory=dict)
    results: dict[str, list[BatchResult]] = field(default_factory=dict)
    last: str | None = None

    def write_manifest(self, run: Run, batches: Sequence[Batch]) -> str:
        self.written[run.id] = batches
        return f"runs/{run.id}/batches.json"

    def last_full(self) -> str | None:
        return self.last

    def read_manifest(self, run_id: str) -> Sequence[Batch] | None:
        return self.written.get(run_id)

    def read_results(self, run_id: str) -> Iterable[BatchResult]:
        return iter(self.results[run_id])


def discovered(
    this_run: Run, names: Sequence[str], probe_function: str | None, ports: DiscoverPorts
) -> Discovered:
    found = discover.run(this_run, names, probe_function, ports)
    assert isinstance(found, Discovered)
    return found


def groups_of(databases: Sequence[Database], rds: Rds) -> dict[str, Observed[ParameterGroup]]:
    rds.databases = databases
    return {
        target.database.id: target.configuration.group for target in find_targets([], rds).targets
    }


def test_each_group_is_read_once() -> None:
    rds = Rds([ORDERS, database("shop"), BILLING, *MEMBERS])

    find_targets([], rds)

    assert rds.asked == [
        "all",
        "parameter group pg16",
        "parameter group pg14",
        "cluster parameter group aurora16",
        "authorities",
    ]


def test_groups_of_one_name_are_two_groups() -> None:
    same_name = database("ledger-1", cluster=replace(cluster(), parameter_group="pg16"))

    found = groups_of([ORDERS, same_name], Rds())

    assert found["orders-prod"] == Seen(value=group("pg16"))
    assert found["ledger-1"] == Seen(value=group("pg16", of_cluster=True))


def test_the_clusters_group_decides_for_its_members() -> None:
    found = groups_of(MEMBERS, Rds())

    assert set(found) == {"ledger-1", "ledger-2"}
    assert all(it == Seen(value=group("aurora16", of_cluster=True)) for it in found.values())


def test_a_cluster_that_was_not_listed_leaves_its_group_unseen() -> None:
    rds = Rds()
    unlisted = replace(cluster(), resource_id=None, parameter_group=None)

    found = groups_of([database("ledger-1", cluster=unlisted)], rds)

    assert found["ledger-1"] == Unseen(
        reason="its cluster could not be listed, whose parameter group decides"
    )
    assert rds.asked == ["all", "authorities"]


def test_a_group_that_cannot_be_read_hides_no_other() -> None:
    found = groups_of([ORDERS, BILLING], Rds(denied=frozenset({"pg16"})))

    assert found["orders-prod"] == Unseen(
        reason="parameter group pg16 could not be read: AccessDenied"
    )
    assert found["billing"] == Seen(value=group("pg14"))


@pytest.mark.parametrize(
    ("ca_id", "authorities", "end"),
    [
        pytest.param(
            "rds-ca-rsa2048-g1",
            Seen(value={"rds-ca-rsa2048-g1": ENDS}),
            Seen(value=ENDS),
            id="listed",
        ),
        pytest.param(
            "rds-ca-2019",
            Seen(value={"rds-ca-rsa2048-g1": ENDS}),
            Unseen(reason="RDS does not list the CA rds-ca-2019"),
            id="not-listed",
        ),
        pytest.param(
            None,
            Seen(value={"rds-ca-rsa2048-g1": ENDS}),
            Unseen(reason="RDS does not list the CA of the instance"),
            id="not-named",
        ),
        pytest.param("rds-ca-2019", Unseen(reason="denied"), Unseen(reason="denied"), id="denied"),
    ],
)
def test_the_end_of_the_ca_is_the_one_rds_lists(
    ca_id: str | None,
    authorities: Observed[Mapping[str, datetime]],
    end: Observed[datetime],
) -> None:
    rds = Rds([replace(ORDERS, ca_id=ca_id)], authorities=authorities)

    (found,) = find_targets([], rds).targets

    assert found.configuration.authority_valid_till == end


def test_nothing_more_is_asked_where_there_is_no_database() -> None:
    rds = Rds()

    assert find_targets([], rds).targets == ()
    assert rds.asked == ["all"]


def test_named_databases_are_listed_by_name() -> None:
    rds = Rds([ORDERS, BILLING])

    found = find_targets(["billing"], rds)

    assert [it.database.id for it in found.targets] == ["billing"]
    assert rds.asked[0] == "named billing"


@pytest.mark.parametrize(
    ("kind", "listed", "complete"),
    [
        (RunKind.FULL, True, True),
        (RunKind.FULL, False, False),
        (RunKind.NAMED, True, False),
    ],
    ids=["full", "full-with-a-failed-call", "named"],
)
def test_a_run_is_complete_only_if_it_is_full_and_every_listing_succeeded(
    kind: RunKind,
    listed: bool,  # noqa: FBT001 - a parameter of the table
    complete: bool,  # noqa: FBT001
) -> None:
    ports = DiscoverPorts(rds=Rds([ORDERS], complete=listed), manifests=Manifests(), lock=None)
    names = ["orders-prod"] if kind is RunKind.NAMED else []

    assert discovered(run(kind), names, None, ports).complete is complete


def test_the_manifest_is_written_and_counted() -> None:
    manifests = Manifests()
    elsewhere = database("shop", vpc_id="vpc-2")

    found = discovered(
        run(),
        [],
        "probe",
        DiscoverPorts(rds=Rds([ORDERS, *MEMBERS, elsewhere]), manifests=manifests, lock=None),
    )

    assert (found.key, found.databases, found.batches) == ("runs/full-0/batches.json", 4, 2)
    assert len(manifests.written["full-0"]) == 2


def test_an_item_of_the_manifest_has_the_fields_of_the_contract() -> None:
    manifests = Manifests()
    discovered(
        run(), [], "probe-a", DiscoverPorts(rds=Rds([ORDERS]), manifests=manifests, lock=None)
    )

    (item,) = json.loads(json.dumps([encode(it) for it in manifests.written["full-0"]]))

    assert item.keys() == {"run_id", "batch", "probe_function", "targets"}
    assert (item["run_id"], item["batch"], item["probe_function"]) == ("full-0", 0, "probe-a")
    assert item["targets"][0].keys() == {"database", "configuration", "dial"}


def remembered(*, logged_in: Sequence[Database], others: Sequence[Database]) -> Manifests:
    """The bucket after a full run that could log in to some."""
    manifests = Manifests(last="full-0")
    rds = Rds([*logged_in, *others])
    discovered(run(), [], "probe", DiscoverPorts(rds=rds, manifests=manifests, lock=None))
    seen = [good(database) for database in logged_in] + [
        replace(good(database), observation=Observation.unseen("timed out")) for database in others
    ]
    results = [DatabaseResult.of(it, judge(it, run(), settings())) for it in seen]
    manifests.results["full-0"] = [BatchResult(batch=0, databases=tuple(results))]
    return manifests


def test_a_sample_run_takes_the_databases_that_the_last_full_run_could_log_in_to() -> None:
    manifests = remembered(logged_in=[ORDERS, MEMBERS[0]], others=[BILLING, MEMBERS[1]])
    rds = Rds()
    sample = run(RunKind.SAMPLE, hours=1)

    found = discovered(sample, [], "probe", DiscoverPorts(rds=rds, manifests=manifests, lock=None))

    (batch,) = manifests.written[sample.id]
    assert {target.database.id for target in batch.targets} == {"orders-prod", "ledger-1"}
    assert batch.run_id == sample.id
    assert found.databases == 2
    assert not found.complete
    assert rds.asked == []


def test_a_sample_run_carries_the_configuration_of_the_last_full_run() -> None:
    manifests = remembered(logged_in=[ORDERS], others=[])
    sample = run(RunKind.SAMPLE, hours=1)

    discovered(sample, [], "probe", DiscoverPorts(rds=Rds(), manifests=manifests, lock=None))

    (sampled,), (full,) = manifests.written[sample.id], manifests.written["full-0"]
    assert sampled.targets == full.targets


def test_a_sample_run_before_the_first_full_run_has_nothing_to_do() -> None:
    rds, manifests = Rds([ORDERS]), Manifests()
    sample = run(RunKind.SAMPLE)

    found = discovered(sample, [], "probe", DiscoverPorts(rds=rds, manifests=manifests, lock=None))

    assert (found.databases, found.batches, found.complete) == (0, 0, False)
    assert list(manifests.written[sample.id]) == []
    assert rds.asked == []


def test_a_sample_run_whose_full_run_is_gone_has_nothing_to_do() -> None:
    manifests = Manifests(last="full-0", results={"full-0": []})
    sample = run(RunKind.SAMPLE)

    found = discovered(
        sample, [], "probe", DiscoverPorts(rds=Rds(), manifests=manifests, lock=None)
    )

    assert (found.databases, found.batches) == (0, 0)


def in_execution(lock: Lock, rds: Rds | None = None) -> DiscoverPorts:
    return DiscoverPorts(rds=rds or Rds([ORDERS]), manifests=Manifests(), lock=lock)


def test_a_full_run_takes_the_lock_and_leaves_it_to_report() -> None:
    lock = Lock()

    discovered(run(), [], None, in_execution(lock))

    assert lock.holder == run()
    assert lock.asked == ["take full-0"]


def test_a_second_full_run_is_skipped_for_the_first_and_asks_nothing() -> None:
    lock, rds = Lock(holder=run()), Rds([ORDERS])
    ports = in_execution(lock, rds)

    skipped = discover.run(run(hours=1), [], None, ports)

    assert skipped == Skipped(held_by="full-0")
    assert lock.holder == run()
    assert lock.asked == ["take full-1"]
    assert rds.asked == []


def test_a_retried_discovery_of_the_same_run_goes_on() -> None:
    lock = Lock(holder=run())

    assert discovered(run(), [], None, in_execution(lock)).databases == 1
    assert lock.holder == run()


def test_the_lock_is_given_back_where_discovery_fails() -> None:
    lock = Lock()

    with pytest.raises(RdsAwayError):
        discovered(run(), [], None, in_execution(lock, Rds(away=True)))

    assert lock.holder is None
    assert lock.asked == ["take full-0", "release full-0"]


@pytest.mark.parametrize("kind", [RunKind.NAMED, RunKind.SAMPLE])
def test_other_runs_go_on_beside_a_full_one(kind: RunKind) -> None:
    lock = Lock(holder=run())
    names = ["orders-prod"] if kind is RunKind.NAMED else []

    discovered(run(kind, hours=1), names, None, in_execution(lock))

    assert lock.asked == []


def test_a_full_run_that_nobody_would_close_takes_no_lock() -> None:
    ports = DiscoverPorts(rds=Rds([ORDERS]), manifests=Manifests(), lock=None)

    assert discovered(run(), [], None, ports).databases == 1
