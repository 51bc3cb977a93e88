"""The emulated AWS account on loopback and real PostgreSQL servers, for the demo and the tests."""
