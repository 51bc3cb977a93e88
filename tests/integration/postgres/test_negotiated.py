"""What a modern client's handshake with a real server comes to, without a connection for it."""

import contextlib
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import pytest

from emulation.pki import Authority, KeyKind
from emulation.postgresql import PostgresServer
from rds_tls_audit.evidence.observation import NegotiatedTls, Observation, Trust
from tests.integration.postgres.probe_helpers import PHRASE, ROLE, Prober, reason, value
from tests.integration.postgres.proxy import CountingProxy
from tests.support.builders import HOST

PATIENCE_SECONDS = 300
MAX, CIPHERS, CURVE = "ssl_max_protocol_version", "ssl_ciphers", "ssl_ecdh_curve"
NOT_LOGGED_IN = "not logged in, since credentials go over verified TLS 1.2 or later alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A server's settings, and what comes of a handshake with it."""

    settings: Mapping[str, str] = field(default_factory=dict)
    key: KeyKind = "rsa"
    version: str = "TLSv1.3"
    suite: str = "TLS_AES_256_GCM_SHA384"
    group: str | None
    """Pattern."""
    connections: int = 5
    logs_in: bool = True


def up_to_tls_1_2(settings: Mapping[str, str], suite: str, group: str | None) -> Case:
    """A server that speaks nothing newer."""
    return Case(settings={MAX: "TLSv1.2", **settings}, version="TLSv1.2", suite=suite, group=group)


CASES = {
    # Which one depends on the libraries of both sides.
    "TLS 1.3": Case(group=r"x25519|secp\d+r1|\w+MLKEM\d+"),
    # A client's first guess is another curve: the server asks for a second hello.
    "TLS 1.3 after a retry": Case(settings={CURVE: "secp521r1"}, group="secp521r1"),
    "ECDHE": up_to_tls_1_2({CURVE: "prime256v1"}, "ECDHE-RSA-AES256-GCM-SHA384", "secp256r1"),
    "ECDHE, EC key": replace(
        up_to_tls_1_2({CURVE: "secp384r1"}, "ECDHE-ECDSA-AES256-GCM-SHA384", "secp384r1"), key="ec"
    ),
    "DHE": up_to_tls_1_2(
        {CIPHERS: "DHE-RSA-AES256-GCM-SHA384"}, "DHE-RSA-AES256-GCM-SHA384", "a prime of 2048 bits"
    ),
    # No suite that we would log in with: whatever verifies shakes hands once more.
    "static RSA": replace(
        up_to_tls_1_2({CIPHERS: "AES256-GCM-SHA384"}, "AES256-GCM-SHA384", None),
        connections=6,
        logs_in=False,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What was seen, in full and with the wire's questions turned off."""

    full: Observation
    connections: int
    without_wire: Observation


@pytest.fixture(scope="module")
def looked(authority: Authority, eye: Prober) -> Iterator[dict[str, Looked]]:
    """A server of each kind, looked at through a proxy that counts."""
    no_wire = Prober(bundle=eye.bundle, role=ROLE, environment={"WIRE_PROBE": "off"})

    def look(case: Case) -> Looked:
        server = PostgresServer(
            hba=["hostssl all all 127.0.0.1/32 scram-sha-256"],
            certificate=authority.issue([HOST], key=case.key),
            settings=case.settings,
            setup_sql=[f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PHRASE}'"],
        )
        stack.enter_context(server)
        with CountingProxy(server.port) as proxy:
            full = eye.look(proxy.port)
        return Looked(
            full=full, connections=proxy.connections, without_wire=no_wire.look(server.port)
        )

    with contextlib.ExitStack() as stack, ThreadPoolExecutor(4) as pool:
        seen = pool.map(look, CASES.values(), timeout=PATIENCE_SECONDS)
        yield dict(zip(CASES, seen, strict=True))


def assert_as_negotiated(tls: NegotiatedTls, case: Case) -> None:
    assert (tls.version, tls.suite) == (case.version, case.suite)
    if case.group is None or tls.group is None:
        assert tls.group is case.group
    else:
        assert re.fullmatch(case.group, tls.group)


@pytest.mark.parametrize("kind", CASES)
def test_version_suite_and_group_of_a_handshake_are_told(
    looked: dict[str, Looked], kind: str
) -> None:
    assert_as_negotiated(value(looked[kind].full.tls), CASES[kind])


@pytest.mark.parametrize("kind", CASES)
def test_version_suite_and_group_are_told_with_the_wire_turned_off(
    looked: dict[str, Looked], kind: str
) -> None:
    assert_as_negotiated(value(looked[kind].without_wire.tls), CASES[kind])


@pytest.mark.parametrize("kind", CASES)
def test_our_own_session_is_told_as_negotiated_where_there_is_one(
    looked: dict[str, Looked], kind: str
) -> None:
    login = looked[kind].full.login
    if CASES[kind].logs_in:
        assert_as_negotiated(value(login).tls, CASES[kind])
    else:
        assert NOT_LOGGED_IN in reason(login)


@pytest.mark.parametrize("kind", CASES)
def test_no_connection_is_opened_to_learn_it(looked: dict[str, Looked], kind: str) -> None:
    assert looked[kind].connections == CASES[kind].connections


def test_a_negotiated_handshake_reads_as_one_phrase(looked: dict[str, Looked]) -> None:
    told = {kind: str(value(looked[kind].full.tls)) for kind in ("ECDHE", "DHE", "static RSA")}
    assert told == {
        "ECDHE": "TLSv1.2 with ECDHE-RSA-AES256-GCM-SHA384 over secp256r1",
        "DHE": "TLSv1.2 with DHE-RSA-AES256-GCM-SHA384 over a prime of 2048 bits",
        "static RSA": "TLSv1.2 with AES256-GCM-SHA384",
    }


@pytest.mark.parametrize("wire", ["on", "off"])
def test_a_handshake_is_told_though_the_certificate_does_not_verify(eye: Prober, wire: str) -> None:
    foreign = Authority.create("Somebody else's CA").issue([HOST])
    lines = ["hostssl all all 127.0.0.1/32 scram-sha-256"]
    looking = Prober(bundle=eye.bundle, environment={"WIRE_PROBE": wire})
    with PostgresServer(hba=lines, certificate=foreign) as server:
        observation = looking.look(server.port)
    assert value(observation.certificate).trust is Trust.UNKNOWN_CA
    assert_as_negotiated(value(observation.tls), CASES["TLS 1.3"])


def test_a_server_without_tls_has_negotiated_none(eye: Prober) -> None:
    with PostgresServer(hba=["host all all 127.0.0.1/32 scram-sha-256"]) as server:
        assert "TLS is off on the server" in reason(eye.look(server.port).tls)
