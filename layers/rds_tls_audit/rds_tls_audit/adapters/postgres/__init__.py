"""One PostgreSQL server on the wire and in a session, within limits."""
