"""Bytes on the wire, pure: PostgreSQL's first messages and TLS's first records."""
