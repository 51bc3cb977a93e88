"""Users of the group that were not audited: the status is then not known, or worse."""

import pytest

from rds_tls_audit.readiness.database_history import DatabaseHistory
from rds_tls_audit.readiness.out_of_scope_users import OutOfScopeUsers
from rds_tls_audit.readiness.status import ReadinessStatus
from rds_tls_audit.readiness.truncated import Truncated
from tests.unit.readiness.history_builder import (
    DEFAULT_GROUP,
    absent,
    assess,
    forced,
    history,
    plaintext_client,
)


@pytest.mark.parametrize(
    ("audited", "out_of_scope", "status", "parts"),
    [
        pytest.param(
            history(),
            OutOfScopeUsers(names=("vault",)),
            ReadinessStatus.NOT_KNOWN,
            ("1 of its 2 databases (vault: it is out of scope",),
            id="one-out-of-scope",
        ),
        pytest.param(
            history(),
            OutOfScopeUsers(names=("a", "b", "c"), more=4),
            ReadinessStatus.NOT_KNOWN,
            ("7 of its 8 databases (a: it is out of scope", "; and 1 more"),
            id="many-out-of-scope",
        ),
        pytest.param(
            history(),
            OutOfScopeUsers(complete=False),
            ReadinessStatus.NOT_KNOWN,
            ("other users of the parameter group (RDS did not list every database",),
            id="not-everything-was-listed",
        ),
        pytest.param(
            history(),
            OutOfScopeUsers(members=("ledger-2",)),
            ReadinessStatus.NOT_KNOWN,
            ("1 of its 2 databases (ledger-2: it is out of scope",),
            id="a-member-out-of-scope",
        ),
        pytest.param(
            forced(),
            OutOfScopeUsers(names=("vault",)),
            ReadinessStatus.NOT_KNOWN,
            ("not confirmed to be in effect", "1 of its 2 databases (vault: it is out of scope"),
            id="forced-where-audited",
        ),
        pytest.param(
            history(clients=(plaintext_client(),)),
            OutOfScopeUsers(names=("vault",)),
            ReadinessStatus.CHECK_FIRST,
            ("1 client ", "1 of its 2 databases"),
            id="a-client-without-tls-comes-before-missing-evidence",
        ),
        pytest.param(
            history(),
            OutOfScopeUsers(),
            ReadinessStatus.SAFE,
            ("no client", "(1 database"),
            id="no-other-user",
        ),
    ],
)
def test_users_that_were_not_audited_count(
    audited: DatabaseHistory,
    out_of_scope: OutOfScopeUsers,
    status: ReadinessStatus,
    parts: tuple[str, ...],
) -> None:
    assessment = assess(audited, out_of_scope=out_of_scope)

    assert assessment.status is status
    assert absent(parts, assessment.because) == []


def test_every_affected_user_is_listed_with_its_limitation() -> None:
    assessment = assess(history(), out_of_scope=OutOfScopeUsers(names=("vault\x1b", "a"), more=3))

    assert assessment.databases == Truncated(shown=("orders-prod", "vault\\x1b", "a"), more=3)
    vault, other, more = assessment.limitations.shown
    assert vault.startswith("vault\\x1b: it is out of scope")
    assert other.startswith("a: it is out of scope")
    assert more.startswith("3 more users")


def test_the_other_users_of_a_default_group_are_not_affected() -> None:
    """A default group can't be edited."""
    assessment = assess(
        history(), group=DEFAULT_GROUP, out_of_scope=OutOfScopeUsers(names=("vault",), more=2)
    )

    assert assessment.status is ReadinessStatus.SAFE
    assert assessment.limitations.shown == ()
    assert assessment.databases == Truncated(shown=("orders-prod",))


def test_the_status_of_a_default_group_is_not_known_if_the_listing_is_incomplete() -> None:
    out_of_scope = OutOfScopeUsers(names=("vault",), complete=False)

    assessment = assess(history(), group=DEFAULT_GROUP, out_of_scope=out_of_scope)

    assert assessment.status is ReadinessStatus.NOT_KNOWN
    assert assessment.databases == Truncated(shown=("orders-prod",))
    (limitation,) = assessment.limitations.shown
    assert limitation.startswith("RDS did not list every database")


def test_the_replacement_of_a_default_group_affects_every_member_of_a_cluster() -> None:
    out_of_scope = OutOfScopeUsers(names=("vault",), more=2, members=("ledger-2\x1b",))

    assessment = assess(history("ledger-1"), group=DEFAULT_GROUP, out_of_scope=out_of_scope)

    assert assessment.status is ReadinessStatus.NOT_KNOWN
    assert assessment.databases == Truncated(shown=("ledger-1", "ledger-2\\x1b"))
    (limitation,) = assessment.limitations.shown
    assert limitation.startswith("ledger-2\\x1b: it is out of scope")
