"""Drivers for JavaScript; for Python, Go, and Rust without libpq; and services.

pg 8.23 and drivers built on it, postgres.js 3.4, Bun 1.4, asyncpg 0.32, pg8000 1.31, SQLAlchemy
2.1, lib/pq 1.12, and pgx 5.9 were measured against PostgreSQL 15. The others follow their source or
documentation.
"""

from rds_tls_audit.readiness.drivers.driver import CA, VERIFIES_NOTHING, Driver

_PYTHON_CONTEXT = f'ssl.create_default_context(cafile="{CA}")'
_URL = f"?sslmode=verify-full&sslrootcert={CA}"

SCRIPTING_DRIVERS = (
    Driver(
        name="node-postgres",
        unnamed=True,
        falls_back_to_tls=False,
        plaintext_by_default=True,
        plaintext_when=(
            "the default, also with knex, TypeORM, pg-promise, Sequelize, and Prisma's adapter; "
            "ssl: false; in Sequelize, ssl: true outside dialectOptions"
        ),
        verify_full=(
            f"ssl: {{ca}} with the content of {CA} and no sslmode in the URL, or {_URL}; in "
            "Sequelize, dialectOptions: {ssl: {ca}}"
        ),
        pitfalls=(
            "an sslmode in the URL overrides the ssl object",
            (
                "every sslmode except disable and no-verify verifies fully, and without the bundle "
                "fails with a self-signed certificate in the chain; with uselibpqcompat=true, "
                "sslmode has libpq's meaning"
            ),
            f"rejectUnauthorized: false {VERIFIES_NOTHING}",
            "a second pool, such as a session store's, has its own settings",
        ),
    ),
    Driver(
        name="postgres.js",
        applications=("postgres.js",),
        falls_back_to_tls=False,
        plaintext_by_default=True,
        plaintext_when="the default, or ssl set to disable",
        verify_full=f"ssl: {{ca}} with the content of {CA}",
        pitfalls=(f"ssl: 'require' {VERIFIES_NOTHING}",),
    ),
    Driver(
        name="Bun SQL",
        unnamed=True,
        falls_back_to_tls=False,
        plaintext_by_default=True,
        plaintext_when="the default, or disable",
        verify_full=f"tls: {{ca}} with the content of {CA}",
    ),
    Driver(
        name="asyncpg",
        unnamed=True,
        falls_back_to_tls=True,
        plaintext_by_default=True,
        plaintext_when="ssl=False, disable or allow, or a version up to 0.21",
        verify_full=f"connect(ssl={_PYTHON_CONTEXT})",
    ),
    Driver(
        name="pg8000",
        unnamed=True,
        falls_back_to_tls=False,
        plaintext_by_default=False,
        plaintext_when="ssl_context=False",
        verify_full=f"connect(ssl_context={_PYTHON_CONTEXT})",
        pitfalls=(f"ssl_context=True {VERIFIES_NOTHING}",),
    ),
    Driver(
        name="SQLAlchemy",
        unnamed=True,
        falls_back_to_tls=None,
        plaintext_by_default=False,
        plaintext_when="the setting of its driver",
        verify_full=(
            f'connect_args: for psycopg {{"sslmode": "verify-full", "sslrootcert": "{CA}"}}, for '
            f'asyncpg {{"ssl": {_PYTHON_CONTEXT}}}, for pg8000 {{"ssl_context": {_PYTHON_CONTEXT}}}'
        ),
        pitfalls=("with asyncpg and pg8000, an sslmode in the URL is an error",),
    ),
    Driver(
        name="lib/pq (Go)",
        unnamed=True,
        falls_back_to_tls=True,
        plaintext_by_default=False,
        plaintext_when="sslmode=disable or allow",
        verify_full=_URL,
    ),
    Driver(
        name="pgx (Go)",
        unnamed=True,
        falls_back_to_tls=True,
        plaintext_by_default=False,
        plaintext_when="sslmode=disable or allow, or sslmode=prefer after a failed TLS attempt",
        verify_full=_URL,
    ),
    Driver(
        name="tokio-postgres (Rust)",
        unnamed=True,
        falls_back_to_tls=False,
        plaintext_by_default=False,
        plaintext_when="NoTls in the code, or sslmode=disable",
        verify_full=f"a TLS connector that trusts {CA}, and sslmode=require",
    ),
    Driver(
        name="sqlx (Rust)",
        unnamed=True,
        falls_back_to_tls=False,
        plaintext_by_default=False,
        plaintext_when="sslmode=disable, or sslmode=allow, which sqlx always treats as plaintext",
        verify_full=_URL,
    ),
    Driver(
        name="AWS DMS",
        unnamed=True,
        falls_back_to_tls=False,
        plaintext_by_default=True,
        plaintext_when="the endpoint's SSL mode is none, which is the default",
        verify_full=f"SSL mode verify-full on the endpoint, with {CA} as the certificate",
    ),
    Driver(
        name="Datadog Agent",
        applications=("datadog-agent",),
        falls_back_to_tls=True,
        plaintext_by_default=True,
        plaintext_when="the default, which is allow since 7.49",
        verify_full=f"ssl: verify-full, ssl_root_cert: {CA}",
    ),
)
