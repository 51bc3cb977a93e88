"""From real sessions to readiness: one plaintext client, connected in one of thirty samples."""

from dataclasses import replace
from datetime import timedelta

import pytest

from emulation.postgresql import PostgresServer
from rds_tls_audit.pipeline.messages import ProbedTarget
from tests.integration.postgres.clients import Connect, wait_for_clients
from tests.integration.postgres.probe_helpers import DATABASE, Prober, target
from tests.scenarios.simulated_account import DAY, SimulatedAccount
from tests.support.builders import bad

SAMPLES, AT_NIGHT = 30, 17
QUARTER = timedelta(minutes=15)


class WatchedDatabase:
    """A database on a real server, observed over simulated days."""

    def __init__(self, server: PostgresServer, prober: Prober) -> None:
        self.account = SimulatedAccount()
        self._prober, self._port = prober, server.port
        not_forced = bad(DATABASE).target.configuration
        self._target = replace(target(server.port), configuration=not_forced)

    def probe(self) -> None:
        """Let the next run observe the server as it is now."""
        observation = self._prober.probe(self._port)
        self.account.set_databases(ProbedTarget(target=self._target, observation=observation))

    def run_full(self) -> None:
        self.probe()
        self.account.run_full()

    def run_sample(self) -> None:
        self.account.advance_clock(QUARTER)
        self.probe()
        self.account.run_sample()


@pytest.fixture
def watched(server: PostgresServer, connect: Connect, prober: Prober) -> SimulatedAccount:
    """An account after a full run, thirty samples with a job in one, and two full runs."""
    connect("orders_app", "web", tls=True)
    database = WatchedDatabase(server, prober)
    database.run_full()
    for number in range(SAMPLES):
        if number == AT_NIGHT:
            job = connect("orders_app", "nightly-export")
            database.run_sample()
            job.close()
            wait_for_clients(server, 1)
        else:
            database.run_sample()
    database.account.advance_clock(DAY)
    database.run_full()
    database.account.advance_clock(DAY)
    database.run_full()
    return database.account


def test_a_client_seen_in_one_sample_must_be_checked_first_and_is_named(
    watched: SimulatedAccount,
) -> None:
    updates = [
        line for digest in watched.topics["digest"].digests for line in digest.readiness_changes
    ]
    finding = watched.get_finding("force-ssl", DATABASE.resource_id)
    report = watched.runs.reports[watched.runs.latest_full_run or ""]

    assert finding["ProductFields"]["rds-tls-audit/safe-to-force"] == "check-first"
    for text in (finding["Description"], updates[-1], report):
        assert "heck these first" in text
        assert "nightly-export" in text
        assert "(web)" not in text.partition("heck these first")[2]
    assert "check these first: orders_app (nightly-export) on " in finding["Description"]
    assert "unless it uses sslmode=allow" in finding["Description"]
    assert "would break" not in report
