"""Audit whether every connection to Amazon RDS and Aurora PostgreSQL databases uses TLS.

The flow is discover → probe → publish → report (see `stages`). Configuration (`fleet`) and
observations (`evidence`) are data. Their evaluation (`checks`, `readiness`, `findings`, `digest`)
is pure. Everything outside the process is behind an interface (`ports`).
"""

VERSION = "0.1.0"
"""The version of RDS TLS Audit, the same as in pyproject.toml."""
