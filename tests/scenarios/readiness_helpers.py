"""Databases without plaintext clients, five weeks of samples, and the readiness in findings."""

from dataclasses import replace
from datetime import timedelta

from rds_tls_audit.fleet.database import Database
from rds_tls_audit.pipeline.messages import ProbedTarget
from rds_tls_audit.readiness.sampling.observed_client import client_key
from tests.scenarios.simulated_account import SimulatedAccount, readiness_in
from tests.support import builders
from tests.support.builders import GOOD, bad, cluster
from tests.unit.readiness.history_builder import last_days, tls_client

ORDERS, NEW = builders.database("orders-prod"), builders.database("new")
MEMBERS = [builders.database(f"ledger-{number}", cluster=cluster()) for number in (1, 2)]


def without_plaintext_clients(database: Database) -> ProbedTarget:
    """Build a database that does not force TLS but has no plaintext clients."""
    probed = bad(database)
    return replace(probed, observation=replace(probed.observation, sessions=GOOD.sessions))


def record_five_weeks_of_samples(account: SimulatedAccount, *databases: Database) -> None:
    """Record all planned samples of the last five weeks, without any plaintext client."""
    yesterday = account.now.date() - timedelta(days=1)
    client = tls_client()
    for database in databases:
        account.client_history.clients[database.resource_id] = {client_key(client): client}
        account.client_history.days[database.resource_id] = {
            day: replace(samples, day=day)
            for number, samples in enumerate(last_days())
            for day in (yesterday - timedelta(days=number),)
        }


def readiness_of(account: SimulatedAccount, database: Database) -> str | None:
    """Return the readiness in the finding of a database or of its cluster."""
    resource_id = database.cluster.resource_id if database.cluster else database.resource_id
    assert resource_id is not None
    return readiness_in(account.get_finding("force-ssl", resource_id))
