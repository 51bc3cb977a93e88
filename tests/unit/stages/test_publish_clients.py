"""Publish remembers whoever was seen; where it cannot, that keeps no verdict back."""

import pytest

from rds_tls_audit.pipeline.run import RunKind
from tests.support.builders import bad, evidence, good, run
from tests.unit.stages.publish_helpers import BILLING, FAILING, ORDERS, World


@pytest.mark.parametrize("kind", RunKind)
def test_whoever_is_seen_in_any_run_is_remembered_by_the_database(
    world: World, kind: RunKind
) -> None:
    world.publish(evidence(run(kind), [bad(ORDERS), good(BILLING)]))

    assert {
        (resource_id, client.encryption.value)
        for resource_id, clients in world.sightings.clients.items()
        for client in clients.values()
    } == {(ORDERS.resource_id, "clear"), (BILLING.resource_id, "tls")}


def test_clients_that_cannot_be_remembered_keep_no_verdict_from_the_report(world: World) -> None:
    world.sightings.away = True

    result = world.publish(evidence(run(), [bad(ORDERS)]))

    assert len(result.databases) == 1
    assert result.imported == len(FAILING)
    assert (result.not_remembered or "").startswith("LostError")
