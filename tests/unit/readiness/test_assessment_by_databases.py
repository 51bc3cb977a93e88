"""The status of several databases, and of databases that can't be sampled."""

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
    assess,
    history,
    last_days,
    plaintext_client,
    problems_with,
)

PAUSED = database("dev", instance_class="db.serverless", cluster=cluster(min_capacity=0))
SKIPPED = database("vault", tags={TAG_SKIP: "true"})


def member(name: str) -> DatabaseHistory:
    return history(name, database=database(name, cluster=cluster()))


@pytest.mark.parametrize(
    ("histories", "group", "status", "parts"),
    [
        pytest.param(
            [history(), history("orders-2")],
            GROUP,
            ReadinessStatus.SAFE,
            ("2 databases, each", "at least 3360", "at least 75%"),
            id="a-shared-group",
        ),
        pytest.param(
            [member("ledger-1"), replace(member("ledger-2"), days=(), clients=())],
            CLUSTER_GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("1 of its 2 databases", "ledger-2: no sample was taken"),
            id="one-member-of-a-cluster-never-sampled",
        ),
        pytest.param(
            [member("ledger-1"), replace(member("ledger-2"), clients=(plaintext_client(),))],
            CLUSTER_GROUP,
            ReadinessStatus.CHECK_FIRST,
            ("1 of its 2 databases",),
            id="two-databases-one-with-a-plaintext-client",
        ),
        pytest.param(
            [history(days=()), history("orders-2", clients=(plaintext_client(),))],
            GROUP,
            ReadinessStatus.CHECK_FIRST,
            ("1 of its 2 databases",),
            id="a-client-without-tls-comes-before-missing-evidence",
        ),
        pytest.param(
            [history(database=database(engine_version="14.9"))],
            DEFAULT_GROUP,
            ReadinessStatus.SAFE,
            ("no client", "3360 of 3360"),
            id="a-default-group",
        ),
        pytest.param(
            [history(database=PAUSED, not_sampled=PAUSED.reason_not_connectable(), days=())],
            CLUSTER_GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("dev: the probe did not connect: the database may be paused",),
            id="paused-serverless",
        ),
        pytest.param(
            [history(database=SKIPPED, not_sampled=SKIPPED.reason_not_connectable())],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("vault: the probe did not connect: the tag rds-tls-audit:skip is set",),
            id="skipped-since-today",
        ),
        pytest.param(
            [history(not_sampled="no answer within the deadline", days=())],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("no answer within the deadline",),
            id="unreachable",
        ),
        pytest.param(
            [history(), history("billing", not_sampled="its batch failed")],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("1 of its 2 databases", "billing: its batch failed"),
            id="one-without-a-result",
        ),
        pytest.param(
            [
                *(history(f"short-{number}", days=last_days(3)) for number in (1, 2)),
                history("vault", database=SKIPPED, not_sampled=SKIPPED.reason_not_connectable()),
                history("late", days=()),
                history(),
            ],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            (
                "4 of its 5 databases (short-1: it was sampled on only 3 of the last 35 days; ",
                "; short-2: ",
                "; vault: the probe did not connect: ",
                "; and 3 more",
            ),
            id="several-not-known-are-named",
        ),
    ],
)
def test_the_status_follows_the_least_ready_database(
    histories: list[DatabaseHistory],
    group: GroupKey,
    status: ReadinessStatus,
    parts: tuple[str, ...],
) -> None:
    assert problems_with(assess(*histories, group=group), status, parts) == []
