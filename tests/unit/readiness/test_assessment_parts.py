"""What comes with the form: what is missing, the shares, the chances and the databases."""

import pytest

from rds_tls_audit.readiness.database_history import DatabaseHistory
from rds_tls_audit.readiness.out_of_scope_users import OutOfScopeUsers
from rds_tls_audit.readiness.status import ReadinessStatus
from tests.support.builders import database
from tests.unit.readiness.history_builder import absent, answer_for, day, forced, history, last_days


def test_without_planned_samples_nothing_is_known() -> None:
    given = answer_for(history(), samples_per_day=0)

    assert given.status is ReadinessStatus.NOT_KNOWN
    assert given.missing == ("orders-prod: no samples are planned",)
    assert {chance.probability for chance in given.miss_probabilities} == {1.0}


def test_what_is_missing_names_the_database_what_blocks_first() -> None:
    given = answer_for(
        history(database=database("old", engine_version="13.9"), days=last_days(opened=None)),
        history("short", days=last_days(3), proxied=True),
    )

    assert [text.split(": ")[0] for text in given.missing] == ["short", "short", "short", "old"]
    assert (
        absent(
            ("RDS Proxy", "3 of the last 35 days", "PostgreSQL 13 does not count"), *given.missing
        )
        == []
    )


def test_the_statistics_of_a_young_server_that_were_not_counted_are_named_by_days() -> None:
    given = answer_for(history(days=(day(1, opened=None), *last_days()[1:])))

    (missing,) = given.missing
    assert absent(("orders-prod: which part", "not counted on 1 day"), missing) == []


@pytest.mark.parametrize(
    ("histories", "share"),
    [
        pytest.param([history()], 0.75, id="one"),
        pytest.param(
            [history(), history("b", days=last_days(opened=10, seen=1))], 0.1, id="the-worst-counts"
        ),
        pytest.param(
            [history(), history("b", days=last_days(opened=None))], None, id="one-is-not-known"
        ),
        pytest.param([history(days=last_days(opened=0, seen=0))], 1.0, id="none-opened"),
        pytest.param([history(days=last_days(opened=5, seen=9))], 1.0, id="never-more-than-all"),
        pytest.param([history(days=last_days(resets=1))], None, id="reset"),
        pytest.param([history(days=())], None, id="never-sampled"),
        pytest.param([forced(), history("b")], 0.75, id="where-it-is-forced-it-does-not-matter"),
        pytest.param([], None, id="no-database"),
    ],
)
def test_the_share_of_opened_sessions_that_was_seen(
    histories: list[DatabaseHistory], share: float | None
) -> None:
    assert answer_for(*histories).share_seen == share


def test_the_chances_are_those_of_the_database_that_was_sampled_least() -> None:
    good = {one.pattern: one.probability for one in answer_for(history()).miss_probabilities}
    worse = {
        one.pattern: one.probability
        for one in answer_for(history(), history("b", days=last_days(5))).miss_probabilities
    }

    assert good["a pool that is always connected"] == 0
    assert good["10 seconds every night"] == pytest.approx(0.676, abs=0.01)
    assert all(worse[habit] >= missed for habit, missed in good.items())


def test_clients_that_were_not_remembered_are_counted() -> None:
    given = answer_for(history(overflow=3), history("b", overflow=4))

    assert given.clients_not_retained == 7


def test_every_database_that_it_would_touch_is_named() -> None:
    names = [f"db-{number}" for number in range(53)]

    given = answer_for(*map(history, names), outside=OutOfScopeUsers(names=("vault",), more=3))

    assert given.databases == (*names, "vault")
    assert given.databases_more == 3
