"""The TLS that a modern client negotiates with a server is read without an extra connection."""

import contextlib
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import pytest

from emulation.pki import KeyKind, RootAuthority
from emulation.postgresql import PostgresServer
from rds_tls_audit.evidence.observation import NegotiatedTls, Observation, Trust
from tests.integration.postgres.probe_helpers import PHRASE, ROLE, Prober, reason, value
from tests.integration.postgres.proxy import CountingProxy
from tests.support.builders import HOST

PATIENCE_SECONDS = 300
MAX, CIPHERS, CURVE = "ssl_max_protocol_version", "ssl_ciphers", "ssl_ecdh_curve"
NOT_LOGGED_IN = (
    "the probe did not log in, because it sends credentials only over verified TLS 1.2 or later"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NegotiationCase:
    """The settings of a server, and the TLS that a handshake with it negotiates."""

    settings: Mapping[str, str] = field(default_factory=dict)
    key: KeyKind = "rsa"
    version: str = "TLSv1.3"
    suite: str = "TLS_AES_256_GCM_SHA384"
    group: str | None
    """A pattern for the name of the group."""
    connections: int = 5
    logs_in: bool = True


def up_to_tls_1_2(settings: Mapping[str, str], suite: str, group: str | None) -> NegotiationCase:
    """Return a server that supports nothing newer."""
    return NegotiationCase(
        settings={MAX: "TLSv1.2", **settings}, version="TLSv1.2", suite=suite, group=group
    )


CASES = {
    # Which one depends on the libraries of both sides.
    "TLS 1.3": NegotiationCase(group=r"x25519|secp\d+r1|\w+MLKEM\d+"),
    # The client first offers another curve, so the server asks for a second ClientHello.
    "TLS 1.3 after a retry": NegotiationCase(settings={CURVE: "secp521r1"}, group="secp521r1"),
    "ECDHE": up_to_tls_1_2({CURVE: "prime256v1"}, "ECDHE-RSA-AES256-GCM-SHA384", "secp256r1"),
    "ECDHE, EC key": replace(
        up_to_tls_1_2({CURVE: "secp384r1"}, "ECDHE-ECDSA-AES256-GCM-SHA384", "secp384r1"), key="ec"
    ),
    "DHE": up_to_tls_1_2(
        {CIPHERS: "DHE-RSA-AES256-GCM-SHA384"}, "DHE-RSA-AES256-GCM-SHA384", "a 2048-bit prime"
    ),
    # The probe would not log in with this cipher suite, so it verifies in a second handshake.
    "static RSA": replace(
        up_to_tls_1_2({CIPHERS: "AES256-GCM-SHA384"}, "AES256-GCM-SHA384", None),
        connections=6,
        logs_in=False,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """The observations of a server, in full and with the wire probe turned off."""

    full: Observation
    connections: int
    without_wire: Observation


@pytest.fixture(scope="module")
def probed(authority: RootAuthority, prober: Prober) -> Iterator[dict[str, Probed]]:
    """A server of each kind, probed through a proxy that counts connections."""
    no_wire = Prober(bundle=prober.bundle, role=ROLE, environment={"WIRE_PROBE": "off"})

    def probe(case: NegotiationCase) -> Probed:
        server = PostgresServer(
            hba=["hostssl all all 127.0.0.1/32 scram-sha-256"],
            certificate=authority.issue([HOST], key=case.key),
            settings=case.settings,
            setup_sql=[f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PHRASE}'"],
        )
        stack.enter_context(server)
        with CountingProxy(server.port) as proxy:
            full = prober.probe(proxy.port)
        return Probed(
            full=full, connections=proxy.connections, without_wire=no_wire.probe(server.port)
        )

    with contextlib.ExitStack() as stack, ThreadPoolExecutor(4) as pool:
        seen = pool.map(probe, CASES.values(), timeout=PATIENCE_SECONDS)
        yield dict(zip(CASES, seen, strict=True))


def assert_as_negotiated(tls: NegotiatedTls, case: NegotiationCase) -> None:
    assert (tls.version, tls.suite) == (case.version, case.suite)
    if case.group is None or tls.group is None:
        assert tls.group is case.group
    else:
        assert re.fullmatch(case.group, tls.group)


@pytest.mark.parametrize("kind", CASES)
def test_version_suite_and_group_of_a_handshake_are_read(
    probed: dict[str, Probed], kind: str
) -> None:
    assert_as_negotiated(value(probed[kind].full.tls), CASES[kind])


@pytest.mark.parametrize("kind", CASES)
def test_version_suite_and_group_are_read_with_the_wire_probe_turned_off(
    probed: dict[str, Probed], kind: str
) -> None:
    assert_as_negotiated(value(probed[kind].without_wire.tls), CASES[kind])


@pytest.mark.parametrize("kind", CASES)
def test_the_own_session_describes_its_tls_if_there_is_one(
    probed: dict[str, Probed], kind: str
) -> None:
    login = probed[kind].full.login
    if CASES[kind].logs_in:
        assert_as_negotiated(value(login).tls, CASES[kind])
    else:
        assert NOT_LOGGED_IN in reason(login)


@pytest.mark.parametrize("kind", CASES)
def test_no_extra_connection_is_opened_for_it(probed: dict[str, Probed], kind: str) -> None:
    assert probed[kind].connections == CASES[kind].connections


def test_a_negotiated_handshake_is_described_in_one_phrase(probed: dict[str, Probed]) -> None:
    texts = {kind: str(value(probed[kind].full.tls)) for kind in ("ECDHE", "DHE", "static RSA")}
    assert texts == {
        "ECDHE": "TLSv1.2 with ECDHE-RSA-AES256-GCM-SHA384 over secp256r1",
        "DHE": "TLSv1.2 with DHE-RSA-AES256-GCM-SHA384 over a 2048-bit prime",
        "static RSA": "TLSv1.2 with AES256-GCM-SHA384",
    }


@pytest.mark.parametrize("wire", ["on", "off"])
def test_a_handshake_is_read_even_if_the_certificate_does_not_verify(
    prober: Prober, wire: str
) -> None:
    foreign = RootAuthority.create("Another CA").issue([HOST])
    lines = ["hostssl all all 127.0.0.1/32 scram-sha-256"]
    prober = Prober(bundle=prober.bundle, environment={"WIRE_PROBE": wire})
    with PostgresServer(hba=lines, certificate=foreign) as server:
        observation = prober.probe(server.port)
    assert value(observation.certificate).trust is Trust.UNKNOWN_CA
    assert_as_negotiated(value(observation.tls), CASES["TLS 1.3"])


def test_a_server_without_tls_negotiates_none(prober: Prober) -> None:
    with PostgresServer(hba=["host all all 127.0.0.1/32 scram-sha-256"]) as server:
        assert "the server does not offer TLS" in reason(prober.probe(server.port).tls)
