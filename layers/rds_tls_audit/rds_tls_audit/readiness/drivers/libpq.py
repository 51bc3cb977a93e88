"""libpq, and the drivers and tools built on it.

libpq 15 to 18, psycopg2 2.9, psycopg 3.3, aiopg 1.4, and Django 5.2 were measured against
PostgreSQL 15. Ruby, PHP, pgAdmin, pgcli, dbt, and Airflow follow their documentation.
"""

from rds_tls_audit.readiness.drivers.driver import CA, STALE_ROOT, Driver

_SETTING = f"sslmode=verify-full sslrootcert={CA}"
_PLAINTEXT_WHEN = (
    "sslmode=disable or allow, also from PGSSLMODE, or sslmode=prefer after a failed TLS attempt"
)
_OR_LIBPQ = ", or one of libpq's own settings"
_REQUIRE_VERIFIES = (
    "if a root.crt exists, sslmode=require verifies the CA, and fails if the file is stale"
)

LIBPQ_DRIVERS = (
    Driver(
        name="libpq and its tools",
        applications=("psql", "pg_dump", "pg_dumpall", "pg_restore", "pgbench", "vacuumdb"),
        falls_back_to_tls=True,
        plaintext_by_default=False,
        plaintext_when=_PLAINTEXT_WHEN,
        verify_full=_SETTING,
        pitfalls=(STALE_ROOT, _REQUIRE_VERIFIES),
    ),
    Driver(
        name="psycopg2, psycopg 3, aiopg",
        unnamed=True,
        falls_back_to_tls=True,
        plaintext_by_default=False,
        plaintext_when=_PLAINTEXT_WHEN,
        verify_full=f'connect(sslmode="verify-full", sslrootcert="{CA}")',
        pitfalls=(STALE_ROOT, _REQUIRE_VERIFIES),
    ),
    Driver(
        name="Django",
        unnamed=True,
        falls_back_to_tls=True,
        plaintext_by_default=False,
        plaintext_when=f"sslmode disable or allow in OPTIONS{_OR_LIBPQ}",
        verify_full=f'"OPTIONS": {{"sslmode": "verify-full", "sslrootcert": "{CA}"}}',
        pitfalls=(STALE_ROOT,),
    ),
    Driver(
        name="Ruby pg, Rails",
        # The gem sets the name of the program, which differs.
        applications=("bin/rails", "rake", "irb"),
        prefixes=("puma", "sidekiq"),
        falls_back_to_tls=True,
        plaintext_by_default=False,
        plaintext_when=f"sslmode disable or allow{_OR_LIBPQ}",
        verify_full=f"sslmode: verify-full, sslrootcert: {CA}",
        pitfalls=(STALE_ROOT,),
    ),
    Driver(
        name="PHP PDO, Laravel",
        unnamed=True,
        falls_back_to_tls=True,
        plaintext_by_default=False,
        plaintext_when=f"sslmode disable or allow{_OR_LIBPQ}",
        verify_full=(
            f"in the DSN, ;sslmode=verify-full;sslrootcert={CA}; in Laravel, sslmode and "
            "sslrootcert of the connection"
        ),
        pitfalls=(STALE_ROOT,),
    ),
    Driver(
        name="pgAdmin, pgcli, dbt",
        applications=("pgcli", "dbt"),
        prefixes=("pgAdmin 4 - ",),
        falls_back_to_tls=True,
        plaintext_by_default=False,
        plaintext_when=f"sslmode disable or allow in the connection{_OR_LIBPQ}",
        verify_full=_SETTING,
        pitfalls=(STALE_ROOT,),
    ),
    Driver(
        name="Airflow",
        unnamed=True,
        falls_back_to_tls=True,
        plaintext_by_default=False,
        plaintext_when="sslmode disable or allow in the connection's extras",
        verify_full=f'"extra": {{"sslmode": "verify-full", "sslrootcert": "{CA}"}}',
        pitfalls=(STALE_ROOT,),
    ),
    Driver(
        name="postgres_fdw, dblink, subscriptions",
        # dblink leaves the application name empty; a subscription sets its own name.
        applications=("postgres_fdw",),
        unnamed=True,
        falls_back_to_tls=True,
        plaintext_by_default=False,
        plaintext_when="sslmode disable or allow in the server's options or the connection string",
        verify_full=_SETTING,
        pitfalls=(
            "the refusal appears in the error of the statement or of the apply worker",
            "a refused subscription keeps retrying, and its replication slot remains",
        ),
    ),
    Driver(
        name="PgBouncer",
        unnamed=True,
        falls_back_to_tls=None,
        plaintext_by_default=True,
        plaintext_when="to the server: the default before 1.20, or server_tls_sslmode=disable",
        verify_full=f"server_tls_sslmode=verify-full, server_tls_ca_file={CA}",
        pitfalls=("it passes the refusal on to its clients, whatever their own settings are",),
    ),
)
