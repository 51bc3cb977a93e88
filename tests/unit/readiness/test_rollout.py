import pytest

from rds_tls_audit.fleet.configuration import GroupKey
from rds_tls_audit.readiness.database_history import DatabaseHistory
from tests.support.builders import cluster, database
from tests.unit.readiness.history_builder import (
    CLUSTER_GROUP,
    DEFAULT_GROUP,
    GROUP,
    absent,
    assess,
    forced,
    history,
    plaintext_client,
)

DEFAULT_CLUSTER_GROUP = GroupKey(name="default.aurora-postgresql16", of_cluster=True)
PENDING = database("orders-prod", apply_status="pending-reboot")


def member(name: str) -> DatabaseHistory:
    return history(name, database=database(name, cluster=cluster()))


@pytest.mark.parametrize(
    ("histories", "group", "number", "parts"),
    [
        pytest.param(
            [history()],
            GROUP,
            1,
            ("Set rds.force_ssl to 1 in parameter group pg16", "no reboot", "every database"),
            id="a-custom-group",
        ),
        pytest.param(
            [member("ledger-1")],
            CLUSTER_GROUP,
            1,
            ("cluster parameter group aurora16",),
            id="a-cluster-group",
        ),
        pytest.param(
            [history(), history("orders-2")],
            DEFAULT_GROUP,
            3,
            ("can't edit", "same family", "to orders-prod, orders-2", "reboot each instance"),
            id="a-default-group",
        ),
        pytest.param(
            [member("ledger-1"), member("ledger-2")],
            DEFAULT_CLUSTER_GROUP,
            3,
            ("DB cluster parameter group", "to ledger, and reboot every member"),
            id="a-default-group-of-a-cluster",
        ),
        pytest.param(
            [history(f"db-{number}") for number in range(7)],
            DEFAULT_GROUP,
            3,
            ("db-4 and 2 more",),
            id="many-databases",
        ),
        pytest.param(
            [history(database=PENDING), history("orders-2")],
            GROUP,
            2,
            ("Reboot orders-prod first", "Set rds.force_ssl to 1"),
            id="one-has-a-pending-reboot",
        ),
        pytest.param(
            [forced()], GROUP, 1, ("already 1 in parameter group pg16",), id="already-forced"
        ),
        pytest.param(
            [forced(plaintext_refused=None)],
            GROUP,
            1,
            ("already",),
            id="set-and-the-wire-is-unknown",
        ),
        pytest.param(
            [forced(), history("orders-2", force_ssl="1")],
            GROUP,
            2,
            ("Reboot orders-2", "maintenance window"),
            id="set-but-not-in-effect",
        ),
        pytest.param([forced()], DEFAULT_GROUP, 1, ("already",), id="a-default-group-that-forces"),
        pytest.param(
            [history(clients=(plaintext_client(),))],
            GROUP,
            2,
            ("First, configure TLS on each client", "global-bundle.pem", "Set rds.force_ssl to 1"),
            id="plaintext-clients-come-first",
        ),
        pytest.param(
            [history(force_ssl="1", clients=(plaintext_client(),))],
            GROUP,
            3,
            ("already", "First, configure TLS on each client", "Reboot orders-prod"),
            id="plaintext-clients-come-before-the-reboot-that-forces-tls",
        ),
        pytest.param(
            [history(days=())],
            GROUP,
            2,
            ("First, resolve the limitations", "Set rds.force_ssl to 1"),
            id="limitations-come-first",
        ),
    ],
)
def test_the_steps_to_force_tls(
    histories: list[DatabaseHistory], group: GroupKey, number: int, parts: tuple[str, ...]
) -> None:
    steps = assess(*histories, group=group).rollout.steps

    assert len(steps) == number
    assert absent(parts, *steps) == []


@pytest.mark.parametrize(
    ("database_history", "group", "parts"),
    [
        pytest.param(
            history(),
            GROUP,
            ("to 0 in parameter group pg16", "without a reboot"),
            id="a-custom-group",
        ),
        pytest.param(
            history(),
            DEFAULT_GROUP,
            ("to 0 in the new group", "without a reboot"),
            id="a-default-group",
        ),
        pytest.param(
            forced(),
            DEFAULT_GROUP,
            ("can't edit", "set rds.force_ssl to 0 there", "and reboot"),
            id="a-default-group-that-forces",
        ),
    ],
)
def test_how_to_roll_back_and_when_failures_appear(
    database_history: DatabaseHistory, group: GroupKey, parts: tuple[str, ...]
) -> None:
    rollback = assess(database_history, group=group).rollout.rollback

    assert absent((*parts, "continue", "only when it reconnects"), rollback) == []
