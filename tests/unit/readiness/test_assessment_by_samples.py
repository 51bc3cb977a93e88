"""The status by the number of samples, and by what they showed."""

import pytest

from rds_tls_audit.fleet.configuration import GroupKey
from rds_tls_audit.readiness.database_history import DatabaseHistory
from rds_tls_audit.readiness.status import ReadinessStatus
from tests.support.builders import database
from tests.unit.readiness.history_builder import (
    GROUP,
    assess,
    day,
    history,
    last_days,
    problems_with,
)

# 90 % of 3,360 planned samples are 3,024.
NINETY_PERCENT = tuple(day(ago, samples=87 if ago <= 14 else 86) for ago in range(1, 36))
ONE_LESS = (day(1, samples=86), *NINETY_PERCENT[1:])


@pytest.mark.parametrize(
    ("histories", "group", "status", "parts"),
    [
        pytest.param(
            [history()],
            GROUP,
            ReadinessStatus.SAFE,
            ("no client", "35 days", "3360 of 3360", "75%"),
            id="every-client-with-tls",
        ),
        pytest.param(
            [history(days=(*last_days(34), day(35, partial=1)))],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("1 probe ", "did not show every session"),
            id="one-partial-view",
        ),
        pytest.param(
            [history(days=(*last_days(), day(36, partial=9)))],
            GROUP,
            ReadinessStatus.SAFE,
            ("all sessions visible",),
            id="partial-views-before-the-window",
        ),
        pytest.param(
            [history(days=last_days(34))],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("sampled on only 34 of the last 35 days",),
            id="34-days",
        ),
        pytest.param(
            [history(days=last_days(35))],
            GROUP,
            ReadinessStatus.SAFE,
            ("3360 of 3360",),
            id="35-days",
        ),
        pytest.param(
            [history(days=(day(0), *last_days(34)))],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("sampled on only 34",),
            id="today-is-not-over",
        ),
        pytest.param(
            [history(days=tuple(day(ago) for ago in range(36, 71)))],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("no sample was taken in the 35 days before today",),
            id="sampling-stopped",
        ),
        pytest.param(
            [history(days=(*last_days(34), day(35, samples=0)))],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("sampled on only 34",),
            id="a-day-without-a-sample",
        ),
        pytest.param(
            [history(days=NINETY_PERCENT)],
            GROUP,
            ReadinessStatus.SAFE,
            ("3024 of 3360",),
            id="90-percent-of-the-samples",
        ),
        pytest.param(
            [history(days=ONE_LESS)],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("3023 of 3360", "89%", "90%"),
            id="one-sample-less-than-90-percent",
        ),
        pytest.param(
            [history(days=(*last_days(20), *(day(n, samples=40) for n in range(21, 35)), day(35)))],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("2576 of 3360",),
            id="half-of-the-samples-for-two-weeks",
        ),
        pytest.param(
            [history(days=(day(1, samples=2_000), *last_days(35, samples=50)[1:]))],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("1796 of 3360", "53%"),
            id="many-samples-on-one-day-do-not-make-up-for-others",
        ),
        pytest.param(
            [history(days=(day(1, resets=1), *last_days()[1:]))],
            GROUP,
            ReadinessStatus.SAFE,
            ("an unknown share of the opened sessions",),
            id="statistics-reset",
        ),
        pytest.param(
            [history(days=(day(1, opened=None, resets=1), *last_days()[1:]))],
            GROUP,
            ReadinessStatus.SAFE,
            ("an unknown share of the opened sessions",),
            id="a-major-upgrade-in-the-window",
        ),
        pytest.param(
            [history(database=database(engine_version="13.9"), days=last_days(opened=None))],
            GROUP,
            ReadinessStatus.SAFE,
            ("an unknown share of the opened sessions",),
            id="before-14",
        ),
        pytest.param(
            [history(days=last_days(opened=0, seen=0), clients=())],
            GROUP,
            ReadinessStatus.SAFE,
            ("no session opened",),
            id="no-session-at-all",
        ),
        pytest.param(
            [history(days=last_days(opened=1, seen=0), clients=())],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("35 sessions", "no sample observed any"),
            id="sessions-opened-and-none-observed",
        ),
        pytest.param(
            [history(days=last_days(opened=1_000, seen=1))],
            GROUP,
            ReadinessStatus.SAFE,
            ("less than 1% of the opened sessions",),
            id="few-of-the-opened-sessions-observed",
        ),
        pytest.param(
            [history(days=(day(1, proxied=3), *last_days()[1:]))],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("orders-prod: an RDS Proxy", "3 probes in the last 35 days"),
            id="a-proxy-yesterday",
        ),
        pytest.param(
            [history(days=(*last_days(), day(36, proxied=96)))],
            GROUP,
            ReadinessStatus.SAFE,
            ("no client", "3360 of 3360"),
            id="a-proxy-before-the-window",
        ),
        pytest.param(
            [history(days=(), clients=())],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("no sample was taken",),
            id="never-logged-in",
        ),
    ],
)
def test_the_status_follows_the_samples(
    histories: list[DatabaseHistory],
    group: GroupKey,
    status: ReadinessStatus,
    parts: tuple[str, ...],
) -> None:
    assert problems_with(assess(*histories, group=group), status, parts) == []
