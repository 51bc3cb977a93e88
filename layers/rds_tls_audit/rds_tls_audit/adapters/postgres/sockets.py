"""Sockets that keep to the bounds: plain TCP, and TLS on top."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Buffer, Sequence
from queue import Empty, SimpleQueue
from typing import Any, override

from rds_tls_audit.adapters.postgres.limits import DeadlineExceededError, Limits
from rds_tls_audit.evidence.observation import NegotiatedTls
from rds_tls_audit.fleet.database import Endpoint
from rds_tls_audit.protocol.key_exchange import (
    SERVER_HELLO,
    SERVER_KEY_EXCHANGE,
    group_of_hello,
    group_of_key_exchange,
)

type Address = tuple[socket.AddressFamily, tuple[Any, ...]]

MAX_ADDRESSES = 4


class ConnectError(OSError):
    """No connection came about; the text says why and where to look."""


def resolve(dial: Endpoint, bounds: Limits) -> tuple[Address, ...]:
    """Look a name up, within the deadline.

    The C library's resolver takes no timeout, so that it runs in a thread of its own, which is
    left behind where it does not come back.

    Raises:
        ConnectError: the name has no address.
        DeadlineError: no answer in time.
    """
    answers: SimpleQueue[list[Address] | OSError] = SimpleQueue()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(dial.address, dial.port, type=socket.SOCK_STREAM)
            answers.put([(family, address) for family, _, _, _, address in found])
        except (OSError, UnicodeError) as error:
            answers.put(error if isinstance(error, OSError) else OSError(str(error)))

    threading.Thread(target=look_up, daemon=True).start()
    try:
        answer = answers.get(timeout=bounds.remaining())
    except Empty:
        raise DeadlineExceededError from None
    if isinstance(answer, OSError):
        raise ConnectError(
            f"the name {dial.address} cannot be resolved: most likely the probe's VPC has DNS "
            "resolution turned off, or the database is gone"
        ) from answer
    return tuple(answer[:MAX_ADDRESSES])


def connect(dial: Endpoint, addresses: Sequence[Address], bounds: Limits) -> socket.socket:
    """Open a TCP connection; further addresses are tried only where one does not connect.

    Raises:
        ConnectError: none does.
        DeadlineError: there is no time left to try.
    """
    failure: OSError | None = None
    for left, (family, address) in zip(range(len(addresses), 0, -1), addresses, strict=True):
        patience = bounds.remaining() / left
        plain = socket.socket(family, socket.SOCK_STREAM)
        try:
            plain.settimeout(patience)
            plain.connect(address)
            # Small messages go both ways: with Nagle's algorithm each waits for the last one's
            # acknowledgement, which the other side delays.
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            plain.close()
            failure = error
        else:
            return plain
    raise ConnectError(_explain_connect_failure(dial, failure)) from failure


_LOOK = (
    "most likely the database's security group does not let the probe's in, or the probe is in "
    "another VPC without a route"
)


def _explain_connect_failure(dial: Endpoint, failure: OSError | None) -> str:
    if isinstance(failure, TimeoutError):
        return f"connecting to {dial} timed out: {_LOOK}"
    if isinstance(failure, ConnectionRefusedError):
        return f"{dial} refuses the connection: is the port right, is the server up? Else {_LOOK}"
    if isinstance(failure, ConnectionError):
        return f"connecting to {dial} was reset, by a firewall or proxy on the way: {_LOOK}"
    why = failure.strerror if failure and failure.strerror else failure
    return f"{dial} cannot be reached ({why}): {_LOOK}"


def receive(plain: socket.socket, size: int, bounds: Limits) -> bytes:
    """Receive exactly `size` bytes, or fewer where the server closes first."""
    bounds.reserve(size)
    received = bytearray()
    while len(received) < size:
        plain.settimeout(bounds.remaining())
        part = plain.recv(size - len(received))
        if not part:
            break
        bounds.consume(len(part))
        received += part
    return bytes(received)


def send(plain: socket.socket, data: bytes, bounds: Limits) -> None:
    """Send all of `data`."""
    plain.settimeout(bounds.remaining())
    plain.sendall(data)


class BoundedTlsSocket(ssl.SSLSocket):
    """A TLS socket that re-arms its timeout to the total deadline and counts what it receives.

    A socket's own timeout starts anew with every byte: a server that drips holds it for ever.
    """

    bounds: Limits
    key_exchange: dict[int, bytes]
    """The server's messages that tell the group of the key exchange, by their type."""

    def handshake(self, bounds: Limits) -> None:
        """Shake hands within these bounds, which hold from then on."""
        self.bounds = bounds
        self.key_exchange = {}
        self.settimeout(bounds.remaining())
        self.do_handshake()

    def negotiated(self) -> NegotiatedTls:
        """Say what the handshake came to."""
        suite, version, _ = self.cipher() or ("no suite", "", 0)
        group = group_of_hello(self.key_exchange.get(SERVER_HELLO, b""))
        if group is None:
            message = self.key_exchange.get(SERVER_KEY_EXCHANGE, b"")
            group = group_of_key_exchange(message, suite)
        return NegotiatedTls(version=self.version() or version, suite=suite, group=group)

    def receive(self, size: int) -> bytes:
        """Receive up to `size` bytes; fewer only where the server closes."""
        self.bounds.reserve(size)
        received = bytearray()
        while len(received) < size:
            self.settimeout(self.bounds.remaining())
            part = self.recv(size - len(received))
            if not part:
                break
            self.bounds.consume(len(part))
            received += part
        return bytes(received)

    @override
    def sendall(self, data: Buffer, flags: int = 0) -> None:
        self.settimeout(self.bounds.remaining())
        super().sendall(data, flags)

    @override
    def makefile(self, *_: object, **__: object) -> "BoundedStream":  # type: ignore[override]  # pg8000 asks for "rwb" and uses what BoundedStream has
        return BoundedStream(self)

    @override
    def close(self) -> None:
        with contextlib.suppress(OSError):
            super().close()


class BoundedStream:
    """The file that pg8000 reads and writes; refuses a read before memory is set aside for it.

    Message lengths come from the server: a hostile one would cost a gigabyte.
    """

    def __init__(self, tls: BoundedTlsSocket) -> None:
        """Work on this socket."""
        self._tls = tls
        self._unsent = bytearray()

    def read(self, size: int) -> bytes:
        """Receive `size` bytes."""
        data = self._tls.receive(size)
        if len(data) < size:
            raise ConnectionResetError("the server closed the connection")
        return data

    def write(self, data: bytes) -> None:
        """Keep until `flush`."""
        self._unsent += data

    def flush(self) -> None:
        """Send what was written."""
        data = bytes(self._unsent)
        self._unsent.clear()
        self._tls.sendall(data)
