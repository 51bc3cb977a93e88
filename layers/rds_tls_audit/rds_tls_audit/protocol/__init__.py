"""Bytes on the wire: PostgreSQL startup, TLS records, cipher suites and host names."""
