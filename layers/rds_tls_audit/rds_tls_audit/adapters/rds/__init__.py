"""The RDS API."""
