"""How client drivers choose TLS, and what to set in each."""
