"""pg8000's connection, which does not believe a server everything."""

import re
from typing import override

from pg8000.native import Connection

_NULL = -1
"""The length of a NULL in a row."""
_SASL_CONTINUE = 11
_MAX_SCRAM_ITERATIONS = 1_000_000
"""PostgreSQL's default is 4,096; a million cost about a second, and hashing heeds no deadline."""


class CautiousConnection(Connection):  # type: ignore[misc]  # pg8000 has no types
    """Refuses, with a ValueError, what no honest server asks for or sends."""

    @override
    def handle_AUTHENTICATION_REQUEST(self, data: bytes, context: object) -> None:
        if int.from_bytes(data[:4]) == _SASL_CONTINUE:
            found = re.search(rb"(?:^|,)i=(\d+)", data[4:])
            if found and int(found[1][:12]) > _MAX_SCRAM_ITERATIONS:
                raise ValueError(
                    "the server asks for more SCRAM iterations than an honest one would"
                )
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
