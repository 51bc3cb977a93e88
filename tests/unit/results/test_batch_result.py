"""What the result of a database contains besides its verdicts."""

from dataclasses import replace

import pytest

from rds_tls_audit.evidence.observed import Unseen
from rds_tls_audit.results.batch_result import DatabaseResult
from tests.support.builders import (
    GOOD,
    database,
    database_result,
    good,
    seen,
    session_view,
    setting,
    tls_session,
)


def result_with(log_connections: str | None) -> DatabaseResult:
    shown = {} if log_connections is None else {"log_connections": setting(log_connections)}
    observation = replace(GOOD, settings=seen(shown))
    return database_result(replace(good(database()), observation=observation))


@pytest.mark.parametrize(
    ("value", "logged"),
    [
        pytest.param("on", True, id="10-to-17-on"),
        pytest.param("off", False, id="10-to-17-off"),
        pytest.param("", False, id="18-empty"),
        pytest.param("1", True, id="18-as-a-parameter-group-sets-it"),
        pytest.param("0", False, id="18-zero"),
        pytest.param("true", True, id="18-true"),
        pytest.param("false", False, id="18-false"),
        pytest.param("yes", True, id="18-yes"),
        pytest.param("no", False, id="18-no"),
        pytest.param("ON", True, id="18-in-capitals"),
        pytest.param("all", True, id="18-all"),
        pytest.param("authorization", True, id="18-authorization"),
        pytest.param("receipt,authentication,authorization", True, id="18-what-on-means"),
        pytest.param("receipt, Authorization, setup_durations", True, id="18-with-spaces"),
        pytest.param('"authorization", receipt', True, id="18-quoted"),
        pytest.param("receipt,authentication,setup_durations", False, id="18-all-others"),
        pytest.param("receipt", False, id="18-receipt"),
    ],
)
def test_log_connections_is_read_in_the_spelling_of_every_version(
    value: str,
    logged: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    assert result_with(value).log_connections is logged


def test_without_the_setting_it_is_not_known_what_is_logged() -> None:
    assert result_with(None).log_connections is None


def test_without_a_login_it_is_not_known_what_is_logged_or_whether_a_proxy_connects() -> None:
    no_login = Unseen(reason="no login")
    observation = replace(GOOD, settings=no_login, sessions=no_login)
    result = database_result(replace(good(database()), observation=observation))

    assert (result.log_connections, result.not_sampled, result.proxied) == (None, "no login", False)


@pytest.mark.parametrize(
    ("role", "proxied"), [("rdsproxyadmin", True), ("rdsadmin", False), ("rdsproxyadmin2", False)]
)
def test_a_proxy_that_connects_to_the_database_is_recognized_by_its_role(
    role: str,
    proxied: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    sessions = seen(session_view(rds_own=(tls_session(role=role),)))
    result = database_result(
        replace(good(database()), observation=replace(GOOD, sessions=sessions))
    )

    assert (result.proxied, result.not_sampled) == (proxied, None)
