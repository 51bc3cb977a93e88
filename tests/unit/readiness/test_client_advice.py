import pytest

from rds_tls_audit.codec import encode
from rds_tls_audit.evidence.redaction import ClientDetail
from tests.unit.readiness.history_builder import (
    absent,
    assess,
    forced,
    history,
    last_days,
    plaintext_client,
    tls_client,
)


@pytest.mark.parametrize(
    ("application", "parts"),
    [
        pytest.param(
            "PostgreSQL JDBC Driver",
            ("pgjdbc", "before 42.2.5", "allow, refused connections of pgjdbc are retried"),
            id="retries-with-allow",
        ),
        pytest.param(
            "postgres.js",
            ("the default", "No setting makes postgres.js retry"),
            id="never-retries",
        ),
        pytest.param(
            "r2dbc-postgresql", ("R2DBC (the default)", "pooler"), id="unknown-whether-it-retries"
        ),
        pytest.param("my service", ("doesn't identify a driver",), id="unrecognized"),
        pytest.param(
            "", ("no application name", "node-postgres", "psycopg2", "Django"), id="no-name"
        ),
        pytest.param(None, ("no application name",), id="name-hidden"),
    ],
)
def test_the_likely_cause_names_the_driver_and_whether_it_retries(
    application: str | None, parts: tuple[str, ...]
) -> None:
    (client,) = assess(history(clients=(plaintext_client(application=application),))).clients.shown

    assert absent(parts, client.likely_cause) == []


def test_the_impact_names_the_exception_and_what_to_check() -> None:
    assessment = assess(history(clients=(plaintext_client(), plaintext_client(40, role="old"))))

    for client in assessment.clients.shown:
        assert absent(("sslmode=allow", "check the client's configuration"), client.impact) == []


def test_the_setting_of_a_driver_comes_with_its_pitfalls() -> None:
    (client,) = assess(history(clients=(plaintext_client(application="psql"),))).clients.shown

    assert client.fixes == (
        "libpq and its tools: sslmode=verify-full sslrootcert=global-bundle.pem",
    )
    assert absent(("root.crt", "a CNAME or an IP address fails"), *client.pitfalls) == []


def test_an_unknown_driver_gets_the_most_common_setting() -> None:
    (client,) = assess(history(clients=(plaintext_client(application="x"),))).clients.shown

    assert absent(("sslmode=verify-full", "global-bundle.pem"), *client.fixes) == []


def test_blocking_clients_come_first_then_the_latest() -> None:
    assessment = assess(
        history(
            clients=(
                plaintext_client(300, role="old"),
                plaintext_client(3, role="third"),
                plaintext_client(1, role="first"),
                plaintext_client(2, role="second"),
            )
        ),
        forced("done", clients=(plaintext_client(0, role="before"),)),
    )

    assert [(client.name.split()[0], client.blocking) for client in assessment.clients.shown] == [
        ("first", True),
        ("second", True),
        ("third", True),
        ("before", False),
        ("old", False),
    ]


def test_clients_with_tls_need_no_advice() -> None:
    assert assess(history(clients=(tls_client(),))).clients.shown == ()


def test_only_the_first_clients_are_listed_and_the_rest_counted() -> None:
    crowd = tuple(plaintext_client(role=f"role_{number}") for number in range(33))

    assessment = assess(history(clients=crowd))

    assert (len(assessment.clients.shown), assessment.clients.more) == (20, 13)


@pytest.mark.parametrize(
    ("detail", "name"),
    [
        pytest.param(ClientDetail.FULL, "orders_app (web) at 10.0.1.7", id="full"),
        pytest.param(ClientDetail.ROLES, "orders_app (web)", id="roles"),
        pytest.param(ClientDetail.NONE, "a role that is not shown", id="none"),
    ],
)
def test_a_client_is_named_only_as_far_as_allowed(detail: ClientDetail, name: str) -> None:
    (client,) = assess(history(clients=(plaintext_client(),)), detail=detail).clients.shown

    assert client.name == name


def test_clients_that_differ_only_in_hidden_addresses_are_one() -> None:
    pods = tuple(
        plaintext_client(ago, network=f"10.0.0.{ago}", samples=ago) for ago in (5, 2, 9, 40)
    )

    assessment = assess(history(clients=pods), detail=ClientDetail.ROLES)

    assert [
        (client.last_seen, client.samples, client.blocking) for client in assessment.clients.shown
    ] == [(pods[1].last_seen, 40, True)]


def test_a_hidden_application_name_is_not_taken_for_an_empty_one() -> None:
    (client,) = assess(
        history(clients=(plaintext_client(),)), detail=ClientDetail.NONE
    ).clients.shown

    assert absent(("CLIENT_DETAIL is none",), client.likely_cause) == []
    assert len(client.fixes) == 1


@pytest.mark.parametrize("application", ["psql", "SECRET-APP"])
def test_without_detail_nothing_identifies_the_client(application: str) -> None:
    client = plaintext_client(role="SECRET-ROLE", application=application, network="203.0.113.9")

    text = str(encode(assess(history(clients=(client,)), detail=ClientDetail.NONE)))

    assert [word for word in ("SECRET", "203.0.113.9", "psql") if word in text] == []


def test_clients_with_hidden_roles_are_counted_without_their_names() -> None:
    hidden = tls_client(role=None, application="SECRET-APP")

    assessment = assess(history(days=last_days(2), clients=(hidden,)))

    assert "SECRET" not in str(encode(assessment))
