"""Publish stores the observed clients; an error there does not affect the verdicts."""

import pytest

from rds_tls_audit.pipeline.run import RunKind
from tests.support.builders import bad, good, probe_result, run
from tests.unit.stages.publish_helpers import BILLING, FAILING, ORDERS, PublishHarness


@pytest.mark.parametrize("kind", RunKind)
def test_the_observed_clients_of_every_run_are_stored_by_database(
    publisher: PublishHarness, kind: RunKind
) -> None:
    publisher.publish(probe_result(run(kind), [bad(ORDERS), good(BILLING)]))

    assert {
        (resource_id, client.encryption.value)
        for resource_id, clients in publisher.client_history.clients.items()
        for client in clients.values()
    } == {(ORDERS.resource_id, "clear"), (BILLING.resource_id, "tls")}


def test_clients_that_cannot_be_stored_do_not_affect_the_verdicts(
    publisher: PublishHarness,
) -> None:
    publisher.client_history.unavailable = True

    result = publisher.publish(probe_result(run(), [bad(ORDERS)]))

    assert len(result.databases) == 1
    assert result.imported == len(FAILING)
    assert (result.not_remembered or "").startswith("StoreUnavailableError")
