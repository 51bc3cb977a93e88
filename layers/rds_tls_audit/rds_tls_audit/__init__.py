"""RDS TLS Audit: is traffic to a PostgreSQL database really encrypted, and can nobody else connect?

The flow is discover → probe → publish → report (see `stages`). What is looked at is data
(`database`, `configuration`, `observation`, `evidence`), what it means is pure (`checks`,
`transition`, `finding`, `digest`), and everything that touches the world is a port (`ports`).
"""

VERSION = "0.1.0"
"""Of RDS TLS Audit, as in pyproject.toml."""
