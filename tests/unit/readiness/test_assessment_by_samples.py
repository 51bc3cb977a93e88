"""The table of histories: what may be said by how often somebody looked, and how much they saw."""

import pytest

from rds_tls_audit.fleet.configuration import GroupKey
from rds_tls_audit.readiness.database_history import DatabaseHistory
from rds_tls_audit.readiness.status import ReadinessStatus
from tests.support.builders import database
from tests.unit.readiness.history_builder import (
    GROUP,
    answer_for,
    day,
    history,
    last_days,
    wrong_with,
)

# 90 % of 3,360 planned samples are 3,024.
NINETY_PERCENT = tuple(day(ago, samples=87 if ago <= 14 else 86) for ago in range(1, 36))
ONE_LESS = (day(1, samples=86), *NINETY_PERCENT[1:])


@pytest.mark.parametrize(
    ("histories", "group", "form", "parts"),
    [
        pytest.param(
            [history()],
            GROUP,
            ReadinessStatus.SAFE,
            ("no client in clear", "35 days", "3360 of 3360 planned samples", "75 %"),
            id="all-seen-with-tls",
        ),
        pytest.param(
            [history(days=(*last_days(34), day(35, partial=1)))],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("1 look in 35 days did not show every session",),
            id="one-partial-view",
        ),
        pytest.param(
            [history(days=(*last_days(), day(36, partial=9)))],
            GROUP,
            ReadinessStatus.SAFE,
            ("every view complete",),
            id="partial-views-before-the-window",
        ),
        pytest.param(
            [history(days=last_days(34))],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("sampled on 34 of the last 35 days",),
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
            ("sampled on 34",),
            id="today-is-not-over",
        ),
        pytest.param(
            [history(days=tuple(day(ago) for ago in range(36, 71)))],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("no sample was taken on the 35 days before today",),
            id="sampling-stopped",
        ),
        pytest.param(
            [history(days=(*last_days(34), day(35, samples=0)))],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("sampled on 34",),
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
            ("3023 of 3360 planned samples taken (89 %)", "90 % are needed"),
            id="one-sample-less-than-90-percent",
        ),
        pytest.param(
            [history(days=(*last_days(20), *(day(n, samples=40) for n in range(21, 35)), day(35)))],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("planned samples taken",),
            id="half-of-the-samples-for-two-weeks",
        ),
        pytest.param(
            [history(days=(day(1, samples=2_000), *last_days(35, samples=50)[1:]))],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("1796 of 3360 planned samples taken (53 %)",),
            id="many-samples-on-one-day-do-not-make-up-for-others",
        ),
        pytest.param(
            [history(days=(day(1, resets=1), *last_days()[1:]))],
            GROUP,
            ReadinessStatus.SAFE,
            ("which part of the opened sessions was seen is not known",),
            id="statistics-reset",
        ),
        pytest.param(
            [history(days=(day(1, opened=None, resets=1), *last_days()[1:]))],
            GROUP,
            ReadinessStatus.SAFE,
            ("which part of the opened sessions was seen is not known",),
            id="a-major-upgrade-in-the-window",
        ),
        pytest.param(
            [history(database=database(engine_version="13.9"), days=last_days(opened=None))],
            GROUP,
            ReadinessStatus.SAFE,
            ("which part of the opened sessions was seen is not known",),
            id="before-14",
        ),
        pytest.param(
            [history(days=last_days(opened=0, seen=0), sightings=())],
            GROUP,
            ReadinessStatus.SAFE,
            ("no session was opened meanwhile",),
            id="no-session-at-all",
        ),
        pytest.param(
            [history(days=last_days(opened=1, seen=0), sightings=())],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("35 sessions opened between the samples, none of which was seen",),
            id="sessions-opened-and-none-seen",
        ),
        pytest.param(
            [history(days=last_days(opened=1_000, seen=1))],
            GROUP,
            ReadinessStatus.SAFE,
            ("less than 1 % of the opened sessions",),
            id="few-of-the-opened-sessions-seen",
        ),
        pytest.param(
            [history(days=(day(1, proxied=3), *last_days()[1:]))],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("orders-prod: an RDS Proxy targeted it in 3 looks of the last 35 days",),
            id="a-proxy-yesterday",
        ),
        pytest.param(
            [history(days=(*last_days(), day(36, proxied=96)))],
            GROUP,
            ReadinessStatus.SAFE,
            ("no client in clear",),
            id="a-proxy-before-the-window",
        ),
        pytest.param(
            [history(days=(), sightings=())],
            GROUP,
            ReadinessStatus.NOT_KNOWN,
            ("no sample was taken",),
            id="never-logged-in",
        ),
    ],
)
def test_what_may_be_said_by_how_often_somebody_looked(
    histories: list[DatabaseHistory], group: GroupKey, form: ReadinessStatus, parts: tuple[str, ...]
) -> None:
    assert wrong_with(answer_for(*histories, group=group), form, parts) == []
