"""Servers that do not keep to the protocol, and that write down every byte they are sent."""

import contextlib
import socket
import ssl
import struct
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from demo.pki import IssuedCertificate

LIFETIME_SECONDS = 20
"""No connection is served for longer, whatever happens."""
PROBE_ROLE = b"rds_tls_audit_probe"

_SSL_REQUEST = struct.pack("!ii", 8, 80877103)


def message(kind: bytes, body: bytes, length: int | None = None) -> bytes:
    """Frame a message; `length` is what it claims, where that is a lie."""
    claimed = len(body) + 4 if length is None else length
    return kind + struct.pack("!i", claimed) + body


def authentication(code: int, body: bytes = b"") -> bytes:
    return message(b"R", struct.pack("!i", code) + body)


def error(sqlstate: bytes, text: bytes) -> bytes:
    return message(b"E", b"SFATAL\0C" + sqlstate + b"\0M" + text + b"\0\0")


READY = message(b"Z", b"I")
AUTHENTICATED = authentication(0) + READY
ASKS_IN_CLEAR = authentication(3)
ASKS_SCRAM = authentication(10, b"SCRAM-SHA-256\0\0")
REFUSES = error(b"28000", b"no pg_hba.conf entry")


@dataclass(slots=True, kw_only=True, eq=False)
class Peer:
    """One connection of a hostile server, and what came through it."""

    sock: socket.socket
    stopped: threading.Event
    in_clear: bytearray = field(default_factory=bytearray)
    in_tls: bytearray = field(default_factory=bytearray)
    startup: bytes = b""

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def receive(self, size: int) -> bytes:
        """Receive up to `size` bytes, and write them down; nothing where the client has gone."""
        data = self.sock.recv(size)
        kept = self.in_tls if isinstance(self.sock, ssl.SSLSocket) else self.in_clear
        kept += data
        if not data:
            raise ConnectionResetError
        return data

    def exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            data += self.receive(size - len(data))
        return data

    def receive_startup(self) -> bytes:
        head = self.exactly(8)
        if head == _SSL_REQUEST:
            return head
        self.startup = head + self.exactly(struct.unpack("!i", head[:4])[0] - 8)
        return self.startup

    def receive_message(self) -> bytes:
        """Give the body of a message of the client."""
        head = self.exactly(5)
        return self.exactly(struct.unpack("!i", head[1:])[0] - 4)

    def listen(self) -> None:
        """Write down whatever comes until the client goes."""
        while True:
            self.receive(65_536)

    def drip(self, data: bytes) -> None:
        """Send one byte every 0.2 s."""
        for byte in data:
            if self.stopped.wait(0.2):
                return
            self.send(bytes([byte]))

    def reset(self) -> None:
        """End the connection with RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


type Behaviour = Callable[[Peer], None]


def sends(data: bytes) -> Behaviour:
    """Send this, then listen."""

    def behave(peer: Peer) -> None:
        peer.send(data)
        peer.listen()

    return behave


def drips(data: bytes) -> Behaviour:
    return lambda peer: peer.drip(data)


def closes(peer: Peer) -> None:
    peer.sock.close()


def resets(peer: Peer) -> None:
    peer.reset()


def is_silent(peer: Peer) -> None:
    peer.listen()


def floods(data: bytes) -> Behaviour:
    """Send this without end."""

    def behave(peer: Peer) -> None:
        while not peer.stopped.is_set():
            peer.send(data)

    return behave


def lets_in(then: Behaviour) -> Behaviour:
    """Ask for no password, let the client set what it sets, and go on from the next query."""

    def behave(peer: Peer) -> None:
        peer.send(AUTHENTICATED)
        peer.receive_message()
        peer.send(message(b"C", b"SET\0") + READY)
        then(peer)

    return behave


def scram_first(attributes: bytes) -> Behaviour:
    """Answer the client's first SCRAM message with its nonce and these attributes."""

    def behave(peer: Peer) -> None:
        peer.send(ASKS_SCRAM)
        nonce = peer.receive_message().rpartition(b",r=")[2]
        peer.send(authentication(11, attributes.replace(b"NONCE", nonce)))
        peer.listen()

    return behave


def starts_tls(peer: Peer, context: ssl.SSLContext) -> None:
    """Say yes and shake hands."""
    peer.send(b"S")
    peer.sock = context.wrap_socket(peer.sock, server_side=True)


asks_scram = sends(ASKS_SCRAM)
refuses = sends(REFUSES)


@dataclass(slots=True, kw_only=True, eq=False)
class HostileServer:
    """A server on a free port of 127.0.0.1, each connection in a thread; a context manager.

    `in_clear` answers a startup message without TLS. `to_tls_request` answers the request for
    TLS; where there is none the handshake goes through with `certificate`, and `to_probe` or
    `to_login` answers the startup message inside, by the role that it names.
    """

    certificate: IssuedCertificate
    in_clear: Behaviour = refuses
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
        self._begin(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
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
    def received_in_clear(self) -> bytes:
        """Everything that anybody on the way could read."""
        return b"".join(bytes(peer.in_clear) for peer in self.peers)

    def received_in_tls(self, *, by_probe: bool) -> bytes:
        """What came inside TLS, of the paired probe or of everybody else."""
        return b"".join(
            bytes(peer.in_tls) for peer in self.peers if (PROBE_ROLE in peer.startup) is by_probe
        )

    def _begin(self, work: Callable[[], None]) -> None:
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
            self._begin(lambda peer=peer: self._serve(peer))  # type: ignore[misc]  # mypy does not infer a lambda's default

    def _serve(self, peer: Peer) -> None:
        # The client leaves in any way: that is what it is to do.
        with contextlib.suppress(OSError):
            try:
                self._behave(peer)
            finally:
                peer.sock.close()

    def _behave(self, peer: Peer) -> None:
        if peer.receive_startup() != _SSL_REQUEST:
            self.in_clear(peer)
        elif self.to_tls_request is not None:
            self.to_tls_request(peer)
        else:
            starts_tls(peer, self._context)
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
