"""The status by the clients that were observed."""

from dataclasses import replace

import pytest

from rds_tls_audit.fleet.configuration import GroupKey
from rds_tls_audit.readiness.database_history import DatabaseHistory
from rds_tls_audit.readiness.sampling.observed_client import MAX_CLIENTS
from rds_tls_audit.readiness.status import ReadinessStatus
from tests.unit.readiness.history_builder import (
    GROUP,
    assess,
    gss_client,
    history,
    plaintext_client,
    problems_with,
    tls_client,
)

MANY = tuple(tls_client(network=f"10.0.{n // 256}.{n % 256}") for n in range(MAX_CLIENTS))


@pytest.mark.parametrize(
    ("histories", "group", "status", "parts"),
    [
        pytest.param(
            [history(clients=(tls_client(), plaintext_client()))],
            GROUP,
            ReadinessStatus.CHECK_FIRST,
            ("1 client ", "2026-02-28", "sslmode=allow"),
            id="allow-observed-without-tls-only",
        ),
        pytest.param(
            [history(clients=(plaintext_client(application="postgres.js"),))],
            GROUP,
            ReadinessStatus.CHECK_FIRST,
            ("1 client ", "its only database"),
            id="disable",
        ),
        pytest.param(
            [history(days=(), clients=(plaintext_client(),))],
            GROUP,
            ReadinessStatus.CHECK_FIRST,
            ("1 client ", "its only database"),
            id="without-tls-though-hardly-sampled",
        ),
        pytest.param(
            [history(clients=(plaintext_client(2, role="nightly_job", samples=2),))],
            GROUP,
            ReadinessStatus.CHECK_FIRST,
            ("2026-02-27",),
            id="a-daily-job-without-tls",
        ),
        pytest.param(
            [history(clients=(tls_client(2, role="nightly_job", samples=2),))],
            GROUP,
            ReadinessStatus.SAFE,
            ("no client", "1 database"),
            id="a-daily-job-with-tls",
        ),
        pytest.param(
            [history(clients=(plaintext_client(0.01),))],
            GROUP,
            ReadinessStatus.CHECK_FIRST,
            ("1 client ", "2026-03-01"),
            id="without-tls-today",
        ),
        pytest.param(
            [history(clients=(plaintext_client(35), tls_client()))],
            GROUP,
            ReadinessStatus.CHECK_FIRST,
            ("1 client ", "2026-01-25"),
            id="without-tls-35-days-ago",
        ),
        pytest.param(
            [history(clients=(plaintext_client(36), tls_client()))],
            GROUP,
            ReadinessStatus.SAFE,
            ("no client", "3360 of 3360"),
            id="without-tls-36-days-ago",
        ),
        pytest.param(
            [history(clients=(plaintext_client(35.25),))],
            GROUP,
            ReadinessStatus.CHECK_FIRST,
            ("1 client ", "2026-01-25"),
            id="without-tls-at-the-midnight-that-begins-the-window",
        ),
        pytest.param(
            [history(clients=(plaintext_client(35.2501), tls_client()))],
            GROUP,
            ReadinessStatus.SAFE,
            ("no client", "3360 of 3360"),
            id="without-tls-just-before-that-midnight",
        ),
        pytest.param(
            [history(clients=(plaintext_client(role=None, application=None, network=None),))],
            GROUP,
            ReadinessStatus.CHECK_FIRST,
            ("1 client ", "its only database"),
            id="without-tls-and-without-a-name",
        ),
        pytest.param(
            [history(clients=(tls_client(), plaintext_client(role="rdsadmin")))],
            GROUP,
            ReadinessStatus.SAFE,
            ("no client", "3360 of 3360"),
            id="rds-role-without-tls",
        ),
        pytest.param(
            [history(clients=(tls_client(), plaintext_client(role="rds_tls_reports")))],
            GROUP,
            ReadinessStatus.CHECK_FIRST,
            ("1 client ", "its only database"),
            id="a-customer-role-with-a-similar-name",
        ),
        pytest.param(
            [history(clients=(gss_client(),))],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("1 client", "GSS"),
            id="gss-only",
        ),
        pytest.param(
            [history(clients=(replace(gss_client(), role="rdsadmin"), tls_client()))],
            GROUP,
            ReadinessStatus.SAFE,
            ("no client", "3360 of 3360"),
            id="rds-role-with-gss",
        ),
        pytest.param(
            [history(clients=(gss_client(36), tls_client()))],
            GROUP,
            ReadinessStatus.SAFE,
            ("no client", "3360 of 3360"),
            id="gss-36-days-ago",
        ),
        pytest.param(
            [history(clients=(tls_client(role=None),))],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("the role of 1 client",),
            id="a-hidden-role",
        ),
        pytest.param(
            [history(clients=MANY, clients_not_retained=300)],
            GROUP,
            ReadinessStatus.SAFE,
            ("no client", "3360 of 3360"),
            id="more-clients-than-are-stored",
        ),
        pytest.param(
            [history(clients=(tls_client(application="PgBouncer", network="10.0.9.9"),))],
            GROUP,
            ReadinessStatus.SAFE,
            ("no client", "3360 of 3360"),
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
            [history(proxied=True, clients=(plaintext_client(),))],
            GROUP,
            ReadinessStatus.CHECK_FIRST,
            ("1 client ", "its only database"),
            id="a-proxy-and-a-client-without-tls",
        ),
    ],
)
def test_the_status_follows_the_observed_clients(
    histories: list[DatabaseHistory],
    group: GroupKey,
    status: ReadinessStatus,
    parts: tuple[str, ...],
) -> None:
    assert problems_with(assess(*histories, group=group), status, parts) == []
