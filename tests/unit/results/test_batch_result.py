"""What a run keeps of a database beside its verdicts: who its log tells of, who targets it."""

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
    ("value", "told"),
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
        pytest.param("receipt,authentication,authorization", True, id="18-what-on-stands-for"),
        pytest.param("receipt, Authorization, setup_durations", True, id="18-with-spaces"),
        pytest.param('"authorization", receipt', True, id="18-quoted"),
        pytest.param("receipt,authentication,setup_durations", False, id="18-all-but-that"),
        pytest.param("receipt", False, id="18-receipt"),
    ],
)
def test_what_is_logged_is_read_in_the_spelling_of_every_version(
    value: str,
    told: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    assert result_with(value).log_connections is told


def test_a_setting_that_is_not_shown_is_not_known() -> None:
    assert result_with(None).log_connections is None


def test_where_nobody_logged_in_it_is_not_known() -> None:
    unseen = replace(GOOD, settings=Unseen(reason="no login"), sessions=Unseen(reason="no login"))
    result = database_result(replace(good(database()), observation=unseen))

    assert (result.log_connections, result.not_sampled, result.proxied) == (None, "no login", False)


@pytest.mark.parametrize(
    ("role", "proxied"), [("rdsproxyadmin", True), ("rdsadmin", False), ("rdsproxyadmin2", False)]
)
def test_a_proxy_that_targets_it_is_known_by_the_role_it_comes_with(
    role: str,
    proxied: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    sessions = seen(session_view(rds_own=(tls_session(role=role),)))
    result = database_result(
        replace(good(database()), observation=replace(GOOD, sessions=sessions))
    )

    assert (result.proxied, result.not_sampled) == (proxied, None)
