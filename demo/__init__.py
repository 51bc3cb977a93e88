"""The local account: emulated AWS services and real PostgreSQL servers, good and bad."""
