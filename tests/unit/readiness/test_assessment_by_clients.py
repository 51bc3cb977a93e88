"""The table of histories: what may be said by who was seen."""

from dataclasses import replace

import pytest

from rds_tls_audit.fleet.configuration import GroupKey
from rds_tls_audit.readiness.database_history import DatabaseHistory
from rds_tls_audit.readiness.sampling.observed_client import MAX_CLIENTS
from rds_tls_audit.readiness.status import ReadinessStatus
from tests.unit.readiness.history_builder import (
    GROUP,
    answer_for,
    clear_client,
    gss_client,
    history,
    tls_client,
    wrong_with,
)

MANY = tuple(tls_client(network=f"10.0.{n // 256}.{n % 256}") for n in range(MAX_CLIENTS))


@pytest.mark.parametrize(
    ("histories", "group", "form", "parts"),
    [
        pytest.param(
            [history(sightings=(tls_client(), clear_client()))],
            GROUP,
            ReadinessStatus.CHECK_FIRST,
            ("1 client seen in clear", "2026-02-28", "unless its own setting is allow"),
            id="allow-seen-in-clear-only",
        ),
        pytest.param(
            [history(sightings=(clear_client(application="postgres.js"),))],
            GROUP,
            ReadinessStatus.CHECK_FIRST,
            ("1 client seen in clear",),
            id="disable",
        ),
        pytest.param(
            [history(days=(), sightings=(clear_client(),))],
            GROUP,
            ReadinessStatus.CHECK_FIRST,
            ("1 client seen in clear",),
            id="in-clear-though-hardly-sampled",
        ),
        pytest.param(
            [history(sightings=(clear_client(2, role="nightly_job", samples=2),))],
            GROUP,
            ReadinessStatus.CHECK_FIRST,
            ("2026-02-27",),
            id="a-daily-job-in-clear",
        ),
        pytest.param(
            [history(sightings=(tls_client(2, role="nightly_job", samples=2),))],
            GROUP,
            ReadinessStatus.SAFE,
            ("no client in clear on 1 database",),
            id="a-daily-job-with-tls",
        ),
        pytest.param(
            [history(sightings=(clear_client(0.01),))],
            GROUP,
            ReadinessStatus.CHECK_FIRST,
            ("1 client seen in clear", "last on 2026-03-01"),
            id="in-clear-today",
        ),
        pytest.param(
            [history(sightings=(clear_client(35), tls_client()))],
            GROUP,
            ReadinessStatus.CHECK_FIRST,
            ("1 client seen in clear", "last on 2026-01-25"),
            id="in-clear-35-days-ago",
        ),
        pytest.param(
            [history(sightings=(clear_client(36), tls_client()))],
            GROUP,
            ReadinessStatus.SAFE,
            ("no client in clear",),
            id="in-clear-36-days-ago",
        ),
        pytest.param(
            [history(sightings=(clear_client(35.25),))],
            GROUP,
            ReadinessStatus.CHECK_FIRST,
            ("last on 2026-01-25",),
            id="in-clear-at-the-midnight-that-the-window-begins",
        ),
        pytest.param(
            [history(sightings=(clear_client(35.2501), tls_client()))],
            GROUP,
            ReadinessStatus.SAFE,
            ("no client in clear",),
            id="in-clear-just-before-that-midnight",
        ),
        pytest.param(
            [history(sightings=(clear_client(role=None, application=None, network=None),))],
            GROUP,
            ReadinessStatus.CHECK_FIRST,
            ("1 client seen in clear",),
            id="in-clear-whoever-it-is",
        ),
        pytest.param(
            [history(sightings=(tls_client(), clear_client(role="rdsadmin")))],
            GROUP,
            ReadinessStatus.SAFE,
            ("no client in clear",),
            id="rds-own-role-in-clear",
        ),
        pytest.param(
            [history(sightings=(tls_client(), clear_client(role="rds_tls_reports")))],
            GROUP,
            ReadinessStatus.CHECK_FIRST,
            ("1 client seen in clear",),
            id="a-customer's-role-that-starts-alike",
        ),
        pytest.param(
            [history(sightings=(gss_client(),))],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("1 client encrypted by GSS, which is not TLS",),
            id="gss-only",
        ),
        pytest.param(
            [history(sightings=(replace(gss_client(), role="rdsadmin"), tls_client()))],
            GROUP,
            ReadinessStatus.SAFE,
            ("no client in clear",),
            id="rds-own-role-with-gss",
        ),
        pytest.param(
            [history(sightings=(gss_client(36), tls_client()))],
            GROUP,
            ReadinessStatus.SAFE,
            ("no client in clear",),
            id="gss-36-days-ago",
        ),
        pytest.param(
            [history(sightings=(tls_client(role=None),))],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("the role of 1 client was hidden",),
            id="a-hidden-role",
        ),
        pytest.param(
            [history(sightings=MANY, overflow=300)],
            GROUP,
            ReadinessStatus.SAFE,
            ("no client in clear",),
            id="overflow",
        ),
        pytest.param(
            [history(sightings=(tls_client(application="PgBouncer", network="10.0.9.9"),))],
            GROUP,
            ReadinessStatus.SAFE,
            ("no client in clear",),
            id="a-pooler-with-tls",
        ),
        pytest.param(
            [history(proxied=True)],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("orders-prod: an RDS Proxy targets it",),
            id="a-proxy",
        ),
        pytest.param(
            [history(proxied=True, sightings=(clear_client(),))],
            GROUP,
            ReadinessStatus.CHECK_FIRST,
            ("1 client seen in clear",),
            id="a-proxy-and-a-client-in-clear",
        ),
    ],
)
def test_what_may_be_said_by_who_was_seen(
    histories: list[DatabaseHistory], group: GroupKey, form: ReadinessStatus, parts: tuple[str, ...]
) -> None:
    assert wrong_with(answer_for(*histories, group=group), form, parts) == []
