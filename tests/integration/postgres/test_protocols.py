"""Which protocols and cipher suites real servers accept is observed from their own replies."""

import contextlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from emulation.pki import KeyKind, RootAuthority
from emulation.postgresql import PostgresServer
from rds_tls_audit.evidence.observation import Observation, OfferOutcome, Trust
from rds_tls_audit.evidence.observed import Seen
from rds_tls_audit.stages.probe import probe_databases
from tests.integration.postgres.probe_helpers import (
    FULL,
    PHRASE,
    ROLE,
    Prober,
    reason,
    target,
    value,
)
from tests.support.builders import HOST

PATIENCE_SECONDS = 300
MIN, MAX, CIPHERS = "ssl_min_protocol_version", "ssl_max_protocol_version", "ssl_ciphers"
EVERYTHING = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"
VERSION_REFUSED = OfferOutcome(
    accepted=False, detail="TLS alert 70: protocol version not supported"
)
SUITES_REFUSED = OfferOutcome(accepted=False, detail="TLS alert 40: no cipher suite in common")


def accepted(detail: str) -> OfferOutcome:
    return OfferOutcome(accepted=True, detail=detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerCase:
    """The settings of a server, and the offers that they accept."""

    settings: Mapping[str, str] = field(default_factory=dict)
    key: KeyKind = "rsa"
    legacy_tls: OfferOutcome = VERSION_REFUSED
    weak_ciphers: OfferOutcome = SUITES_REFUSED
    logs_in: bool = True


# The servers' OpenSSL does not sign with MD5 and SHA-1, as TLS 1.1 requires for (EC)DHE. If a
# handshake below TLS 1.2 is to succeed, the key exchange must be RSA.
CASES = {
    "default": ServerCase(),
    "everything": ServerCase(
        settings={MIN: "TLSv1", CIPHERS: EVERYTHING},
        legacy_tls=accepted("TLSv1.1 with ECDHE-RSA-AES256-SHA"),
        weak_ciphers=accepted("TLSv1.2 with ADH-AES256-GCM-SHA384"),
    ),
    "everything, EC key": ServerCase(
        settings={CIPHERS: EVERYTHING},
        key="ec",
        weak_ciphers=accepted("TLSv1.2 with ADH-AES256-GCM-SHA384"),
    ),
    "NULL only": ServerCase(
        settings={MAX: "TLSv1.2", CIPHERS: "eNULL:!aNULL:@SECLEVEL=0"},
        weak_ciphers=accepted("TLSv1.2 with ECDHE-RSA-NULL-SHA"),
        logs_in=False,
    ),
    "NULL below TLS 1.3": ServerCase(
        settings={CIPHERS: "eNULL:!aNULL:@SECLEVEL=0"},
        weak_ciphers=accepted("TLSv1.2 with ECDHE-RSA-NULL-SHA"),
    ),
    "anonymous below TLS 1.3": ServerCase(
        settings={CIPHERS: "aNULL:!eNULL:@SECLEVEL=0"},
        weak_ciphers=accepted("TLSv1.2 with ADH-AES256-GCM-SHA384"),
    ),
    "TLS 1.3 only": ServerCase(
        settings={MIN: "TLSv1.3", CIPHERS: EVERYTHING}, weak_ciphers=VERSION_REFUSED
    ),
    # ssl_min_protocol_version alone has no effect: OpenSSL 3 also requires SECLEVEL 0.
    "TLS 1.0 without its suites": ServerCase(settings={MIN: "TLSv1"}),
    "TLS 1.1 only": ServerCase(
        settings={MIN: "TLSv1", MAX: "TLSv1.1", CIPHERS: "AES256-SHA:@SECLEVEL=0"},
        legacy_tls=accepted("TLSv1.1 with AES256-SHA"),
        logs_in=False,
    ),
    "TLS 1.0 with weak suites only": ServerCase(
        settings={MIN: "TLSv1", MAX: "TLSv1", CIPHERS: "NULL-SHA:@SECLEVEL=0"},
        legacy_tls=accepted("TLSv1 with NULL-SHA"),
        weak_ciphers=accepted("TLSv1 with NULL-SHA"),
        logs_in=False,
    ),
}
INCOMPLETE = {
    "anonymous only": ServerCase(settings={MAX: "TLSv1.2", CIPHERS: "aNULL:!eNULL:@SECLEVEL=0"}),
    "TLS 1.1 that fails later": ServerCase(
        settings={MIN: "TLSv1", CIPHERS: "ECDHE-RSA-AES256-SHA:@SECLEVEL=0"}
    ),
}


@pytest.fixture(scope="module")
def observations(authority: RootAuthority, prober: Prober) -> Iterator[dict[str, Observation]]:
    """The observation of a server of each kind."""
    cases = CASES | INCOMPLETE

    def probe(case: ServerCase) -> Observation:
        server = PostgresServer(
            hba=["hostssl all all 127.0.0.1/32 scram-sha-256"],
            certificate=authority.issue([HOST], key=case.key),
            settings=case.settings,
            setup_sql=[f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PHRASE}'"],
        )
        stack.enter_context(server)
        (seen,) = probe_databases(FULL, [target(server.port)], prober.settings, prober.ports())
        return seen.observation

    with contextlib.ExitStack() as stack, ThreadPoolExecutor(4) as pool:
        seen = pool.map(probe, cases.values(), timeout=PATIENCE_SECONDS)
        yield dict(zip(cases, seen, strict=True))


@pytest.mark.parametrize("kind", CASES)
def test_old_protocols_are_observed_from_the_servers_reply(
    observations: dict[str, Observation], kind: str
) -> None:
    assert value(observations[kind].legacy_tls) == CASES[kind].legacy_tls


@pytest.mark.parametrize("kind", CASES)
def test_weak_suites_are_observed_from_the_servers_reply(
    observations: dict[str, Observation], kind: str
) -> None:
    assert value(observations[kind].weak_ciphers) == CASES[kind].weak_ciphers


@pytest.mark.parametrize("kind", CASES)
def test_enforcement_and_certificate_are_observed_whatever_tls_the_server_supports(
    observations: dict[str, Observation], kind: str
) -> None:
    assert value(observations[kind].plaintext).accepted is False
    assert value(observations[kind].certificate).trust is Trust.VERIFIED


@pytest.mark.parametrize("kind", CASES)
def test_the_probe_logs_in_only_over_tls_1_2_with_a_strong_suite(
    observations: dict[str, Observation], kind: str
) -> None:
    login = observations[kind].login
    if CASES[kind].logs_in:
        assert value(login).tls.version == "TLSv1.3"
    else:
        assert "did not log in" in reason(login)
        assert "TLS 1.2 or later" in reason(login)


def test_a_server_with_only_anonymous_suites_is_observed_except_for_its_certificate(
    observations: dict[str, Observation],
) -> None:
    seen = observations["anonymous only"]
    assert value(seen.plaintext).accepted is False
    assert value(seen.weak_ciphers).accepted is True
    assert "TLS failed" in reason(seen.certificate)
    assert "did not log in" in reason(seen.login)


def test_an_old_protocol_counts_as_accepted_even_if_the_handshake_fails_later(
    observations: dict[str, Observation],
) -> None:
    # This build of OpenSSL cannot sign for TLS 1.1, but the server's policy accepts it.
    outcome = observations["TLS 1.1 that fails later"].legacy_tls
    assert outcome == Seen(value=accepted("TLSv1.1 with ECDHE-RSA-AES256-SHA"))
