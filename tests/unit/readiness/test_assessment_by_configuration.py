"""The status by what is configured and in effect."""

import pytest

from rds_tls_audit.fleet.configuration import GroupKey
from rds_tls_audit.readiness.database_history import DatabaseHistory
from rds_tls_audit.readiness.status import ReadinessStatus
from tests.support.builders import database
from tests.unit.readiness.history_builder import (
    GROUP,
    assess,
    forced,
    history,
    last_days,
    plaintext_client,
    problems_with,
)

PENDING = database("orders-2", apply_status="pending-reboot")


@pytest.mark.parametrize(
    ("histories", "group", "status", "parts"),
    [
        pytest.param(
            [forced()],
            GROUP,
            ReadinessStatus.ALREADY_FORCED,
            ("rds.force_ssl is 1 in parameter group pg16", "its only database"),
            id="forced",
        ),
        pytest.param(
            [forced(clients=(plaintext_client(),))],
            GROUP,
            ReadinessStatus.ALREADY_FORCED,
            ("1 client ", "until its client reconnects"),
            id="forced-and-a-client-without-tls-from-before",
        ),
        pytest.param(
            [history(force_ssl="1", plaintext_refused=False)],
            GROUP,
            ReadinessStatus.SAFE,
            ("not in effect", "its only database"),
            id="forced-but-the-wire-accepts",
        ),
        pytest.param(
            [history(force_ssl="1", clients=(plaintext_client(),))],
            GROUP,
            ReadinessStatus.CHECK_FIRST,
            ("not in effect", "1 client "),
            id="forced-but-the-wire-accepts-a-client-without-tls",
        ),
        pytest.param(
            [forced(plaintext_refused=None)],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("not confirmed to be in effect", "no sample was taken"),
            id="forced-but-the-wire-is-unknown",
        ),
        pytest.param(
            [forced(), history("orders-2", force_ssl="1", days=last_days(3))],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("1 of its 2 databases", "(orders-2: it was sampled on only 3"),
            id="forced-on-one-of-two",
        ),
        pytest.param(
            [forced(clients=(plaintext_client(),)), history("orders-2", force_ssl="1")],
            GROUP,
            ReadinessStatus.SAFE,
            ("no client", "(1 database"),
            id="a-database-that-already-forces-tls-does-not-count",
        ),
        pytest.param(
            [history(plaintext_refused=True)],
            GROUP,
            ReadinessStatus.SAFE,
            ("no client", "3360 of 3360"),
            id="refused-but-not-configured",
        ),
        pytest.param(
            [history(force_ssl=None)],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("no usable value of rds.force_ssl",),
            id="unreadable-group",
        ),
        pytest.param(
            [history(force_ssl="on")],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("no usable value",),
            id="a-value-that-is-neither",
        ),
        pytest.param(
            [forced(), history("orders-2", database=PENDING, force_ssl="1", days=())],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("not in effect: 1 of its 2 databases", "(orders-2: no sample"),
            id="forced-but-one-waits-for-its-reboot",
        ),
    ],
)
def test_the_status_follows_what_is_configured_and_in_effect(
    histories: list[DatabaseHistory],
    group: GroupKey,
    status: ReadinessStatus,
    parts: tuple[str, ...],
) -> None:
    assert problems_with(assess(*histories, group=group), status, parts) == []
