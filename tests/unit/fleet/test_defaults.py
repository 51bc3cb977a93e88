"""RDS's own defaults by engine and version, and what checks say beside the live value."""

from dataclasses import replace

import pytest

from rds_tls_audit.checks.catalog import (
    force_ssl_in_effect,
    legacy_tls_refused,
    weak_ciphers_refused,
)
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.fleet.defaults import force_ssl_default, ssl_ciphers_default
from tests.support.builders import (
    TLS,
    answer,
    cluster,
    database,
    parameter_group,
    seen,
    setting,
)
from tests.support.empty_evidence import blank_case

STRONG = "HIGH:!aNULL:!3DES"
OLD = "HIGH:MEDIUM:+3DES:!aNULL"
REFUSED = seen(answer(accepted=False, detail="no suite in common (alert 40)"))


@pytest.mark.parametrize(
    ("version", "on_rds", "on_aurora"),
    [
        pytest.param("14.9", "0", "0", id="14"),
        pytest.param("15.0", "1", "0", id="15"),
        pytest.param("16.4", "1", "0", id="16"),
        pytest.param("17.1", "1", "1", id="17"),
        pytest.param("", None, None, id="not-known"),
    ],
)
def test_rds_forces_tls_from_15_and_aurora_from_17(
    version: str, on_rds: str | None, on_aurora: str | None
) -> None:
    assert force_ssl_default(database(engine_version=version)) == on_rds
    assert force_ssl_default(database(engine_version=version, cluster=cluster())) == on_aurora


@pytest.mark.parametrize(
    ("version", "default"),
    [
        ("10.8", OLD),
        ("10.9", f"{OLD}:!RC4"),
        ("10.23", f"{OLD}:!RC4"),
        ("11.0", OLD),
        ("11.3", OLD),
        ("11.4", f"{OLD}:!RC4"),
        ("12.0", STRONG),
        ("17.4", STRONG),
        ("16.4-R2", None),
        ("².4", None),
        ("16.²", None),
        ("16", None),
        ("", None),
    ],
)
def test_the_default_suites_are_those_of_the_version(version: str, default: str | None) -> None:
    assert ssl_ciphers_default(database(engine_version=version)) == default


def weak(live: str | None, default: str | None = STRONG) -> DatabaseEvidence:
    shown = {} if live is None else {"ssl_ciphers": setting(live)}
    case = blank_case(weak_ciphers=REFUSED, settings=seen(shown))
    return replace(case, ssl_ciphers_default=default)


@pytest.mark.parametrize(
    ("case", "end"),
    [
        pytest.param(weak(STRONG), f"; ssl_ciphers is {STRONG}, RDS's default", id="default"),
        pytest.param(
            weak("HIGH"), f"; ssl_ciphers is HIGH (RDS's default is {STRONG})", id="another"
        ),
        pytest.param(
            weak("HIGH", None),
            "; ssl_ciphers is HIGH (RDS's default is not known)",
            id="default-not-known",
        ),
        pytest.param(weak(""), f"; ssl_ciphers is empty (RDS's default is {STRONG})", id="empty"),
        pytest.param(weak(None), "(alert 40)", id="not-shown"),
        pytest.param(blank_case(weak_ciphers=REFUSED), "(alert 40)", id="not-logged-in"),
    ],
)
def test_refused_weak_suites_are_told_with_the_live_setting(
    case: DatabaseEvidence, end: str
) -> None:
    assert weak_ciphers_refused.evaluate(case).because.endswith(end)


def test_a_refused_old_protocol_is_told_with_what_our_own_handshake_came_to() -> None:
    told = legacy_tls_refused.evaluate(blank_case(legacy_tls=REFUSED, tls=seen(TLS))).because
    without = legacy_tls_refused.evaluate(blank_case(legacy_tls=REFUSED)).because

    assert told.startswith(f"{without}; ")
    assert told.endswith(" TLSv1.3 with TLS_AES_256_GCM_SHA384 over x25519")


@pytest.mark.parametrize(("live", "told"), [("on", "on"), ("0", "0"), ("", "empty")])
def test_what_the_server_itself_shows_is_told_and_decides_nothing(live: str, told: str) -> None:
    shown = blank_case(
        group=seen(parameter_group("1")),
        plaintext=REFUSED,
        settings=seen({"rds.force_ssl": setting(live)}),
    )
    hidden = blank_case(group=seen(parameter_group("1")), plaintext=REFUSED)

    verdict, without = force_ssl_in_effect.evaluate(shown), force_ssl_in_effect.evaluate(hidden)

    assert verdict.because == f"{without.because}; the server itself shows rds.force_ssl = {told}"
    assert (verdict.status, verdict.fingerprint) == (without.status, without.fingerprint)
