"""One module a check; `rds_tls_audit.check.all_checks` finds them by walking this folder."""
