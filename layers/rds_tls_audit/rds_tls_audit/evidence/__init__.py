"""What the probe observed of a database server; no I/O."""
