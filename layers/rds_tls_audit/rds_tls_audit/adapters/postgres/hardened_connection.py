"""A pg8000 connection that is hardened against hostile servers."""

import re
from typing import override

from pg8000.exceptions import DatabaseError
from pg8000.native import Connection

from rds_tls_audit.adapters.postgres.limits import DeadlineExceededError

_NULL = -1
"""The length that stands for NULL in a row."""
_SASL_CONTINUE = 11
_MAX_SCRAM_ITERATIONS = 1_000_000
"""The most that are accepted; PostgreSQL's default is 4,096, and a million take about a second."""
_ITERATIONS_PER_SECOND = 500_000
"""How many a slow machine hashes."""


class RefusedAfterLoginError(DatabaseError):  # type: ignore[misc]  # pg8000 has no types
    """The server accepted the credentials and then refused: something runs on login."""


class HardenedConnection(Connection):  # type: ignore[misc]  # pg8000 has no types
    """Refuses, with a ValueError, requests and rows that no PostgreSQL server sends."""

    def __init__(self, role: str, **options: object) -> None:
        """Log in.

        Raises:
            RefusedAfterLoginError: The server refused after it had accepted the credentials.
        """
        self._credentials_accepted = False
        try:
            super().__init__(role, **options)
        except DatabaseError as error:
            if self._credentials_accepted:
                raise RefusedAfterLoginError(*error.args) from error
            raise

    @override
    def handle_BACKEND_KEY_DATA(self, data: bytes, context: object) -> None:
        # By now the server has checked the role, its password, and its privileges on the database.
        self._credentials_accepted = True
        super().handle_BACKEND_KEY_DATA(data, context)

    @override
    def handle_AUTHENTICATION_REQUEST(self, data: bytes, context: object) -> None:
        if int.from_bytes(data[:4]) == _SASL_CONTINUE:
            found = re.search(rb"(?:^|,)i=(\d+)", data[4:])
            if found and int(found[1][:12]) > _MAX_SCRAM_ITERATIONS:
                raise ValueError(
                    f"the server asks for more than {_MAX_SCRAM_ITERATIONS} SCRAM iterations"
                )
            # Hashing cannot be interrupted, so it starts only if there is enough time for it.
            if found and int(found[1]) > self._usock.limits.remaining() * _ITERATIONS_PER_SECOND:
                raise DeadlineExceededError
        super().handle_AUTHENTICATION_REQUEST(data, context)

    @override
    def handle_DATA_ROW(self, data: bytes, context: object) -> None:
        # pg8000 trusts the lengths: a negative one makes it read the same bytes again, so that a
        # small row grows without limit.
        position = 2
        for _ in range(int.from_bytes(data[:2])):
            length = int.from_bytes(data[position : position + 4], signed=True)
            if length < _NULL:
                raise ValueError("the server sent a row with a negative length")
            position += 4 + max(length, 0)
        if position != len(data):
            raise ValueError("the server sent a row whose lengths do not match its size")
        super().handle_DATA_ROW(data, context)
