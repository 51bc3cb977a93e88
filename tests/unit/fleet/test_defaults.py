"""The defaults of RDS by engine and version, and how verdicts compare them with live values."""

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
    cluster,
    database,
    offer_outcome,
    parameter_group,
    seen,
    setting,
)
from tests.support.empty_evidence import empty_evidence

STRONG = "HIGH:!aNULL:!3DES"
OLD = "HIGH:MEDIUM:+3DES:!aNULL"
ALERT = "TLS alert 40: no cipher suite in common"
REFUSED = seen(offer_outcome(accepted=False, detail=ALERT))


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
def test_rds_forces_tls_from_version_15_and_aurora_from_17(
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
    evidence = empty_evidence(weak_ciphers=REFUSED, settings=seen(shown))
    return replace(evidence, ssl_ciphers_default=default)


@pytest.mark.parametrize(
    ("evidence", "parts"),
    [
        pytest.param(weak(STRONG), (f"ssl_ciphers is {STRONG}",), id="default"),
        pytest.param(weak("HIGH"), ("ssl_ciphers is HIGH ", f"default is {STRONG}"), id="another"),
        pytest.param(
            weak("HIGH", None),
            ("ssl_ciphers is HIGH ", "default is not known"),
            id="default-not-known",
        ),
        pytest.param(weak(""), ("ssl_ciphers is empty ", f"default is {STRONG}"), id="empty"),
    ],
)
def test_the_verdict_on_weak_suites_contains_the_live_setting_and_the_default(
    evidence: DatabaseEvidence, parts: tuple[str, ...]
) -> None:
    because = weak_ciphers_refused.evaluate(evidence).because

    assert ALERT in because
    assert [part for part in parts if part not in because] == []


@pytest.mark.parametrize(
    "evidence",
    [weak(None), empty_evidence(weak_ciphers=REFUSED)],
    ids=["not-shown", "not-logged-in"],
)
def test_the_verdict_on_weak_suites_omits_a_setting_that_is_not_known(
    evidence: DatabaseEvidence,
) -> None:
    because = weak_ciphers_refused.evaluate(evidence).because

    assert ALERT in because
    assert "ssl_ciphers" not in because


def test_the_verdict_on_old_protocols_contains_what_a_current_client_negotiates() -> None:
    evidence = empty_evidence(legacy_tls=REFUSED)

    because = legacy_tls_refused.evaluate(replace(evidence, tls=seen(TLS))).because
    without = legacy_tls_refused.evaluate(evidence).because

    assert because.startswith(f"{without}; ")
    assert because.endswith(" TLSv1.3 with TLS_AES_256_GCM_SHA384 over x25519")


@pytest.mark.parametrize(("live", "shown"), [("on", "on"), ("0", "0"), ("", "empty")])
def test_the_live_value_is_shown_but_does_not_change_the_verdict(live: str, shown: str) -> None:
    hidden = empty_evidence(group=seen(parameter_group("1")), plaintext=REFUSED)
    visible = replace(hidden, settings=seen({"rds.force_ssl": setting(live)}))

    verdict, without = force_ssl_in_effect.evaluate(visible), force_ssl_in_effect.evaluate(hidden)

    assert verdict.because.startswith(f"{without.because}; ")
    assert verdict.because.endswith(f" rds.force_ssl = {shown}")
    assert (verdict.status, verdict.fingerprint) == (without.status, without.fingerprint)
