"""What an assessment has beside its status: limitations, confidence, and databases."""

import pytest

from rds_tls_audit.readiness.assessment import ReadinessAssessment
from rds_tls_audit.readiness.database_history import DatabaseHistory
from rds_tls_audit.readiness.out_of_scope_users import OutOfScopeUsers
from rds_tls_audit.readiness.status import ReadinessStatus
from rds_tls_audit.readiness.truncated import Truncated
from tests.support.builders import database
from tests.unit.readiness.history_builder import absent, assess, day, forced, history, last_days


def test_without_planned_samples_nothing_is_known() -> None:
    assessment = assess(history(), samples_per_day=0)

    assert assessment.status is ReadinessStatus.NOT_KNOWN
    assert len(assessment.limitations.shown) == 1
    assert {miss.probability for miss in assessment.confidence.miss_probabilities} == {1.0}


def test_blocking_limitations_come_first_and_each_names_its_database() -> None:
    assessment = assess(
        history(database=database("old", engine_version="13.9"), days=last_days(opened=None)),
        history("short", days=last_days(3), proxied=True),
    )

    assert [text.split(": ")[0] for text in assessment.limitations.shown] == [
        "short",
        "short",
        "short",
        "old",
    ]
    assert (
        absent(
            ("RDS Proxy", "3 of the last 35 days", "PostgreSQL 13"), *assessment.limitations.shown
        )
        == []
    )


def test_days_on_which_a_current_server_did_not_count_sessions_are_counted() -> None:
    assessment = assess(history(days=(day(1, opened=None), *last_days()[1:])))

    (limitation,) = assessment.limitations.shown
    assert absent(("orders-prod: ", "not counted on 1 day"), limitation) == []


@pytest.mark.parametrize(
    ("histories", "share"),
    [
        pytest.param([history()], 0.75, id="one"),
        pytest.param(
            [history(), history("b", days=last_days(opened=10, seen=1))],
            0.1,
            id="the-lowest-counts",
        ),
        pytest.param(
            [history(), history("b", days=last_days(opened=None))], None, id="one-is-unknown"
        ),
        pytest.param([history(days=last_days(opened=0, seen=0))], 1.0, id="none-opened"),
        pytest.param([history(days=last_days(opened=5, seen=9))], 1.0, id="never-more-than-all"),
        pytest.param([history(days=last_days(resets=1))], None, id="reset"),
        pytest.param([history(days=())], None, id="never-sampled"),
        pytest.param(
            [forced(), history("b")], 0.75, id="a-database-that-already-forces-tls-does-not-count"
        ),
        pytest.param([], None, id="no-database"),
    ],
)
def test_the_share_of_opened_sessions_that_was_observed(
    histories: list[DatabaseHistory], share: float | None
) -> None:
    assert assess(*histories).confidence.share_seen == share


def probabilities(assessment: ReadinessAssessment) -> dict[str, float]:
    return {miss.pattern: miss.probability for miss in assessment.confidence.miss_probabilities}


def test_the_miss_probabilities_are_those_of_the_database_with_the_fewest_samples() -> None:
    well_sampled = probabilities(assess(history()))
    with_a_worse = probabilities(assess(history(), history("b", days=last_days(5))))

    assert well_sampled["a pool that is always connected"] == 0
    assert well_sampled["10 seconds every night"] == pytest.approx(0.676, abs=0.01)
    assert all(with_a_worse[pattern] >= missed for pattern, missed in well_sampled.items())


def test_clients_that_were_not_stored_are_counted() -> None:
    assessment = assess(history(clients_not_retained=3), history("b", clients_not_retained=4))

    assert assessment.clients_not_retained == 7


def test_every_affected_database_is_named() -> None:
    names = [f"db-{number}" for number in range(53)]

    assessment = assess(
        *map(history, names), out_of_scope=OutOfScopeUsers(names=("vault",), more=3)
    )

    assert assessment.databases == Truncated(shown=(*names, "vault"), more=3)
