"""What could not be assessed: grouped by reason, whatever the databases are called."""

from collections.abc import Sequence

import pytest

from rds_tls_audit.checks.verdict import Severity, Status
from rds_tls_audit.evidence.credentials import Credentials
from rds_tls_audit.evidence.login_failure import explain_login_failure
from rds_tls_audit.results.batch_result import DatabaseResult, NamedVerdict
from rds_tls_audit.results.gaps import LOST, MAX_NAMED, Gap, collect_gaps, generalize
from tests.support.builders import database, database_result, good

CLOSED = (
    "connecting to {} timed out: most likely the database's security group does not let the "
    "probe's in, or the probe is in another VPC without a route"
)


def result(name: str, *missing: str) -> DatabaseResult:
    """A database with as many UNKNOWN verdicts."""
    return DatabaseResult(
        id=name,
        arn=database(name).arn,
        engine="postgres",
        engine_version="16.4",
        cluster=None,
        logged_in=False,
        verdicts=tuple(
            NamedVerdict(
                check=f"check-{number}",
                status=Status.UNKNOWN,
                severity=Severity.HIGH,
                because=f"known; {reason}",
                missing=reason,
            )
            for number, reason in enumerate(missing)
        ),
    )


def numbered(count: int) -> list[str]:
    return [f"db-{number:03}" for number in range(count)]


def refused(role: str, of: str, sqlstate: str, credentials: Credentials, said: str) -> str:
    """Why a login failed, as `ports.postgres` tells it."""
    why = explain_login_failure(sqlstate, credentials, after_login=False)
    return f"role {role} in database {of}: {why} (SQLSTATE {sqlstate}: {said})"


def by_token(resource: str) -> Credentials:
    return Credentials(
        role="rds_tls_audit",
        password="token",  # noqa: S106 - an example
        source="the IAM token",
        iam_resource=f"arn:aws:rds-db:eu-central-1:123456789012:dbuser:{resource}/rds_tls_audit",
    )


def by_secret(name: str) -> Credentials:
    return Credentials(role="audit", password="wrong", source=f"the secret {name}")  # noqa: S106 - an example


def test_two_hundred_databases_behind_one_closed_security_group_are_one_gap() -> None:
    names = numbered(200)

    found = collect_gaps(
        [result(it, *[CLOSED.format(f"{it}.example:5432")] * 9) for it in names], []
    )

    assert found == (
        Gap(
            reason=CLOSED.format("its endpoint"),
            databases=tuple(names[:20]),
            more=180,
            checks=1800,
        ),
    )


def test_a_reason_that_all_its_databases_share_is_told_in_full() -> None:
    reason = CLOSED.format("orders-prod.example:5432")

    assert [gap.reason for gap in collect_gaps([result("orders-prod", reason)], [])] == [reason]


