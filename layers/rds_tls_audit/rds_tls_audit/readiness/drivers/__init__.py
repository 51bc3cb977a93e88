"""How client drivers choose TLS, and the setting for each."""
