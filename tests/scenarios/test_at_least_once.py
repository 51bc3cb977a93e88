"""Whatever comes twice, alone, late or in another order ends in the same findings, told once."""

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
from tests.scenarios.simulated_account import DAY, World, unseen
from tests.support.builders import GOOD, OPEN, bad, cluster, database, good

DATABASES = {
    it.id: it
    for it in (
        database("orders-prod"),
        database("billing", vpc_id="vpc-2"),
        *(database(f"ledger-{number}", cluster=cluster()) for number in (1, 2, 3)),
    )
}
STORIES = (
    "bad bad bad bad bad",
    "good good bad bad good",
    "bad good bad good good",
    "bad open open good open",
    "bad unseen unseen unseen bad",
    "bad gone gone gone bad",
    "bad gone bad gone gone",
    "unseen unseen bad unseen good",
    "gone bad bad gone good",
)
"""How databases fare from day to day."""
fares = st.fixed_dictionaries({name: st.sampled_from(STORIES) for name in DATABASES})
kinds = st.lists(
    st.sampled_from([RunKind.FULL, RunKind.FULL, RunKind.NAMED]), min_size=5, max_size=5
)
some = examples(derandomize=True, deadline=None, max_examples=40)


def days_of(stories: Mapping[str, str]) -> Iterator[dict[str, str]]:
    for day in zip(*(story.split() for story in stories.values()), strict=True):
        yield dict(zip(stories, day, strict=True))


def fleet_of(day: Mapping[str, str]) -> dict[str, ProbedTarget]:
    """Give what is there; the members of a cluster have one parameter group."""
    fleet = {name: seen_as(it, DATABASES[name]) for name, it in day.items() if it != "gone"}
    forced = good if day["ledger-1"] == "good" else bad
    return {
        name: replace(it, target=forced(it.target.database).target)
        if it.target.database.cluster
        else it
        for name, it in fleet.items()
    }


def seen_as(condition: str, of: Database) -> ProbedTarget:
    return {
        "good": good(of),
        "bad": bad(of),
        "open": replace(bad(of), observation=replace(GOOD, plaintext=OPEN.plaintext)),
        "unseen": unseen(bad(of)),
    }[condition]


def lived(stories: Mapping[str, str], kinds: Sequence[RunKind], chance: Random | None) -> World:
    """Let days pass; with chance, batches and reports come as at-least-once delivery lets them."""
    world, past = World(), list[ProbeResult]()
    for day, kind in zip(days_of(stories), kinds, strict=True):
        world.fleet = fleet_of(day)
        this_run = world.new_run(kind)
        manifest = world.discover(this_run, sorted(world.fleet))
        batches = [world.evidence(this_run, batch) for batch in manifest]
        for evidence in delivered(batches, past, chance) if chance else batches:
            publish.publish_batch(evidence, world.settings, world.publish_ports)
        for _ in range(chance.randint(1, 3) if chance else 1):
            world.report(this_run, len(world.fleet), complete=kind is RunKind.FULL)
        past += batches
        world.later(DAY)
    return world


def delivered(
    batches: Sequence[ProbeResult], past: Sequence[ProbeResult], chance: Random
) -> list[ProbeResult]:
    """Give each batch whole or alone, once or twice, late ones between, in any order."""
    units = [
        unit
        for batch in batches
        for way in chance.choice([["whole"], ["alone"], ["alone", "alone"], ["whole", "whole"]])
        for unit in ([batch] if way == "whole" else alone(batch))
    ]
    units += [it for it in past if chance.random() < 0.3]
    chance.shuffle(units)
    return units


def alone(batch: ProbeResult) -> Iterator[ProbeResult]:
    """Give each database of a batch alone, as it is tried where its probe fails."""
    for part, witnessed in enumerate(batch.witnessed):
        yield replace(batch, part=part, witnessed=(witnessed,))


@some
@given(stories=fares, kinds=kinds, chance=st.randoms(use_true_random=False))
def test_it_ends_alike(stories: dict[str, str], kinds: list[RunKind], chance: Random) -> None:
    once = lived(stories, kinds, None)

    often = lived(stories, kinds, chance)

    assert often.hub.findings == once.hub.findings
    assert often.hub.workflow == once.hub.workflow
    assert often.states.items == once.states.items
    assert often.inventory.items == once.inventory.items
    assert often.hub.violations == once.hub.violations == []
    for topic in ("digest", "chat"):
        assert changes(often, topic) == changes(once, topic)


def changes(world: World, topic: str) -> Counter[tuple[str, str, str]]:
    return Counter((it.kind, it.check, it.database) for it in world.told(topic))


def test_the_stories_to_choose_from_report_every_kind_of_change() -> None:
    every_day_full = [RunKind.FULL] * 5
    alike = [dict.fromkeys(DATABASES, story) for story in STORIES]
    members_differ = alike[0] | {"ledger-1": STORIES[3], "ledger-2": STORIES[1]}

    reported = {
        change.kind
        for stories in (*alike, members_differ)
        for change in lived(stories, every_day_full, None).told()
    }

    assert reported == {"new", "worse", "better", "resolved", "not assessed", "archived"}


@pytest.mark.parametrize("first", ["older", "newer"])
def test_of_two_days_the_newer_stands_whichever_comes_last(world: World, first: str) -> None:
    of = DATABASES["orders-prod"]
    batches = []
    for seen in (bad(of), good(of)):
        world.put(seen)
        this_run = world.new_run(RunKind.FULL)
        (batch,) = world.discover(this_run, ["orders-prod"])
        batches.append(world.evidence(this_run, batch))
        world.later(DAY)
    publish.publish_batch(batches[0], world.settings, world.publish_ports)

    for evidence in batches if first == "older" else reversed(batches):
        publish.publish_batch(evidence, world.settings, world.publish_ports)

    assert {it["Compliance"]["Status"] for it in world.hub.findings.values()} == {"PASSED"}
