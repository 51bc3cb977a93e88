import pytest

from rds_tls_audit.readiness.drivers.catalog import (
    DRIVERS,
    UNNAMED_EXPLICIT_PLAINTEXT,
    recognize_drivers,
)
from rds_tls_audit.readiness.drivers.driver import Driver

EACH = pytest.mark.parametrize(
    "driver", [pytest.param(driver, id=driver.name) for driver in DRIVERS]
)


@pytest.mark.parametrize(
    ("application", "names"),
    [
        pytest.param("psql", ["libpq and its tools"], id="psql"),
        pytest.param("PostgreSQL JDBC Driver", ["pgjdbc"], id="pgjdbc"),
        pytest.param("postgres.js", ["postgres.js"], id="postgres.js"),
        pytest.param("DBeaver 24.1.0 - Main", ["DBeaver"], id="by-a-prefix"),
        pytest.param("pgAdmin 4 - DB:orders", ["pgAdmin, pgcli, dbt"], id="pgadmin"),
        pytest.param("puma: cluster worker 0", ["Ruby pg, Rails"], id="a-ruby-program"),
        pytest.param("postgres_fdw", ["postgres_fdw, dblink, subscriptions"], id="fdw"),
        pytest.param("my service", [], id="an-unknown-name"),
        pytest.param("PSQL", [], id="different-case"),
        pytest.param("not psql", [], id="a-name-inside-another"),
    ],
)
def test_a_driver_is_recognized_by_its_application_name(application: str, names: list[str]) -> None:
    assert [driver.name for driver in recognize_drivers(application)] == names


@pytest.mark.parametrize("application", [None, ""])
def test_a_client_without_a_name_may_use_any_driver_that_defaults_to_plaintext(
    application: str | None,
) -> None:
    drivers = recognize_drivers(application)

    assert drivers[0].name.startswith("node-postgres")
    assert all(driver.unnamed and driver.plaintext_by_default for driver in drivers)
    assert set(drivers) & set(UNNAMED_EXPLICIT_PLAINTEXT) == set()


@EACH
def test_every_driver_has_a_setting_that_verifies_the_server(driver: Driver) -> None:
    assert "global-bundle.pem" in driver.verify_full


@EACH
def test_every_driver_can_be_recognized(driver: Driver) -> None:
    assert driver.unnamed or driver.applications or driver.prefixes


def test_no_two_drivers_have_the_same_name() -> None:
    assert len({driver.name for driver in DRIVERS}) == len(DRIVERS)
