"""Replaying the runs of an earlier version stores the same data.

Prose may differ: see `without_prose`. Each run is replayed once, after the runs before it.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from emulation.account import EmulatedAccount
from tests.support.stored.account import stored
from tests.support.stored.files import PAGE_OF, STORED, Json, plain, read, without_prose
from tests.support.stored.replay import Replay, Written

STEPS: list[Json] = read("history/steps.json")["steps"]
RUNS = [step["run"] for step in STEPS]
EACH_RUN = pytest.mark.parametrize("run", RUNS)

type Play = Callable[[str], Written]


@pytest.fixture(scope="module")
def play(account: EmulatedAccount) -> Iterator[Play]:
    """Return what a run has written, after it and all earlier runs are replayed."""
    played: dict[str, Written] = {}
    with pytest.MonkeyPatch.context() as patch:
        replay = Replay(account, patch)

        def until(run: str) -> Written:
            for step in STEPS[len(played) : RUNS.index(run) + 1]:
                played[step["run"]] = replay.run(step)
            return played[run]

        yield until


def by_key(items: Json) -> dict[tuple[str, str], list[Json]]:
    """Return the operations on each item, in their order."""
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
def test_the_same_digests_are_published(play: Play, run: str) -> None:
    assert without_prose(play(run).published) == without_prose(stored(run, "published"))


@EACH_RUN
def test_the_functions_return_and_pass_on_the_same(play: Play, run: str) -> None:
    assert without_prose(play(run).messages) == without_prose(stored(run, "messages"))


def test_the_html_report_shows_the_same_databases_with_the_same_statuses(play: Play) -> None:
    now = play(PAGE_OF).page or ""
    before = (STORED / f"history/{PAGE_OF}/report.html").read_text(encoding="utf-8")

    assert rows(now) == rows(before)
    assert len(rows(before)) == 9


def rows(page: str) -> list[tuple[str, ...]]:
    """Return the filter values and the name of each database in the HTML report."""
    return re.findall(r'<tbody data-s="([^"]*)" data-o=(\d+)>.*?<bdi>(.*?)</bdi>', page, re.DOTALL)


def test_every_kind_of_stored_data_is_compared() -> None:
    """Otherwise, a renamed file would not be noticed."""
    for kind in ("items", "objects", "findings", "resolved", "published", "messages"):
        assert any(stored(run, kind) for run in RUNS)
