"""The runs of an earlier version, played again: this one writes what that one wrote.

Prose may differ: see `without_prose`. Each run is played once, after those before it.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from emulation.account import LocalAccount
from tests.support.stored.account import stored
from tests.support.stored.files import PAGE_OF, STORED, Json, plain, read, without_prose
from tests.support.stored.replay import Replay, Written

STEPS: list[Json] = read("history/steps.json")["steps"]
RUNS = [step["run"] for step in STEPS]
EACH_RUN = pytest.mark.parametrize("run", RUNS)

type Play = Callable[[str], Written]


@pytest.fixture(scope="module")
def play(account: LocalAccount) -> Iterator[Play]:
    """Give what a run has written, once it and all before it are played."""
    played: dict[str, Written] = {}
    with pytest.MonkeyPatch.context() as patch:
        replay = Replay(account, patch)

        def until(run: str) -> Written:
            for step in STEPS[len(played) : RUNS.index(run) + 1]:
                played[step["run"]] = replay.run(step)
            return played[run]

        yield until


def by_key(items: Json) -> dict[tuple[str, str], list[Json]]:
    """Give what became of each item, in its order."""
    found = defaultdict(list)
    for entry in items:
        ((operation, item),) = entry.items()
        key = item["pk"]["S"], item["sk"]["S"]
        found[key].append((operation, without_prose(plain(item))))
    return dict(found)


@EACH_RUN
def test_the_same_items_are_put_into_the_table_and_deleted(play: Play, run: str) -> None:
    now, before = by_key(play(run).items), by_key(stored(run, "items"))

    assert now.keys() == before.keys()
    assert now == before


@EACH_RUN
def test_the_same_objects_are_put_into_the_bucket(play: Play, run: str) -> None:
    now, before = play(run).objects, stored(run, "objects")

    assert [it["key"] for it in now] == [it["key"] for it in before]
    assert without_prose(now) == without_prose(before)


@EACH_RUN
def test_the_same_findings_are_sent_and_resolved(play: Play, run: str) -> None:
    def sent(findings: Json) -> list[Any]:
        return sorted(without_prose(findings), key=lambda it: (it["Id"], it["UpdatedAt"]))

    assert sent(play(run).findings) == sent(stored(run, "findings"))
    assert play(run).resolved == stored(run, "resolved")


@EACH_RUN
def test_the_same_is_told_to_programs_and_to_the_chat(play: Play, run: str) -> None:
    assert without_prose(play(run).published) == without_prose(stored(run, "published"))


@EACH_RUN
def test_the_functions_answer_and_hand_on_the_same(play: Play, run: str) -> None:
    assert without_prose(play(run).messages) == without_prose(stored(run, "messages"))


def test_the_page_shows_the_same_databases_in_the_same_states(play: Play) -> None:
    now = play(PAGE_OF).page or ""
    before = (STORED / f"history/{PAGE_OF}/report.html").read_text(encoding="utf-8")

    assert rows(now) == rows(before)
    assert len(rows(before)) == 9


def rows(page: str) -> list[tuple[str, ...]]:
    """Give of each database what the page filters by, and its name."""
    return re.findall(r'<tbody data-s="([^"]*)" data-o=(\d+)>.*?<bdi>(.*?)</bdi>', page, re.DOTALL)


def test_an_earlier_version_wrote_nothing_that_is_compared_with_nothing() -> None:
    """Else a renamed file would go unseen."""
    for kind in ("items", "objects", "findings", "resolved", "published", "messages"):
        assert any(stored(run, kind) for run in RUNS)
