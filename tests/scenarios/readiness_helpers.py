"""How these tests let a full run answer: a quiet database, sampled for five weeks."""

from dataclasses import replace
from datetime import timedelta

from rds_tls_audit.fleet.database import Database
from rds_tls_audit.pipeline.messages import ProbedTarget
from rds_tls_audit.readiness.sampling.observed_client import client_key
from tests.scenarios.simulated_account import World, said
from tests.support.builders import GOOD, bad, cluster, database
from tests.unit.readiness.history_builder import last_days, tls_client

ORDERS, NEW = database("orders-prod"), database("new")
MEMBERS = [database(f"ledger-{number}", cluster=cluster()) for number in (1, 2)]


def quiet(of: Database) -> ProbedTarget:
    """A database that does not force TLS, and where nobody is in clear."""
    open_to_all = bad(of)
    observation = replace(open_to_all.observation, sessions=GOOD.sessions)
    return replace(open_to_all, observation=observation)


def sampled(world: World, *databases: Database) -> None:
    """Let every sample of the last five weeks have been taken, and nobody seen in clear."""
    yesterday = world.now.date() - timedelta(days=1)
    client = tls_client()
    for one in databases:
        world.sightings.clients[one.resource_id] = {client_key(client): client}
        world.sightings.days[one.resource_id] = {
            day: replace(it, day=day)
            for number, it in enumerate(last_days())
            for day in (yesterday - timedelta(days=number),)
        }


def answer_of(world: World, of: Database) -> str | None:
    """Give the answer that the finding of a database, or of its cluster, carries."""
    subject = of.cluster.resource_id if of.cluster else of.resource_id
    assert subject is not None
    return said(world.finding("force-ssl", subject))
