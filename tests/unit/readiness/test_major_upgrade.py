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
    history,
)

OLD = database(engine_version="14.9")
AURORA_16 = database("ledger-1", cluster=cluster(), engine_version="16.4")
AURORA_17 = database("ledger-1", cluster=cluster(), engine_version="17.4")


@pytest.mark.parametrize(
    ("one", "group", "parts"),
    [
        pytest.param(
            history(database=OLD),
            DEFAULT_GROUP,
            ("PostgreSQL 15", "default group", "the upgrade itself forces TLS"),
            id="a-default-group",
        ),
        pytest.param(
            history(database=OLD),
            GROUP,
            ("PostgreSQL 15", "another parameter group than parameter group pg16", "set to 0"),
            id="a-group-of-one's-own-stays-behind",
        ),
        pytest.param(
            history(database=AURORA_16),
            CLUSTER_GROUP,
            ("Aurora PostgreSQL 17",),
            id="aurora-16",
        ),
        pytest.param(
            history(database=OLD, force_ssl=None), GROUP, ("the same answer",), id="value-not-read"
        ),
        pytest.param(
            history(database=database(engine_version="15.0")),
            GROUP,
            ("to any later version", "another parameter group", "unless it is set to 0"),
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
def test_an_upgrade_over_the_change_of_the_default_forces_tls(
    one: DatabaseHistory, group: GroupKey, parts: tuple[str, ...]
) -> None:
    said = answer_for(one, group=group).upgrade

    assert said is not None
    assert absent(parts, said) == []


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
def test_where_an_upgrade_changes_nothing_nothing_is_said(
    histories: list[DatabaseHistory],
) -> None:
    assert answer_for(*histories).upgrade is None
