"""The table of histories: what may be said where TLS is forced already, or may be."""

import pytest

from rds_tls_audit.fleet.configuration import GroupKey
from rds_tls_audit.readiness.database_history import DatabaseHistory
from rds_tls_audit.readiness.status import ReadinessStatus
from tests.support.builders import database
from tests.unit.readiness.history_builder import (
    GROUP,
    answer_for,
    clear_client,
    forced,
    history,
    last_days,
    wrong_with,
)

PENDING = database("orders-2", apply_status="pending-reboot")


@pytest.mark.parametrize(
    ("histories", "group", "form", "parts"),
    [
        pytest.param(
            [forced()],
            GROUP,
            ReadinessStatus.ALREADY_FORCED,
            ("rds.force_ssl is 1 in parameter group pg16", "its one database"),
            id="forced",
        ),
        pytest.param(
            [forced(sightings=(clear_client(),))],
            GROUP,
            ReadinessStatus.ALREADY_FORCED,
            ("1 client seen in clear", "until its client connects anew"),
            id="forced-and-a-client-in-clear-from-before",
        ),
        pytest.param(
            [history(force_ssl="1", plaintext_refused=False)],
            GROUP,
            ReadinessStatus.SAFE,
            ("set, not in effect", "accepted by its one database"),
            id="forced-but-the-wire-accepts",
        ),
        pytest.param(
            [history(force_ssl="1", sightings=(clear_client(),))],
            GROUP,
            ReadinessStatus.CHECK_FIRST,
            ("set, not in effect", "1 client"),
            id="forced-but-the-wire-accepts-a-client-in-clear",
        ),
        pytest.param(
            [forced(plaintext_refused=None)],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("configured so, not confirmed", "no sample was taken"),
            id="forced-but-the-wire-was-not-seen",
        ),
        pytest.param(
            [forced(), history("orders-2", force_ssl="1", days=last_days(3))],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("too little is known of 1 of its 2 databases: orders-2: sampled on 3",),
            id="forced-on-one-of-two",
        ),
        pytest.param(
            [forced(sightings=(clear_client(),)), history("orders-2", force_ssl="1")],
            GROUP,
            ReadinessStatus.SAFE,
            ("no client in clear on 1 database",),
            id="where-it-is-forced-nothing-changes",
        ),
        pytest.param(
            [history(plaintext_refused=True)],
            GROUP,
            ReadinessStatus.SAFE,
            ("no client in clear",),
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
            ("set, not in effect", "accepted by 1 of its 2 databases", "orders-2: no sample"),
            id="forced-but-one-waits-for-its-reboot",
        ),
    ],
)
def test_what_may_be_said_by_what_is_configured_and_in_effect(
    histories: list[DatabaseHistory], group: GroupKey, form: ReadinessStatus, parts: tuple[str, ...]
) -> None:
    assert wrong_with(answer_for(*histories, group=group), form, parts) == []
