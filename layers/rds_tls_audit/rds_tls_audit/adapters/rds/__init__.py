"""The RDS API: calls, and the mapping of responses to values of the fleet."""
