import pytest

from rds_tls_audit.codec import encode
from rds_tls_audit.evidence.redaction import ClientDetail
from tests.unit.readiness.history_builder import (
    absent,
    answer_for,
    clear_client,
    forced,
    history,
    last_days,
    tls_client,
)


@pytest.mark.parametrize(
    ("application", "parts"),
    [
        pytest.param(
            "PostgreSQL JDBC Driver",
            ("pgjdbc", "before 42.2.5", "set to allow, pgjdbc comes back with TLS"),
            id="comes-back-with-allow",
        ),
        pytest.param(
            "postgres.js",
            ("its default", "no setting that comes back with TLS"),
            id="never-comes-back",
        ),
        pytest.param("r2dbc-postgresql", ("R2DBC (its default)", "pooler"), id="not-known"),
        pytest.param("my service", ("tells no driver",), id="unrecognised"),
        pytest.param(
            "", ("no application name", "node-postgres", "psycopg2", "Django"), id="no-name"
        ),
        pytest.param(None, ("no application name",), id="name-not-shown"),
    ],
)
def test_the_likeliest_cause_is_told(application: str | None, parts: tuple[str, ...]) -> None:
    (client,) = answer_for(history(sightings=(clear_client(application=application),))).clients

    assert absent(parts, client.likely_cause) == []


def test_what_happens_is_neither_safe_nor_certain() -> None:
    given = answer_for(history(sightings=(clear_client(), clear_client(40, role="old"))))

    for client in given.clients:
        assert "unless its own setting is allow" in client.impact
        assert "look at its configuration" in client.impact


def test_the_right_setting_of_its_driver_comes_with_its_pitfalls() -> None:
    (client,) = answer_for(history(sightings=(clear_client(application="psql"),))).clients

    assert client.fixes == (
        "libpq and its tools: sslmode=verify-full sslrootcert=global-bundle.pem",
    )
    assert absent(("root.crt", "a CNAME or an IP address fails"), *client.pitfalls) == []


def test_an_unknown_driver_gets_the_setting_that_most_know() -> None:
    (client,) = answer_for(history(sightings=(clear_client(application="x"),))).clients

    assert absent(("sslmode=verify-full", "global-bundle.pem"), *client.fixes) == []


def test_those_who_hold_back_come_first_then_the_latest() -> None:
    given = answer_for(
        history(
            sightings=(
                clear_client(300, role="old"),
                clear_client(3, role="third"),
                clear_client(1, role="first"),
                clear_client(2, role="second"),
            )
        ),
        forced("done", sightings=(clear_client(0, role="before"),)),
    )

    assert [(one.who.split()[0], one.blocking) for one in given.clients] == [
        ("first", True),
        ("second", True),
        ("third", True),
        ("before", False),
        ("old", False),
    ]


def test_clients_with_tls_need_no_advice() -> None:
    assert answer_for(history(sightings=(tls_client(),))).clients == ()


def test_many_clients_are_counted() -> None:
    crowd = tuple(clear_client(role=f"role_{number}") for number in range(33))

    given = answer_for(history(sightings=crowd))

    assert (len(given.clients), given.clients_more) == (20, 13)


@pytest.mark.parametrize(
    ("detail", "who"),
    [
        pytest.param(ClientDetail.FULL, "orders_app (web) at 10.0.1.7", id="full"),
        pytest.param(ClientDetail.ROLES, "orders_app (web)", id="roles"),
        pytest.param(ClientDetail.NONE, "a role not shown", id="none"),
    ],
)
def test_of_a_client_only_what_is_allowed_is_told(detail: ClientDetail, who: str) -> None:
    (client,) = answer_for(history(sightings=(clear_client(),)), detail=detail).clients

    assert client.who == who


def test_addresses_that_may_not_be_told_make_one_client() -> None:
    pods = tuple(clear_client(ago, network=f"10.0.0.{ago}", samples=ago) for ago in (5, 2, 9, 40))

    given = answer_for(history(sightings=pods), detail=ClientDetail.ROLES)

    assert [(one.last_seen, one.samples, one.blocking) for one in given.clients] == [
        (pods[1].last_seen, 40, True)
    ]


def test_a_name_that_may_not_be_told_is_no_empty_name() -> None:
    (client,) = answer_for(history(sightings=(clear_client(),)), detail=ClientDetail.NONE).clients

    assert client.likely_cause == "who it is may not be told here"
    assert len(client.fixes) == 1


@pytest.mark.parametrize("application", ["psql", "SECRET-APP"])
def test_with_no_detail_nothing_tells_who_it_is(application: str) -> None:
    sighting = clear_client(role="SECRET-ROLE", application=application, network="203.0.113.9")

    told = str(encode(answer_for(history(sightings=(sighting,)), detail=ClientDetail.NONE)))

    assert [word for word in ("SECRET", "203.0.113.9", "psql") if word in told] == []


def test_roles_that_were_hidden_and_gss_are_told_without_names() -> None:
    hidden = tls_client(role=None, application="SECRET-APP")

    given = answer_for(history(days=last_days(2), sightings=(hidden,)))

    assert "SECRET" not in str(encode(given))
