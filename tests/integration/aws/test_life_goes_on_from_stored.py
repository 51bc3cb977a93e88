"""In an account that an earlier version audited, this version continues and repeats nothing."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from emulation.account import EmulatedAccount
from tests.support.stored.account import (
    empty,
    fill,
    findings_after,
    items_after,
    items_of,
    stored,
)
from tests.support.stored.files import Json, plain, read
from tests.support.stored.replay import Replay, Written

STEPS: Mapping[str, Json] = {it["run"]: it for it in read("history/steps.json")["steps"]}
QUIET = list(STEPS)[: list(STEPS).index("full-5") + 1]
"""The runs that were completed."""
INTERRUPTED = [*QUIET, "full-6"]
"""The last of these runs crashed while it delivered the digests."""
TODAY = "2026-03-09"
"""The day of the last of the quiet runs."""
TOPICS = 2
SOON = timedelta(hours=2)
"""Too early for the weekly heartbeat, and for the lock to expire after three hours."""
DAY = timedelta(days=1)
FIXED = ("plaintext-refused", "sessions-encrypted")
HUB = "eu-central-1/123456789012/rds-tls-audit"

type Items = Mapping[tuple[str, str], Json]
"""The items of the table, by key."""


@pytest.fixture
def replay(account: EmulatedAccount) -> Iterator[Replay]:
    with pytest.MonkeyPatch.context() as patch:
        yield Replay(account, patch)
    empty(account)


@pytest.fixture
def quiet(replay: Replay) -> Replay:
    fill(replay.account, QUIET)
    return replay


@pytest.fixture
def interrupted(replay: Replay) -> Replay:
    fill(replay.account, INTERRUPTED)
    return replay


def step(like: str, run: str, *, later: timedelta, **changes: object) -> Json:
    """Return a step like that of an earlier run, with another run id and some time later."""
    known = {key: it for key, it in STEPS[like].items() if key not in {"hub", "lost", "dies_at"}}
    at = datetime.fromisoformat(known["at"]) + later
    return {**known, "run": run, "at": at.isoformat(), **changes}


def items(replay: Replay) -> Items:
    return {key: plain(it) for key, it in items_of(replay.account).items()}


def before(prefix: str) -> Items:
    """Return the items after the quiet runs whose sort keys begin with this prefix."""
    left = items_after(QUIET)
    return {key: plain(it) for key, it in left.items() if key[1].startswith(prefix)}


def of(found: Items, prefix: str) -> Items:
    return {key: it for key, it in found.items() if key[1].startswith(prefix)}


def reported_changes(written: Written) -> Counter[tuple[str, str, str]]:
    """Count the changes in the JSON documents of the digests."""
    changes = [
        change
        for message in written.published
        if message["programs"]
        for change in message["document"]["changes"]
    ]
    return Counter((it["database"], it["check"], it["kind"]) for it in changes)


@dataclass(frozen=True)
class Outcome:
    """What a run has written, and the state after it."""

    written: Written
    items: Items
    findings: Mapping[str, Json]
    violations: Sequence[str]


@pytest.fixture(scope="class")
def next_run(account: EmulatedAccount) -> Iterator[Outcome]:
    fill(account, QUIET)
    with pytest.MonkeyPatch.context() as patch:
        replay = Replay(account, patch)
        written = replay.run(step("full-5", "full-next", later=SOON, opened=920))
    hub = account.hub
    yield Outcome(written, items(replay), dict(hub.findings), list(hub.violations))
    empty(account)


class TestWithoutChanges:
    def test_no_finding_is_sent_or_resolved_and_no_digest_is_published(
        self, next_run: Outcome
    ) -> None:
        written = next_run.written

        assert written.findings == written.resolved == written.published == []
        assert next_run.findings == findings_after(QUIET)
        assert next_run.violations == []

    def test_every_finding_state_is_continued(self, next_run: Outcome) -> None:
        states, now = before("check#"), of(next_run.items, "check#")

        assert len(states) > 20
        assert now.keys() == states.keys()
        for key, item in states.items():
            was, goes_on = item["state"], now[key]["state"]
            assert goes_on.keys() == was.keys()
            assert goes_on["observed_at"] >= was["observed_at"]
            for name in ("status", "fingerprint", "created_at", "updated_at", "archived", "answer"):
                assert goes_on[name] == was[name], (key, name)

    def test_the_samples_of_clients_are_continued(self, next_run: Outcome) -> None:
        clients, now = before("client#"), of(next_run.items, "client#")
        here = {key for key, it in clients.items() if it["client"]["last_seen"] > TODAY}

        assert here
        assert now.keys() == clients.keys()
        for key in here:
            was, goes_on = clients[key]["client"], now[key]["client"]
            assert goes_on["first_seen"] == was["first_seen"]
            assert goes_on["samples"] == was["samples"] + 1

    def test_the_current_day_of_samples_is_continued(self, next_run: Outcome) -> None:
        days, now = before("sampling#"), of(next_run.items, "sampling#")

        assert now.keys() == days.keys()
        assert all(now[key] == day for key, day in days.items() if not key[1].endswith(TODAY))
        today = "db#db-ORDERS-PROD", f"sampling#{TODAY}"
        more = now[today]["day"]["opened"] - days[today]["day"]["opened"]
        assert more == 920 - 900 - 1  # without the session of the audit

    def test_the_inventory_is_unchanged(self, next_run: Outcome) -> None:
        known = {key: it for key, it in before("").items() if key[0] == "resources"}

        assert {key: it for key, it in next_run.items.items() if key[0] == "resources"} == known
        closed = {key[1] for key, it in known.items() if it["known"]["closed"]}
        assert closed == {"db-REPORTING-PROD", "db-TEST-OLD"}

    def test_the_history_grows_by_one_run_and_the_html_report_shows_earlier_clients(
        self, next_run: Outcome
    ) -> None:
        assert len(of(next_run.items, "20")) == len(before("20")) + 1
        assert "nightly-export" in (next_run.written.page or "")  # last seen days ago


def test_a_sample_run_uses_the_stored_manifest_and_results(quiet: Replay) -> None:
    seen = step("full-5", "sample-next", later=SOON, asked={"kind": "sample"})

    written = quiet.run(seen | {"opened": 950})

    last = {it["key"]: it["body"] for it in stored("full-5", "objects") if "body" in it}
    results = [body for key, body in last.items() if "/results/" in key]
    logged_in = {it["id"] for body in results for it in body["databases"] if it["logged_in"]}
    manifest = written.body("runs/sample-next/batches.json")
    assert names(manifest) == logged_in
    assert len(logged_in) > 4
    assert written.published == written.findings == []
    days = [key for key in items(quiet) if key[1] == f"sampling#{TODAY}"]
    assert {key[0].removeprefix("db#db-").lower() for key in days} == logged_in


def test_a_fixed_failure_is_resolved_once(quiet: Replay) -> None:
    stands = findings_after(QUIET)
    named = step(
        "full-5",
        "named-next",
        later=SOON,
        asked={"databases": ["orders-prod"]},
        seen={"orders-prod": "good"},
    )

    first, again = quiet.run(named), quiet.run(named | {"run": "named-again"})

    fixed = {f"{HUB}/{check}/db-ORDERS-PROD" for check in FIXED}
    passing = [it for it in first.findings if it["Compliance"]["Status"] == "PASSED"]
    assert {it["Id"] for it in passing} == fixed
    for sent in passing:
        stood = stands[sent["Id"]]
        assert stood["Compliance"]["Status"] == "FAILED"
        assert sent["CreatedAt"] == stood["CreatedAt"]
        assert sent["UpdatedAt"] > stood["UpdatedAt"]
    resolved = {
        key: count for key, count in reported_changes(first).items() if key[2] == "resolved"
    }
    assert resolved == {("orders-prod", check, "resolved"): 1 for check in FIXED}
    assert {it["Id"] for it in first.resolved} == fixed
    assert again.findings == again.published == []
    assert quiet.account.hub.violations == []


class TestAfterACrashedRun:
    def test_its_lock_prevents_another_full_run_for_three_hours(self, interrupted: Replay) -> None:
        early = interrupted.run(step("full-6", "full-early", later=SOON))
        late = interrupted.run(step("full-6", "full-late", later=2 * SOON))

        assert early.messages[0]["answered"]["held_by"] == "full-6"
        assert early.items == []
        assert "skipped" not in late.messages[0]["answered"]

    def test_findings_in_flight_are_sent_again_and_reported_once(self, interrupted: Replay) -> None:
        left = items(interrupted)
        in_flight = {key: it["state"] for key, it in of(left, "check#").items() if is_in_flight(it)}
        waiting = [it["change"] for key, it in left.items() if key[0] == "untold"]
        assert in_flight
        assert waiting
        assert left["run", "topic#digest"]["progress"]["claims"]
        known = findings_after(INTERRUPTED)

        written = interrupted.run(step("full-6", "full-next", later=DAY))

        now, hub = items(interrupted), interrupted.account.hub
        assert not any(map(is_in_flight, of(now, "check#").values()))
        sent = {it["Id"]: it for it in written.findings}
        for (pk, sk), state in in_flight.items():
            finding = sent[f"{HUB}/{sk.removeprefix('check#')}/{pk.removeprefix('db#')}"]
            assert moment(finding["CreatedAt"]) == moment(state["created_at"])
            assert moment(finding["UpdatedAt"]) > moment(state["attempt"]["updated_at"])
        assert hub.violations == []
        assert known.keys() <= hub.findings.keys()
        counts = reported_changes(written)
        assert {(it["database"], it["check"], it["kind"]) for it in waiting} <= counts.keys()
        assert set(counts.values()) == {1}
        assert len(written.published) == TOPICS
        assert [key for key in now if key[0] == "untold"] == []
        assert now["run", "topic#digest"]["progress"]["claims"] == []

    def test_afterwards_nothing_is_reported_again(self, interrupted: Replay) -> None:
        interrupted.run(step("full-6", "full-next", later=DAY))

        written = interrupted.run(step("full-6", "full-after", later=2 * DAY))

        assert written.findings == written.published == []


def is_in_flight(item: Json) -> bool:
    return item["state"]["attempt"] is not None


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def names(manifest: Json) -> set[str]:
    return {target["database"]["id"] for batch in manifest for target in batch["targets"]}
