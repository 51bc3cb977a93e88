"""Which protocols and suites real servers take is told as they answer, whatever we could speak."""

import contextlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from emulation.pki import Authority, KeyKind
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
VERSION_REFUSED = OfferOutcome(accepted=False, detail="protocol version refused (alert 70)")
SUITES_REFUSED = OfferOutcome(accepted=False, detail="no suite in common (alert 40)")


def taken(detail: str) -> OfferOutcome:
    return OfferOutcome(accepted=True, detail=detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A server's settings, and what they let in."""

    settings: Mapping[str, str] = field(default_factory=dict)
    key: KeyKind = "rsa"
    legacy_tls: OfferOutcome = VERSION_REFUSED
    weak_ciphers: OfferOutcome = SUITES_REFUSED
    logs_in: bool = True


# The servers' OpenSSL does not sign with MD5 and SHA-1, as TLS 1.1 does for (EC)DHE: where a
# handshake below TLS 1.2 is to come about, the key exchange is RSA.
CASES = {
    "default": Case(),
    "everything": Case(
        settings={MIN: "TLSv1", CIPHERS: EVERYTHING},
        legacy_tls=taken("TLSv1.1 with ECDHE-RSA-AES256-SHA"),
        weak_ciphers=taken("TLSv1.2 with ADH-AES256-GCM-SHA384"),
    ),
    "everything, EC key": Case(
        settings={CIPHERS: EVERYTHING},
        key="ec",
        weak_ciphers=taken("TLSv1.2 with ADH-AES256-GCM-SHA384"),
    ),
    "NULL only": Case(
        settings={MAX: "TLSv1.2", CIPHERS: "eNULL:!aNULL:@SECLEVEL=0"},
        weak_ciphers=taken("TLSv1.2 with ECDHE-RSA-NULL-SHA"),
        logs_in=False,
    ),
    "NULL below TLS 1.3": Case(
        settings={CIPHERS: "eNULL:!aNULL:@SECLEVEL=0"},
        weak_ciphers=taken("TLSv1.2 with ECDHE-RSA-NULL-SHA"),
    ),
    "anonymous below TLS 1.3": Case(
        settings={CIPHERS: "aNULL:!eNULL:@SECLEVEL=0"},
        weak_ciphers=taken("TLSv1.2 with ADH-AES256-GCM-SHA384"),
    ),
    "TLS 1.3 only": Case(
        settings={MIN: "TLSv1.3", CIPHERS: EVERYTHING}, weak_ciphers=VERSION_REFUSED
    ),
    # ssl_min_protocol_version alone opens nothing: OpenSSL 3 wants SECLEVEL 0 as well.
    "TLS 1.0 without its suites": Case(settings={MIN: "TLSv1"}),
    "TLS 1.1 only": Case(
        settings={MIN: "TLSv1", MAX: "TLSv1.1", CIPHERS: "AES256-SHA:@SECLEVEL=0"},
        legacy_tls=taken("TLSv1.1 with AES256-SHA"),
        logs_in=False,
    ),
    "TLS 1.0 with weak suites only": Case(
        settings={MIN: "TLSv1", MAX: "TLSv1", CIPHERS: "NULL-SHA:@SECLEVEL=0"},
        legacy_tls=taken("TLSv1 with NULL-SHA"),
        weak_ciphers=taken("TLSv1 with NULL-SHA"),
        logs_in=False,
    ),
}
ODD = {
    "anonymous only": Case(settings={MAX: "TLSv1.2", CIPHERS: "aNULL:!eNULL:@SECLEVEL=0"}),
    "TLS 1.1 that breaks down": Case(
        settings={MIN: "TLSv1", CIPHERS: "ECDHE-RSA-AES256-SHA:@SECLEVEL=0"}
    ),
}


@pytest.fixture(scope="module")
def observations(authority: Authority, eye: Prober) -> Iterator[dict[str, Observation]]:
    """What is seen of a server of each kind."""
    cases = CASES | ODD

    def look(case: Case) -> Observation:
        server = PostgresServer(
            hba=["hostssl all all 127.0.0.1/32 scram-sha-256"],
            certificate=authority.issue([HOST], key=case.key),
            settings=case.settings,
            setup_sql=[f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PHRASE}'"],
        )
        stack.enter_context(server)
        (seen,) = probe_databases(FULL, [target(server.port)], eye.settings, eye.ports())
        return seen.observation

    with contextlib.ExitStack() as stack, ThreadPoolExecutor(4) as pool:
        seen = pool.map(look, cases.values(), timeout=PATIENCE_SECONDS)
        yield dict(zip(cases, seen, strict=True))


@pytest.mark.parametrize("kind", CASES)
def test_old_protocols_are_told_as_the_server_answers(
    observations: dict[str, Observation], kind: str
) -> None:
    assert value(observations[kind].legacy_tls) == CASES[kind].legacy_tls


@pytest.mark.parametrize("kind", CASES)
def test_weak_suites_are_told_as_the_server_answers(
    observations: dict[str, Observation], kind: str
) -> None:
    assert value(observations[kind].weak_ciphers) == CASES[kind].weak_ciphers


@pytest.mark.parametrize("kind", CASES)
def test_enforcement_and_certificate_are_judged_whatever_the_server_speaks(
    observations: dict[str, Observation], kind: str
) -> None:
    assert value(observations[kind].plaintext).accepted is False
    assert value(observations[kind].certificate).trust is Trust.VERIFIED


@pytest.mark.parametrize("kind", CASES)
def test_we_log_in_over_tls_1_2_with_a_strong_suite_or_not_at_all(
    observations: dict[str, Observation], kind: str
) -> None:
    login = observations[kind].login
    if CASES[kind].logs_in:
        assert value(login).tls.version == "TLSv1.3"
    else:
        assert "not logged in" in reason(login)
        assert "TLS 1.2 or later" in reason(login)


def test_a_server_with_anonymous_suites_only_is_seen_but_for_its_certificate(
    observations: dict[str, Observation],
) -> None:
    seen = observations["anonymous only"]
    assert value(seen.plaintext).accepted is False
    assert value(seen.weak_ciphers).accepted is True
    assert "TLS fails" in reason(seen.certificate)
    assert "not logged in" in reason(seen.login)


def test_an_old_protocol_that_the_server_agrees_to_is_accepted_though_its_library_gives_up_later(
    observations: dict[str, Observation],
) -> None:
    # This build of OpenSSL cannot sign for TLS 1.1, but the server's policy lets it in.
    answer = observations["TLS 1.1 that breaks down"].legacy_tls
    assert answer == Seen(value=taken("TLSv1.1 with ECDHE-RSA-AES256-SHA"))
