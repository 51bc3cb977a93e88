"""A server that violates the protocol, and that records every byte it receives."""

import contextlib
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from emulation.pki import IssuedCertificate
from tests.integration.postgres.misbehaviour import Behaviour, Peer, asks_scram, refuses
from tests.integration.postgres.proxy import SSL_REQUEST

LIFETIME_SECONDS = 300
"""The longest time for which a connection is served: longer than any deadline of these tests."""
PROBE_ROLE = b"rds_tls_audit_probe"


def accept_tls(peer: Peer, context: ssl.SSLContext) -> None:
    """Accept the request for TLS and complete the handshake."""
    peer.send(b"S")
    peer.sock = context.wrap_socket(peer.sock, server_side=True)


@dataclass(slots=True, kw_only=True, eq=False)
class HostileServer:
    """A server on a free port of 127.0.0.1, each connection in a thread; a context manager.

    `to_plaintext` replies to a startup message without TLS. `to_tls_request` replies to the request
    for TLS. If it is None, the handshake succeeds with `certificate`, and `to_probe` or `to_login`
    replies to the startup message over TLS, depending on the role that the message names.
    """

    certificate: IssuedCertificate
    to_plaintext: Behaviour = refuses
    to_tls_request: Behaviour | None = None
    to_probe: Behaviour = asks_scram
    to_login: Behaviour = refuses
    session_tickets: int = 2
    peers: list[Peer] = field(init=False, default_factory=list)
    _listener: socket.socket = field(init=False)
    _context: ssl.SSLContext = field(init=False)
    _threads: list[threading.Thread] = field(init=False, default_factory=list)
    _stopped: threading.Event = field(init=False, default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._context = _server_context(self.certificate)
        self._context.num_tickets = self.session_tickets
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._start_thread(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for peer in self.peers:
            with contextlib.suppress(OSError):
                peer.sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(LIFETIME_SECONDS)
            assert not thread.is_alive()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def received_in_plaintext(self) -> bytes:
        """Everything that an observer of the network could read."""
        return b"".join(bytes(peer.in_plaintext) for peer in self.peers)

    def received_in_tls(self, *, by_probe: bool) -> bytes:
        """Return what the server received over TLS, from the wire probe or from everything else."""
        return b"".join(
            bytes(peer.in_tls) for peer in self.peers if (PROBE_ROLE in peer.startup) is by_probe
        )

    def _start_thread(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stopped.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.settimeout(LIFETIME_SECONDS)
            peer = Peer(sock=sock, stopped=self._stopped)
            self.peers.append(peer)
            self._start_thread(lambda peer=peer: self._serve(peer))  # type: ignore[misc]  # mypy does not infer a lambda's default

    def _serve(self, peer: Peer) -> None:
        # The client may end the connection in any way.
        with contextlib.suppress(OSError):
            try:
                self._behave(peer)
            finally:
                peer.sock.close()

    def _behave(self, peer: Peer) -> None:
        if peer.receive_startup() != SSL_REQUEST:
            self.to_plaintext(peer)
        elif self.to_tls_request is not None:
            self.to_tls_request(peer)
        else:
            accept_tls(peer, self._context)
            inside = self.to_probe if PROBE_ROLE in peer.receive_startup() else self.to_login
            inside(peer)


def _server_context(certificate: IssuedCertificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as directory:
        chain, key = Path(directory, "crt"), Path(directory, "key")
        chain.write_bytes(certificate.certificate_pem)
        key.write_bytes(certificate.key_pem)
        context.load_cert_chain(chain, key)
    return context
