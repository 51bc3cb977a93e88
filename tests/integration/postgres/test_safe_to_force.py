"""From real sessions to the answer: one client in clear, connected in one of thirty samples."""

from dataclasses import replace
from datetime import timedelta

import pytest

from emulation.postgresql import PostgresServer
from rds_tls_audit.pipeline.messages import ProbedTarget
from tests.integration.postgres.clients import Connect, wait_for_clients
from tests.integration.postgres.probe_helpers import DATABASE, Prober, target
from tests.scenarios.simulated_account import DAY, World
from tests.support.builders import bad

SAMPLES, AT_NIGHT = 30, 17
QUARTER = timedelta(minutes=15)


class Watch:
    """A database of a real server over simulated days."""

    def __init__(self, server: PostgresServer, eye: Prober) -> None:
        self.world = World()
        self._eye, self._port = eye, server.port
        not_forced = bad(DATABASE).target.configuration
        self._target = replace(target(server.port), configuration=not_forced)

    def look(self) -> None:
        """Let the next run see what the server shows now."""
        observation = self._eye.look(self._port)
        self.world.put(ProbedTarget(target=self._target, observation=observation))

    def full(self) -> None:
        self.look()
        self.world.full()

    def sample(self) -> None:
        self.world.later(QUARTER)
        self.look()
        self.world.sample()


@pytest.fixture
def watched(server: PostgresServer, connect: Connect, eye: Prober) -> World:
    """Give the world after a full run, thirty samples with a job in one, and a full run."""
    connect("orders_app", "web", tls=True)
    watch = Watch(server, eye)
    watch.full()
    for number in range(SAMPLES):
        if number == AT_NIGHT:
            job = connect("orders_app", "nightly-export")
            watch.sample()
            job.close()
            wait_for_clients(server, 1)
        else:
            watch.sample()
    watch.world.later(DAY)
    watch.full()
    watch.world.later(DAY)
    watch.full()
    return watch.world


def test_it_is_to_be_checked_first_and_is_named(watched: World) -> None:
    told = [line for letter in watched.topics["digest"].letters for line in letter.answers]
    finding = watched.finding("force-ssl", DATABASE.resource_id)
    page = watched.runs.pages[watched.runs.last or ""]

    assert finding["ProductFields"]["rds-tls-audit/safe-to-force"] == "check-first"
    for text in (finding["Description"], told[-1], page):
        assert "heck these first" in text
        assert "nightly-export" in text
        assert "(web)" not in text.partition("heck these first")[2]
    assert "check these first: orders_app (nightly-export) on " in finding["Description"]
    assert "unless its own setting is allow" in finding["Description"]
    assert "would break" not in page