# A phrase, and what stands in it for one database, for another and for both.
PARTED = {
    "closed": (CLOSED, "a.example:5432", "[2001:db8::1]:5433", "its endpoint"),
    "refused": (
        "{} refuses the connection: is the port right, is the server up?",
        *("a:5432", "b.example:5432", "its endpoint"),
    ),
    "no-route": (
        "not logged in: {} cannot be reached (No route to host): most likely",
        *("b:1", "a:1", "its endpoint"),
    ),
    "no-name": (
        "the name {} cannot be resolved: most likely the database is gone",
        *("a.example", "b.example", "of its endpoint"),
    ),
    "no-role": (
        "{}",
        refused("rds_tls_audit", "postgres", "28P01", by_token("db-A"), "PAM (a.b:1) failed"),
        refused("rds_tls_audit", "my own", "28P01", by_token("db-B"), 'für "x" in database y'),
        (
            "the role does not exist, or lacks rds_iam: create it, and grant rds_iam to it "
            "(SQLSTATE 28P01)"
        ),
    ),
    "iam-refuses": (
        "{}",
        refused("rds_tls_audit", "postgres", "28000", by_token("db-A"), "no"),
        refused("rds_tls_audit", "postgres", "28000", by_token("cluster-B"), "no"),
        (
            "IAM refuses the token: allow the probe rds-db:connect on "
            "arn:aws:rds-db:eu-central-1:123456789012:dbuser:*/rds_tls_audit; or the role has "
            "NOLOGIN (SQLSTATE 28000)"
        ),
    ),
    "wrong-password": (
        "{}",
        refused("audit", "postgres", "28P01", by_secret("rds/a"), "no"),
        refused("audit", "postgres", "28P01", by_secret("rds/b"), "no"),
        (
            "the password is wrong or has ended (the secret that its tag names), or the role does "
            "not exist (SQLSTATE 28P01)"
        ),
    ),
    "secret": (
        "the secret {} cannot be read: AccessDenied on GetSecretValue",
        *("rds/a", "arn:aws:x:b", "that its tag names"),
    ),
    "group-denied": (
        "{} could not be read: AccessDenied on DescribeDBParameters",
        *("parameter group pg16", "cluster parameter group au16", "its parameter group"),
    ),
    "group-without-value": (
        "{} shows no value for rds.force_ssl",
        *("parameter group pg16", "parameter group pg17", "its parameter group"),
    ),
    "odd-value": (
        "rds.force_ssl is 2 in {}, which is neither 0 nor 1",
        "parameter group a (source user)",
        "parameter group b (source user)",
        "its parameter group",
    ),
    "other-name": (
        "not logged in, since …: Hostname mismatch, certificate is not valid for {}.",
        *("'a.example'", "'b.example'", "the endpoint's name"),
    ),
    "long-list": (
        "{} of sessions left out of a long list",
        *("1 group", "12 groups", "groups"),
    ),
    "hidden": (
        "the server hides {} from the role",
        *("1 session", "2 sessions", "sessions"),
    ),
    "strange-suite": (
        "protocol or suite not recognised{}",
        *(": TLSv1.2 A, 1 by app", ": TLSv1.2 B, 1 by app", ""),
    ),
}


@pytest.mark.parametrize(
    ("told", "told_elsewhere", "expected"),
    [[phrase.format(it) for it in places] for phrase, *places in PARTED.values()],
    ids=PARTED,
)
def test_what_is_of_one_database_alone_does_not_part_a_gap(
    told: str, told_elsewhere: str, expected: str
) -> None:
    (gap,) = collect_gaps([result("a", told), result("b", told_elsewhere)], [])

    assert gap == Gap(reason=expected, databases=("a", "b"), more=0, checks=2)


@pytest.mark.parametrize(
    "reason",
    [
        "no answer within the deadline",
        "not connected to: its status is stopped",
        "the probe itself failed on it: KeyError at postgres.py:97; please report this",
        "plaintext is answered with SQLSTATE 57P03: the server is starting up or shutting down",
        "the tag rds-tls-audit:secret names the master user's secret, which is never used",
        "not settable in this version: PostgreSQL 11 has no ssl_min_protocol_version",
        LOST,
    ],
)
def test_a_reason_without_a_name_in_it_stays_as_it_is(reason: str) -> None:
    assert generalize(reason) == reason


def test_the_gap_of_most_databases_comes_first() -> None:
    found = collect_gaps(
        [result("a", "rare"), result("b", "b"), result("c", "b"), result("d", "a")], []
    )

    assert [gap.reason for gap in found] == ["b", "a", "rare"]


def test_a_database_counts_once_for_a_reason_and_every_check_counts() -> None:
    (gap,) = collect_gaps([result("a", "why", "why", "why")], [])

    assert (gap.databases, gap.checks) == (("a",), 3)


@pytest.mark.parametrize(("count", "more"), [(MAX_NAMED, 0), (MAX_NAMED + 1, 1)])
def test_so_many_databases_are_named_and_the_rest_counted(count: int, more: int) -> None:
    (gap,) = collect_gaps([result(name, "why") for name in numbered(count)], [])

    assert (len(gap.databases), gap.more, gap.count) == (MAX_NAMED, more, count)


@pytest.mark.parametrize(("lost", "expected"), [([], 0), (["b", "a"], 2)])
def test_lost_databases_are_a_gap_without_verdicts(lost: Sequence[str], expected: int) -> None:
    found = collect_gaps([], lost)

    assert sum(gap.count for gap in found) == expected
    assert {(gap.reason, gap.checks) for gap in found} <= {(LOST, 0)}


def test_there_is_no_gap_where_everything_was_assessed() -> None:
    assert collect_gaps([database_result(good(database()))], []) == ()
