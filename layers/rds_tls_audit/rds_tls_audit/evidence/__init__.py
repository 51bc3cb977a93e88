"""What was observed of a database server; pure."""
