"""Sockets that keep to the limits: plain TCP, and TLS on top of it."""

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
    read_group_from_key_exchange,
    read_group_from_server_hello,
)

type Address = tuple[socket.AddressFamily, tuple[Any, ...]]

MAX_ADDRESSES = 4


class ConnectError(OSError):
    """No connection was established; the message says why and what to do."""


def resolve(dial: Endpoint, limits: Limits) -> tuple[Address, ...]:
    """Resolve a name within the deadline.

    The C library's resolver has no timeout, so it runs in a thread of its own, which is abandoned
    if it does not return in time.

    Raises:
        ConnectError: The name has no address.
        DeadlineExceededError: The resolver did not return in time.
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
        answer = answers.get(timeout=limits.remaining())
    except Empty:
        raise DeadlineExceededError from None
    if isinstance(answer, OSError):
        raise ConnectError(
            f"the name {dial.address} cannot be resolved; turn on DNS resolution in the probe's "
            "VPC, or check whether the database was deleted"
        ) from answer
    return tuple(answer[:MAX_ADDRESSES])


def connect(dial: Endpoint, addresses: Sequence[Address], limits: Limits) -> socket.socket:
    """Open a TCP connection to the first address that accepts one.

    Raises:
        ConnectError: No address accepted a connection.
        DeadlineExceededError: No time is left.
    """
    failure: OSError | None = None
    for left, (family, address) in zip(range(len(addresses), 0, -1), addresses, strict=True):
        timeout = limits.remaining() / left
        plain = socket.socket(family, socket.SOCK_STREAM)
        try:
            plain.settimeout(timeout)
            plain.connect(address)
            # The messages are small: with Nagle's algorithm, each would wait until the peer has
            # acknowledged the previous one, which the peer delays.
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            plain.close()
            failure = error
        else:
            return plain
    raise ConnectError(_explain_connect_failure(dial, failure)) from failure


_OPEN_THE_NETWORK = (
    "allow the probe's security group in the database's security group, and give the probe a route "
    "to the database"
)


def _explain_connect_failure(dial: Endpoint, failure: OSError | None) -> str:
    if isinstance(failure, TimeoutError):
        return f"connecting to {dial} timed out; {_OPEN_THE_NETWORK}"
    if isinstance(failure, ConnectionRefusedError):
        return (
            f"{dial} refused the connection; check the port and whether the server is running, and "
            f"{_OPEN_THE_NETWORK}"
        )
    if isinstance(failure, ConnectionError):
        return f"connecting to {dial} was reset by a firewall or proxy; {_OPEN_THE_NETWORK}"
    why = failure.strerror if failure and failure.strerror else failure
    return f"{dial} cannot be reached ({why}); {_OPEN_THE_NETWORK}"


def receive(plain: socket.socket, size: int, limits: Limits) -> bytes:
    """Receive exactly `size` bytes, or fewer if the server closes the connection first."""
    limits.reserve(size)
    received = bytearray()
    while len(received) < size:
        plain.settimeout(limits.remaining())
        part = plain.recv(size - len(received))
        if not part:
            break
        limits.consume(len(part))
        received += part
    return bytes(received)


def send(plain: socket.socket, data: bytes, limits: Limits) -> None:
    """Send all of `data`."""
    plain.settimeout(limits.remaining())
    plain.sendall(data)


class BoundedTlsSocket(ssl.SSLSocket):
    """A TLS socket that keeps to the total deadline and counts the bytes it receives.

    The timeout of a plain socket starts again with every byte, so that a server that sends its
    bytes slowly could hold it forever.
    """

    limits: Limits
    key_exchange: dict[int, bytes]
    """The server's messages that contain the group of the key exchange, by message type."""

    def handshake(self, limits: Limits) -> None:
        """Complete the TLS handshake within these limits, which apply from then on."""
        self.limits = limits
        self.key_exchange = {}
        self.settimeout(limits.remaining())
        self.do_handshake()

    def negotiated(self) -> NegotiatedTls:
        """Return the version, cipher suite, and group that the handshake negotiated."""
        suite, version, _ = self.cipher() or ("no suite", "", 0)
        group = read_group_from_server_hello(self.key_exchange.get(SERVER_HELLO, b""))
        if group is None:
            message = self.key_exchange.get(SERVER_KEY_EXCHANGE, b"")
            group = read_group_from_key_exchange(message, suite)
        return NegotiatedTls(version=self.version() or version, suite=suite, group=group)

    def receive(self, size: int) -> bytes:
        """Receive exactly `size` bytes, or fewer if the server closes the connection first."""
        return receive(self, size, self.limits)

    @override
    def sendall(self, data: Buffer, flags: int = 0) -> None:
        self.settimeout(self.limits.remaining())
        super().sendall(data, flags)

    @override
    def makefile(self, *_: object, **__: object) -> "BoundedStream":  # type: ignore[override]  # pg8000 asks for "rwb" and uses what BoundedStream has
        return BoundedStream(self)

    @override
    def close(self) -> None:
        with contextlib.suppress(OSError):
            super().close()


class BoundedStream:
    """The file that pg8000 reads and writes; it refuses a long read before it allocates memory.

    The server sends the length of each message, so a hostile server could ask for a gigabyte.
    """

    def __init__(self, tls: BoundedTlsSocket) -> None:
        """Read from and write to this socket."""
        self._tls = tls
        self._unsent = bytearray()

    def read(self, size: int) -> bytes:
        """Receive `size` bytes."""
        data = self._tls.receive(size)
        if len(data) < size:
            raise ConnectionResetError("the server closed it")
        return data

    def write(self, data: bytes) -> None:
        """Keep the data until `flush`."""
        self._unsent += data

    def flush(self) -> None:
        """Send the data that was written."""
        data = bytes(self._unsent)
        self._unsent.clear()
        self._tls.sendall(data)
