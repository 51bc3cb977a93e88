"""libpq and what is built on it.

Measured with libpq 15 to 18, psycopg2 2.9, psycopg 3.3, aiopg 1.4 and Django 5.2 against
PostgreSQL 15; Ruby, PHP, pgAdmin, pgcli, dbt and Airflow by their documentation.
"""

from rds_tls_audit.readiness.drivers.driver import CA, STALE_ROOT, Driver

_SETTING = f"sslmode=verify-full sslrootcert={CA}"
_CLEAR_WHEN = "sslmode=disable or allow, by PGSSLMODE too, or a TLS attempt of prefer that failed"
_REQUIRE_VERIFIES = "with a root.crt in place, sslmode=require verifies the CA: a stale file breaks"

LIBPQ_DRIVERS = (
    Driver(
        name="libpq and its tools",
        applications=("psql", "pg_dump", "pg_dumpall", "pg_restore", "pgbench", "vacuumdb"),
        falls_back_to_tls=True,
        clear_by_default=False,
        plaintext_when=_CLEAR_WHEN,
        verify_full=_SETTING,
        pitfalls=(STALE_ROOT, _REQUIRE_VERIFIES),
    ),
    Driver(
        name="psycopg2, psycopg 3, aiopg",
        unnamed=True,
        falls_back_to_tls=True,
        clear_by_default=False,
        plaintext_when=_CLEAR_WHEN,
        verify_full=f'connect(sslmode="verify-full", sslrootcert="{CA}")',
        pitfalls=(STALE_ROOT, _REQUIRE_VERIFIES),
    ),
    Driver(
        name="Django",
        unnamed=True,
        falls_back_to_tls=True,
        clear_by_default=False,
        plaintext_when="sslmode disable or allow in OPTIONS, or what libpq is told",
        verify_full=f'"OPTIONS": {{"sslmode": "verify-full", "sslrootcert": "{CA}"}}',
        pitfalls=(STALE_ROOT,),
    ),
    Driver(
        name="Ruby pg, Rails",
        # The gem gives the name of the program, so that it differs for each.
        applications=("bin/rails", "rake", "irb"),
        prefixes=("puma", "sidekiq"),
        falls_back_to_tls=True,
        clear_by_default=False,
        plaintext_when="sslmode disable or allow, or what libpq is told",
        verify_full=f"sslmode: verify-full, sslrootcert: {CA}",
        pitfalls=(STALE_ROOT,),
    ),
    Driver(
        name="PHP PDO, Laravel",
        unnamed=True,
        falls_back_to_tls=True,
        clear_by_default=False,
        plaintext_when="sslmode disable or allow, or what libpq is told",
        verify_full=(
            f"in the DSN: ;sslmode=verify-full;sslrootcert={CA}; Laravel: sslmode and sslrootcert "
            "of its connection"
        ),
        pitfalls=(STALE_ROOT,),
    ),
    Driver(
        name="pgAdmin, pgcli, dbt",
        applications=("pgcli", "dbt"),
        prefixes=("pgAdmin 4 - ",),
        falls_back_to_tls=True,
        clear_by_default=False,
        plaintext_when="sslmode disable or allow in its connection, or what libpq is told",
        verify_full=_SETTING,
        pitfalls=(STALE_ROOT,),
    ),
    Driver(
        name="Airflow",
        unnamed=True,
        falls_back_to_tls=True,
        clear_by_default=False,
        plaintext_when="sslmode disable or allow in the extras of its connection",
        verify_full=f'"extra": {{"sslmode": "verify-full", "sslrootcert": "{CA}"}}',
        pitfalls=(STALE_ROOT,),
    ),
    Driver(
        name="postgres_fdw, dblink, subscriptions",
        # dblink leaves it empty; a subscription gives its own name.
        applications=("postgres_fdw",),
        unnamed=True,
        falls_back_to_tls=True,
        clear_by_default=False,
        plaintext_when="sslmode disable or allow in the server's options or the connection string",
        verify_full=_SETTING,
        pitfalls=(
            (
                "the refusal shows inside the error of the statement or of the apply worker; a "
                "subscription that is refused tries again and again, and its slot stays"
            ),
        ),
    ),
    Driver(
        name="PgBouncer",
        unnamed=True,
        falls_back_to_tls=None,
        clear_by_default=True,
        plaintext_when="towards the server: its default before 1.20, server_tls_sslmode=disable",
        verify_full=f"server_tls_sslmode=verify-full, server_tls_ca_file={CA}",
        pitfalls=("it hands the refusal on to its clients, whatever their own settings are",),
    ),
)
