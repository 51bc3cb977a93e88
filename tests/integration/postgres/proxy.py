"""A listener that counts who connects to it, and passes what it gets on, or does not answer."""

import contextlib
import select
import socket
import struct
import threading
from types import TracebackType
from typing import Self

SSL_REQUEST = struct.pack("!ii", 8, 80877103)
PATIENCE_SECONDS = 300


class CountingProxy:
    """Passes the connections to a free port of 127.0.0.1 on to `port`; a context manager."""

    def __init__(self, port: int) -> None:
        self._to = ("127.0.0.1", port)
        self._began_with: list[bytes] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._accepts = threading.Thread(target=self._accept, daemon=True)
        self._accepts.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
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
    def in_clear(self) -> int:
        """How many began with anything but the request for TLS."""
        return sum(not begin.startswith(SSL_REQUEST) for begin in self._began_with)

    def _accept(self) -> None:
        # Ends with the listener.
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.create_connection(self._to, PATIENCE_SECONDS) as server:
            begin = client.recv(65_536)
            self._began_with.append(begin)
            server.sendall(begin)
            with contextlib.suppress(OSError):
                _pass_on(client, server)


def _pass_on(client: socket.socket, server: socket.socket) -> None:
    """Pass bytes on until either side ends."""
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
    """Lets the kernel take connections to a free port of 127.0.0.1, and never answers any."""

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=16)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._listener.close()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def count(self) -> int:
        """How many connections came since the last count; they are closed."""
        self._listener.settimeout(0)
        waiting = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                self._listener.accept()[0].close()
                waiting += 1
        return waiting
