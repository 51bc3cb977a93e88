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
    history,
)

OLD = database(engine_version="14.9")
AURORA_16 = database("ledger-1", cluster=cluster(), engine_version="16.4")
AURORA_17 = database("ledger-1", cluster=cluster(), engine_version="17.4")


@pytest.mark.parametrize(
    ("upgraded", "group", "parts"),
    [
        pytest.param(
            history(database=OLD),
            DEFAULT_GROUP,
            ("PostgreSQL 15", "default group", "The upgrade itself forces TLS"),
            id="a-default-group",
        ),
        pytest.param(
            history(database=OLD),
            GROUP,
            ("PostgreSQL 15", "different parameter group than parameter group pg16", "to 0"),
            id="a-custom-group-stays-behind",
        ),
        pytest.param(
            history(database=AURORA_16),
            CLUSTER_GROUP,
            ("Aurora PostgreSQL 17",),
            id="aurora-16",
        ),
        pytest.param(
            history(database=OLD, force_ssl=None),
            GROUP,
            ("PostgreSQL 15", "this assessment applies"),
            id="value-not-read",
        ),
        pytest.param(
            history(database=database(engine_version="15.0")),
            GROUP,
            ("to any later version", "different parameter group", "unless you set it to 0"),
            id="turned-off-in-version-15",
        ),
        pytest.param(
            history(database=AURORA_17),
            CLUSTER_GROUP,
            ("to any later version", "cluster parameter group aurora16"),
            id="turned-off-in-aurora-17",
        ),
    ],
)
def test_an_upgrade_beyond_the_change_of_the_default_forces_tls(
    upgraded: DatabaseHistory, group: GroupKey, parts: tuple[str, ...]
) -> None:
    text = assess(upgraded, group=group).major_upgrade

    assert text is not None
    assert absent(parts, text) == []


@pytest.mark.parametrize(
    "histories",
    [
        pytest.param([history(database=OLD, force_ssl="1")], id="forced-already"),
        pytest.param(
            [history(database=database(engine_version="15.0"), force_ssl="1")], id="version-15"
        ),
        pytest.param([history(database=AURORA_17, force_ssl="1")], id="aurora-17"),
        pytest.param([history(database=database(engine_version="?"))], id="version-not-known"),
    ],
)
def test_an_upgrade_that_changes_nothing_is_not_described(
    histories: list[DatabaseHistory],
) -> None:
    assert assess(*histories).major_upgrade is None
