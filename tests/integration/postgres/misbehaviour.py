"""The behavior of hostile servers on one connection."""

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.integration.postgres.proxy import SSL_REQUEST
from tests.integration.postgres.wire import (
    ASKS_CLEARTEXT,
    ASKS_SCRAM,
    AUTHENTICATED,
    QUERY_ANSWERED,
    READY,
    REFUSES,
    TEXT,
    authentication,
    message,
    row_description,
)


@dataclass(slots=True, kw_only=True, eq=False)
class Peer:
    """One connection of a hostile server, and the bytes that it received."""

    sock: socket.socket
    stopped: threading.Event
    in_plaintext: bytearray = field(default_factory=bytearray)
    in_tls: bytearray = field(default_factory=bytearray)
    startup: bytes = b""

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def receive(self, size: int) -> bytes:
        """Receive up to `size` bytes and record them.

        Raises:
            ConnectionResetError: The client closed the connection.
        """
        data = self.sock.recv(size)
        kept = self.in_tls if isinstance(self.sock, ssl.SSLSocket) else self.in_plaintext
        kept += data
        if not data:
            raise ConnectionResetError
        return data

    def receive_exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            data += self.receive(size - len(data))
        return data

    def receive_startup(self) -> bytes:
        head = self.receive_exactly(8)
        if head == SSL_REQUEST:
            return head
        self.startup = head + self.receive_exactly(struct.unpack("!i", head[:4])[0] - 8)
        return self.startup

    def receive_message(self) -> bytes:
        """Return the body of the client's next message."""
        head = self.receive_exactly(5)
        return self.receive_exactly(struct.unpack("!i", head[1:])[0] - 4)

    def listen(self) -> None:
        """Record everything until the client closes the connection."""
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
    """Return the behavior to send this, then listen."""

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
    """Return the behavior to send this endlessly."""

    def behave(peer: Peer) -> None:
        while not peer.stopped.is_set():
            peer.send(data)

    return behave


def lets_in(then: Behaviour) -> Behaviour:
    """Return the behavior to ask for no password, accept one SET, and continue with `then`."""

    def behave(peer: Peer) -> None:
        peer.send(AUTHENTICATED)
        peer.receive_message()
        peer.send(message(b"C", b"SET\0") + READY)
        then(peer)

    return behave


def scram_first(attributes: bytes) -> Behaviour:
    """Return the behavior to answer the first SCRAM message with its nonce and these attributes."""

    def behave(peer: Peer) -> None:
        peer.send(ASKS_SCRAM)
        nonce = peer.receive_message().rpartition(b",r=")[2]
        peer.send(authentication(11, attributes.replace(b"NONCE", nonce)))
        peer.listen()

    return behave


asks_scram = sends(ASKS_SCRAM)
refuses = sends(REFUSES)


def answers_queries(rows: Mapping[bytes, bytes]) -> Behaviour:
    """Return the behavior to answer each query by the first of these words that it contains."""

    def behave(peer: Peer) -> None:
        while True:
            query = peer.receive_message()
            answer = next((rows[word] for word in rows if word in query), b"")
            peer.send(answer + QUERY_ANSWERED)

    return behave


def repeats_scram(peer: Peer) -> None:
    """Ask for the most iterations that are accepted, again and again."""
    while True:
        peer.send(ASKS_SCRAM)
        nonce = peer.receive_message().rpartition(b",r=")[2]
        first = b"r=" + nonce + b"x,s=QSXCR+Q6sek8bf92QSXC,i=999999"
        peer.send(authentication(11, first))
        peer.receive_message()


def injects(peer: Peer) -> None:
    """Accept TLS and send a reply with it, as an attacker on the network would."""
    peer.send(b"S" + ASKS_CLEARTEXT)
    peer.listen()


def loops_a_row(peer: Peer) -> None:
    """Answer a query with a row whose lengths lead back to its beginning."""
    text, times = b"x" * 100_000, 400
    peer.receive_message()
    back = struct.pack("!i", -len(text) - 8)
    cells = struct.pack("!i", len(text)) + text + back
    peer.send(row_description(*(("a", TEXT),) * (2 * times)))
    peer.send(message(b"D", struct.pack("!H", 2 * times) + cells) + QUERY_ANSWERED)
    peer.listen()
