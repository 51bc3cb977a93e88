"""Listeners that count connections: one forwards them to a server, one never replies."""

import contextlib
import select
import socket
import struct
import threading
from typing import Self

SSL_REQUEST = struct.pack("!ii", 8, 80877103)
PATIENCE_SECONDS = 300


class CountingProxy:
    """Forwards connections from a free port of 127.0.0.1 to `port`; a context manager."""

    def __init__(self, port: int) -> None:
        self._to = ("127.0.0.1", port)
        self._first_data: list[bytes] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._accepts = threading.Thread(target=self._accept, daemon=True)
        self._accepts.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in (self._accepts, *self._threads):
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive()
        self._listener.close()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def connections(self) -> int:
        return len(self._threads)

    @property
    def plaintext_connections(self) -> int:
        """The connections that began with anything but the request for TLS."""
        return sum(not data.startswith(SSL_REQUEST) for data in self._first_data)

    def _accept(self) -> None:
        # This ends when the listener is closed.
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.create_connection(self._to, PATIENCE_SECONDS) as server:
            data = client.recv(65_536)
            self._first_data.append(data)
            server.sendall(data)
            with contextlib.suppress(OSError):
                _forward(client, server)


def _forward(client: socket.socket, server: socket.socket) -> None:
    """Forward bytes until either side closes its connection."""
    other = {client: server, server: client}
    while True:
        ready, _, _ = select.select([client, server], [], [], PATIENCE_SECONDS)
        for sock in ready:
            data = sock.recv(65_536)
            if not data:
                return
            other[sock].sendall(data)
        if not ready:
            return


class DeadHost:
    """Lets the kernel accept connections to a free port of 127.0.0.1, but never replies."""

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=16)
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def count(self) -> int:
        """Return the number of connections since the last count, and close them."""
        self._listener.settimeout(0)
        waiting = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                self._listener.accept()[0].close()
                waiting += 1
        return waiting
