"""The emulated account: AWS on loopback and real PostgreSQL servers, for the demo and the tests."""
