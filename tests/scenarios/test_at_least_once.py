"""Batches and runs that are repeated, split, late, or reordered end in the same findings."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from rds_tls_audit.fleet.database import Database
from rds_tls_audit.pipeline.messages import ProbedTarget, ProbeResult
from rds_tls_audit.pipeline.run import RunKind
from rds_tls_audit.stages import publish
from tests.scenarios.simulated_account import DAY, SimulatedAccount, unreachable
from tests.support.builders import GOOD, OPEN, bad, cluster, database, good

DATABASES = {
    database.id: database
    for database in (
        database("orders-prod"),
        database("billing", vpc_id="vpc-2"),
        *(database(f"ledger-{number}", cluster=cluster()) for number in (1, 2, 3)),
    )
}
HISTORIES = (
    "bad bad bad bad bad",
    "good good bad bad good",
    "bad good bad good good",
    "bad open open good open",
    "bad unreachable unreachable unreachable bad",
    "bad deleted deleted deleted bad",
    "bad deleted bad deleted deleted",
    "unreachable unreachable bad unreachable good",
    "deleted bad bad deleted good",
)
"""How the state of a database changes from day to day."""
any_histories = st.fixed_dictionaries({name: st.sampled_from(HISTORIES) for name in DATABASES})
kinds = st.lists(
    st.sampled_from([RunKind.FULL, RunKind.FULL, RunKind.NAMED]), min_size=5, max_size=5
)
some = examples(derandomize=True, deadline=None, max_examples=40)


def split_into_days(histories: Mapping[str, str]) -> Iterator[dict[str, str]]:
    for day in zip(*(history.split() for history in histories.values()), strict=True):
        yield dict(zip(histories, day, strict=True))


def fleet_of(day: Mapping[str, str]) -> dict[str, ProbedTarget]:
    """Return the databases of a day; the members of a cluster share one parameter group."""
    fleet = {
        name: probe_of(condition, DATABASES[name])
        for name, condition in day.items()
        if condition != "deleted"
    }
    forced = good if day["ledger-1"] == "good" else bad
    return {
        name: replace(probed, target=forced(probed.target.database).target)
        if probed.target.database.cluster
        else probed
        for name, probed in fleet.items()
    }


def probe_of(condition: str, database: Database) -> ProbedTarget:
    return {
        "good": good(database),
        "bad": bad(database),
        "open": replace(bad(database), observation=replace(GOOD, plaintext=OPEN.plaintext)),
        "unreachable": unreachable(bad(database)),
    }[condition]


def run_through(
    histories: Mapping[str, str], kinds: Sequence[RunKind], random: Random | None
) -> SimulatedAccount:
    """Run through the days; with `random`, batches and reports are delivered at least once."""
    account, past = SimulatedAccount(), list[ProbeResult]()
    for day, kind in zip(split_into_days(histories), kinds, strict=True):
        account.fleet = fleet_of(day)
        run = account.start_run(kind)
        manifest = account.write_manifest(run, sorted(account.fleet))
        batches = [account.probe(run, batch) for batch in manifest]
        for probe_result in deliver_at_least_once(batches, past, random) if random else batches:
            publish.publish_batch(probe_result, account.settings, account.publish_ports)
        for _ in range(random.randint(1, 3) if random else 1):
            account.close_run(run, len(account.fleet), complete=kind is RunKind.FULL)
        past += batches
        account.advance_clock(DAY)
    return account


def deliver_at_least_once(
    batches: Sequence[ProbeResult], past: Sequence[ProbeResult], random: Random
) -> list[ProbeResult]:
    """Return each batch whole or split, once or twice, with late ones, in any order."""
    units = [
        unit
        for batch in batches
        for way in random.choice([["whole"], ["split"], ["split", "split"], ["whole", "whole"]])
        for unit in ([batch] if way == "whole" else split(batch))
    ]
    units += [batch for batch in past if random.random() < 0.3]
    random.shuffle(units)
    return units


def split(batch: ProbeResult) -> Iterator[ProbeResult]:
    """Return each database of a batch alone, as after a failed batch."""
    for part, witnessed in enumerate(batch.witnessed):
        yield replace(batch, part=part, witnessed=(witnessed,))


@some
@given(histories=any_histories, kinds=kinds, random=st.randoms(use_true_random=False))
def test_repeated_late_and_reordered_deliveries_end_in_the_same_findings(
    histories: dict[str, str], kinds: list[RunKind], random: Random
) -> None:
    once = run_through(histories, kinds, None)

    often = run_through(histories, kinds, random)

    assert often.hub.findings == once.hub.findings
    assert often.hub.workflow == once.hub.workflow
    assert often.states.items == once.states.items
    assert often.inventory.items == once.inventory.items
    assert often.hub.violations == once.hub.violations == []
    for topic in ("digest", "chat"):
        assert changes(often, topic) == changes(once, topic)


def changes(account: SimulatedAccount, topic: str) -> Counter[tuple[str, str, str]]:
    return Counter(
        (change.kind, change.check, change.database) for change in account.reported_changes(topic)
    )


def test_the_histories_to_choose_from_report_every_kind_of_change() -> None:
    every_day_full = [RunKind.FULL] * 5
    alike = [dict.fromkeys(DATABASES, history) for history in HISTORIES]
    members_differ = alike[0] | {"ledger-1": HISTORIES[3], "ledger-2": HISTORIES[1]}

    reported = {
        change.kind
        for histories in (*alike, members_differ)
        for change in run_through(histories, every_day_full, None).reported_changes()
    }

    assert reported == {"new", "worse", "better", "resolved", "not assessed", "archived"}


@pytest.mark.parametrize("first", ["older", "newer"])
def test_the_newer_of_two_days_wins_in_any_order_of_delivery(
    account: SimulatedAccount, first: str
) -> None:
    orders = DATABASES["orders-prod"]
    batches = []
    for probed in (bad(orders), good(orders)):
        account.set_databases(probed)
        run = account.start_run(RunKind.FULL)
        (batch,) = account.write_manifest(run, ["orders-prod"])
        batches.append(account.probe(run, batch))
        account.advance_clock(DAY)
    publish.publish_batch(batches[0], account.settings, account.publish_ports)

    for probe_result in batches if first == "older" else reversed(batches):
        publish.publish_batch(probe_result, account.settings, account.publish_ports)

    assert {finding["Compliance"]["Status"] for finding in account.hub.findings.values()} == {
        "PASSED"
    }
