"""The table of histories: what may be said of several databases, and of those not looked at."""

from dataclasses import replace

import pytest

from rds_tls_audit.fleet.configuration import GroupKey
from rds_tls_audit.fleet.database import TAG_SKIP
from rds_tls_audit.readiness.database_history import DatabaseHistory
from rds_tls_audit.readiness.status import ReadinessStatus
from tests.support.builders import cluster, database
from tests.unit.readiness.history_builder import (
    CLUSTER_GROUP,
    DEFAULT_GROUP,
    GROUP,
    answer_for,
    clear_client,
    history,
    last_days,
    wrong_with,
)

PAUSED = database("dev", instance_class="db.serverless", cluster=cluster(min_capacity=0))
SKIPPED = database("vault", tags={TAG_SKIP: "true"})


def member(name: str) -> DatabaseHistory:
    return history(name, database=database(name, cluster=cluster()))


@pytest.mark.parametrize(
    ("histories", "group", "form", "parts"),
    [
        pytest.param(
            [history(), history("orders-2")],
            GROUP,
            ReadinessStatus.SAFE,
            ("2 databases", "on each at least 3360", "on each at least 75 %"),
            id="a-shared-group",
        ),
        pytest.param(
            [member("ledger-1"), replace(member("ledger-2"), days=(), sightings=())],
            CLUSTER_GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("1 of its 2 databases", "ledger-2: no sample was taken"),
            id="one-member-of-a-cluster-not-seen",
        ),
        pytest.param(
            [member("ledger-1"), replace(member("ledger-2"), sightings=(clear_client(),))],
            CLUSTER_GROUP,
            ReadinessStatus.CHECK_FIRST,
            ("1 of its 2 databases",),
            id="two-databases-one-bad",
        ),
        pytest.param(
            [history(days=()), history("orders-2", sightings=(clear_client(),))],
            GROUP,
            ReadinessStatus.CHECK_FIRST,
            ("1 of its 2 databases",),
            id="a-client-in-clear-is-told-before-what-is-not-known",
        ),
        pytest.param(
            [history(database=database(engine_version="14.9"))],
            DEFAULT_GROUP,
            ReadinessStatus.SAFE,
            ("no client in clear", "3360 of 3360 planned samples"),
            id="a-default-group",
        ),
        pytest.param(
            [history(database=PAUSED, not_connected=PAUSED.reason_not_connectable(), days=())],
            CLUSTER_GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("dev: not connected to: it may be paused",),
            id="paused-serverless",
        ),
        pytest.param(
            [history(database=SKIPPED, not_connected=SKIPPED.reason_not_connectable())],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("vault: not connected to: the tag rds-tls-audit:skip is set",),
            id="skipped-since-today",
        ),
        pytest.param(
            [history(not_connected="no answer within the deadline", days=())],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("no answer within the deadline",),
            id="unreachable",
        ),
        pytest.param(
            [history(), history("billing", not_connected="its batch was lost")],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("1 of its 2 databases", "billing: its batch was lost"),
            id="one-whose-batch-was-lost",
        ),
        pytest.param(
            [
                *(history(f"short-{number}", days=last_days(3)) for number in (1, 2)),
                history("vault", database=SKIPPED, not_connected=SKIPPED.reason_not_connectable()),
                history("late", days=()),
                history(),
            ],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            (
                "4 of its 5 databases: short-1: sampled on 3 of the last 35 days; short-2: ",
                "; vault: not connected to: ",
                "; and 3 more",
            ),
            id="several-not-known-are-named",
        ),
    ],
)
def test_what_may_be_said_of_all_its_databases(
    histories: list[DatabaseHistory], group: GroupKey, form: ReadinessStatus, parts: tuple[str, ...]
) -> None:
    assert wrong_with(answer_for(*histories, group=group), form, parts) == []
