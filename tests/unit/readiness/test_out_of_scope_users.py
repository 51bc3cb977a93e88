"""Who else uses the group, where nobody looked: then it is not known, whoever was looked at."""

import pytest

from rds_tls_audit.readiness.database_history import DatabaseHistory
from rds_tls_audit.readiness.out_of_scope_users import OutOfScopeUsers
from rds_tls_audit.readiness.status import ReadinessStatus
from tests.unit.readiness.history_builder import (
    DEFAULT_GROUP,
    absent,
    answer_for,
    clear_client,
    forced,
    history,
)


@pytest.mark.parametrize(
    ("one", "outside", "form", "parts"),
    [
        pytest.param(
            history(),
            OutOfScopeUsers(names=("vault",)),
            ReadinessStatus.NOT_KNOWN,
            ("1 of its 2 databases: vault: out of scope",),
            id="one-out-of-scope",
        ),
        pytest.param(
            history(),
            OutOfScopeUsers(names=("a", "b", "c"), more=4),
            ReadinessStatus.NOT_KNOWN,
            ("7 of its 8 databases: a: out of scope", "; and 1 more"),
            id="many-out-of-scope",
        ),
        pytest.param(
            history(),
            OutOfScopeUsers(complete=False),
            ReadinessStatus.NOT_KNOWN,
            ("who else uses the group: RDS did not list every database",),
            id="not-everything-was-listed",
        ),
        pytest.param(
            history(),
            OutOfScopeUsers(members=("ledger-2",)),
            ReadinessStatus.NOT_KNOWN,
            ("1 of its 2 databases: ledger-2: out of scope",),
            id="a-member-out-of-scope",
        ),
        pytest.param(
            forced(),
            OutOfScopeUsers(names=("vault",)),
            ReadinessStatus.NOT_KNOWN,
            ("configured so, not confirmed", "1 of its 2 databases: vault: out of scope"),
            id="forced-where-somebody-looked",
        ),
        pytest.param(
            history(sightings=(clear_client(),)),
            OutOfScopeUsers(names=("vault",)),
            ReadinessStatus.CHECK_FIRST,
            ("1 client seen in clear on 1 of its 2 databases",),
            id="a-client-in-clear-is-told-before-what-is-not-known",
        ),
        pytest.param(
            history(),
            OutOfScopeUsers(),
            ReadinessStatus.SAFE,
            ("no client in clear on 1 database",),
            id="nobody",
        ),
    ],
)
def test_whoever_was_not_looked_at_counts(
    one: DatabaseHistory, outside: OutOfScopeUsers, form: ReadinessStatus, parts: tuple[str, ...]
) -> None:
    given = answer_for(one, outside=outside)

    assert given.status is form
    assert absent(parts, given.because) == []


def test_all_whom_the_setting_would_touch_are_listed_and_missed() -> None:
    given = answer_for(history(), outside=OutOfScopeUsers(names=("vault\x1b", "ledger"), more=3))

    assert given.databases == ("orders-prod", "vault\\x1b", "ledger")
    assert given.databases_more == 3
    assert given.missing == (
        "vault\\x1b: out of scope, so not looked at",
        "ledger: out of scope, so not looked at",
        "3 more users of the group are out of scope",
    )


def test_a_default_group_is_never_changed_so_that_others_are_not_touched() -> None:
    given = answer_for(
        history(), group=DEFAULT_GROUP, outside=OutOfScopeUsers(names=("vault",), more=2)
    )

    assert (given.status, given.missing, given.databases) == (
        ReadinessStatus.SAFE,
        (),
        ("orders-prod",),
    )
    assert given.databases_more == 0


def test_a_default_group_is_not_known_where_not_everything_was_listed() -> None:
    outside = OutOfScopeUsers(names=("vault",), complete=False)

    given = answer_for(history(), group=DEFAULT_GROUP, outside=outside)

    assert (given.status, given.databases) == (ReadinessStatus.NOT_KNOWN, ("orders-prod",))
    assert given.missing == ("RDS did not list every database: another may use the group",)


def test_what_takes_the_place_of_a_default_group_reaches_every_member_of_a_cluster() -> None:
    outside = OutOfScopeUsers(names=("vault",), more=2, members=("ledger-2\x1b",))

    given = answer_for(history("ledger-1"), group=DEFAULT_GROUP, outside=outside)

    assert (given.status, given.databases) == (
        ReadinessStatus.NOT_KNOWN,
        ("ledger-1", "ledger-2\\x1b"),
    )
    assert given.databases_more == 0
    assert given.missing == ("ledger-2\\x1b: out of scope, so not looked at",)
