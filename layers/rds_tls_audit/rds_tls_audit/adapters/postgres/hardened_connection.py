"""pg8000's connection, which does not believe a server everything."""

import re
from typing import override

from pg8000.exceptions import DatabaseError
from pg8000.native import Connection

from rds_tls_audit.adapters.postgres.limits import DeadlineExceededError

_NULL = -1
"""The length of a NULL in a row."""
_SASL_CONTINUE = 11
_MAX_SCRAM_ITERATIONS = 1_000_000
"""PostgreSQL's default is 4,096; a million cost about a second."""
_ITERATIONS_PER_SECOND = 500_000
"""What a slow machine manages."""


class RefusedAfterLoginError(DatabaseError):  # type: ignore[misc]  # pg8000 has no types
    """The server let us in, and then refused: something runs on login there."""


class HardenedConnection(Connection):  # type: ignore[misc]  # pg8000 has no types
    """Refuses, with a ValueError, what no honest server asks for or sends."""

    def __init__(self, role: str, **options: object) -> None:
        """Log in.

        Raises:
            AfterLoginError: refused once we were in.
        """
        self._let_in = False
        try:
            super().__init__(role, **options)
        except DatabaseError as error:
            if self._let_in:
                raise RefusedAfterLoginError(*error.args) from error
            raise

    @override
    def handle_BACKEND_KEY_DATA(self, data: bytes, context: object) -> None:
        # The role, its password and the database's privileges are settled by then.
        self._let_in = True
        super().handle_BACKEND_KEY_DATA(data, context)

    @override
    def handle_AUTHENTICATION_REQUEST(self, data: bytes, context: object) -> None:
        if int.from_bytes(data[:4]) == _SASL_CONTINUE:
            found = re.search(rb"(?:^|,)i=(\d+)", data[4:])
            if found and int(found[1][:12]) > _MAX_SCRAM_ITERATIONS:
                raise ValueError(
                    "the server asks for more SCRAM iterations than an honest one would"
                )
            # Hashing cannot be interrupted: it is not begun where there is no time for it.
            if found and int(found[1]) > self._usock.bounds.remaining() * _ITERATIONS_PER_SECOND:
                raise DeadlineExceededError
        super().handle_AUTHENTICATION_REQUEST(data, context)

    @override
    def handle_DATA_ROW(self, data: bytes, context: object) -> None:
        # pg8000 believes the lengths: a negative one leads it back to what it has read already,
        # so that a small row grows without end.
        position = 2
        for _ in range(int.from_bytes(data[:2])):
            length = int.from_bytes(data[position : position + 4], signed=True)
            if length < _NULL:
                raise ValueError("the server sends a row with a negative length")
            position += 4 + max(length, 0)
        if position != len(data):
            raise ValueError("the server sends a row whose lengths do not add up")
        super().handle_DATA_ROW(data, context)
