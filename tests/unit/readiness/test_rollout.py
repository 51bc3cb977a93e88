import pytest

from rds_tls_audit.fleet.configuration import GroupKey
from rds_tls_audit.readiness.database_history import DatabaseHistory
from tests.support.builders import cluster, database
from tests.unit.readiness.history_builder import (
    CLUSTER_GROUP,
    DEFAULT_GROUP,
    GROUP,
    absent,
    answer_for,
    clear_client,
    forced,
    history,
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
            id="a-group-of-one's-own",
        ),
        pytest.param(
            [member("ledger-1")],
            CLUSTER_GROUP,
            1,
            ("cluster parameter group aurora16",),
            id="a-cluster's-group",
        ),
        pytest.param(
            [history(), history("orders-2")],
            DEFAULT_GROUP,
            3,
            ("cannot be changed", "same family", "Attach it to orders-prod, orders-2", "reboot"),
            id="a-default-group",
        ),
        pytest.param(
            [member("ledger-1"), member("ledger-2")],
            DEFAULT_CLUSTER_GROUP,
            3,
            ("DB cluster parameter group", "Attach it to ledger and reboot every member"),
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
            id="one-has-not-taken-the-group-up-yet",
        ),
        pytest.param(
            [forced()], GROUP, 1, ("is 1 in parameter group pg16 already",), id="already-forced"
        ),
        pytest.param(
            [forced(plaintext_refused=None)], GROUP, 1, ("already",), id="set-and-the-wire-not-seen"
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
            [history(sightings=(clear_client(),))],
            GROUP,
            2,
            ("First give each client in clear", "global-bundle.pem", "Set rds.force_ssl to 1"),
            id="clients-in-clear-come-first",
        ),
        pytest.param(
            [history(force_ssl="1", sightings=(clear_client(),))],
            GROUP,
            3,
            ("already", "First give each client in clear", "Reboot orders-prod"),
            id="clients-in-clear-come-before-the-reboot-that-forces",
        ),
        pytest.param(
            [history(days=())],
            GROUP,
            2,
            ("First get what is missing", "Set rds.force_ssl to 1"),
            id="what-is-missing-comes-first",
        ),
    ],
)
def test_how_to_turn_it_on(
    histories: list[DatabaseHistory], group: GroupKey, number: int, parts: tuple[str, ...]
) -> None:
    how = answer_for(*histories, group=group).how

    assert len(how) == number
    assert absent(parts, *how) == []


@pytest.mark.parametrize(
    ("one", "group", "parts"),
    [
        pytest.param(
            history(),
            GROUP,
            ("to 0 in parameter group pg16", "without a reboot"),
            id="a-group-of-one's-own",
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
            ("cannot be changed", "a group of one's own with rds.force_ssl 0", "and a reboot"),
            id="a-default-group-that-forces",
        ),
    ],
)
def test_how_to_turn_it_off_and_when_breakage_shows(
    one: DatabaseHistory, group: GroupKey, parts: tuple[str, ...]
) -> None:
    rollback = answer_for(one, group=group).rollback

    assert absent((*parts, "survive forcing", "connects anew"), rollback) == []
