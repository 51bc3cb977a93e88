"""Drivers of JavaScript, and those of Python, Go and Rust that do not use libpq; services.

Measured against PostgreSQL 15: pg 8.23 and those built on it, postgres.js 3.4, Bun 1.4, asyncpg
0.32, pg8000 1.31, SQLAlchemy 2.1, lib/pq 1.12, pgx 5.9; the others by source or documentation.
"""

from rds_tls_audit.readiness.drivers.driver import CA, CHECKS_NOTHING, Driver

_PYTHON_CONTEXT = f'ssl.create_default_context(cafile="{CA}")'
_URL = f"?sslmode=verify-full&sslrootcert={CA}"

SCRIPTING_DRIVERS = (
    Driver(
        name="node-postgres",
        unnamed=True,
        falls_back_to_tls=False,
        clear_by_default=True,
        plaintext_when=(
            "its default, under knex, TypeORM, pg-promise, Sequelize and Prisma's adapter too; "
            "ssl: false; Sequelize's ssl: true outside of dialectOptions"
        ),
        verify_full=(
            f"ssl: {{ca}} with the text of {CA} and no sslmode in the URL, or {_URL}; Sequelize: "
            "dialectOptions: {ssl: {ca}}"
        ),
        pitfalls=(
            "an sslmode in the URL overrides the ssl object",
            (
                "every sslmode but disable and no-verify verifies in full: without the bundle it "
                "fails with a self-signed certificate in the chain; uselibpqcompat=true gives "
                "libpq's meaning"
            ),
            f"rejectUnauthorized: false: {CHECKS_NOTHING}",
            "a second pool, such as a session store's, has settings of its own",
        ),
    ),
    Driver(
        name="postgres.js",
        applications=("postgres.js",),
        falls_back_to_tls=False,
        clear_by_default=True,
        plaintext_when="its default, or ssl set to disable",
        verify_full=f"ssl: {{ca}} with the text of {CA}",
        pitfalls=(f"ssl: 'require': {CHECKS_NOTHING}",),
    ),
    Driver(
        name="Bun SQL",
        unnamed=True,
        falls_back_to_tls=False,
        clear_by_default=True,
        plaintext_when="its default, or disable",
        verify_full=f"tls: {{ca}} with the text of {CA}",
    ),
    Driver(
        name="asyncpg",
        unnamed=True,
        falls_back_to_tls=True,
        clear_by_default=True,
        plaintext_when="ssl=False, disable or allow, or a version up to 0.21",
        verify_full=f"connect(ssl={_PYTHON_CONTEXT})",
    ),
    Driver(
        name="pg8000",
        unnamed=True,
        falls_back_to_tls=False,
        clear_by_default=False,
        plaintext_when="ssl_context=False",
        verify_full=f"connect(ssl_context={_PYTHON_CONTEXT})",
        pitfalls=(f"ssl_context=True: {CHECKS_NOTHING}",),
    ),
    Driver(
        name="SQLAlchemy",
        unnamed=True,
        falls_back_to_tls=None,
        clear_by_default=False,
        plaintext_when="what its driver is told",
        verify_full=(
            f'connect_args: psycopg {{"sslmode": "verify-full", "sslrootcert": "{CA}"}}, asyncpg '
            f'{{"ssl": {_PYTHON_CONTEXT}}}, pg8000 {{"ssl_context": {_PYTHON_CONTEXT}}}'
        ),
        pitfalls=("sslmode in the URL is an error with asyncpg and pg8000",),
    ),
    Driver(
        name="lib/pq (Go)",
        unnamed=True,
        falls_back_to_tls=True,
        clear_by_default=False,
        plaintext_when="sslmode=disable or allow",
        verify_full=_URL,
    ),
    Driver(
        name="pgx (Go)",
        unnamed=True,
        falls_back_to_tls=True,
        clear_by_default=False,
        plaintext_when="sslmode=disable or allow, or a TLS attempt of prefer that failed",
        verify_full=_URL,
    ),
    Driver(
        name="tokio-postgres (Rust)",
        unnamed=True,
        falls_back_to_tls=False,
        clear_by_default=False,
        plaintext_when="NoTls in the program, or sslmode=disable",
        verify_full=f"a TLS connector that trusts {CA}, and sslmode=require",
    ),
    Driver(
        name="sqlx (Rust)",
        unnamed=True,
        falls_back_to_tls=False,
        clear_by_default=False,
        plaintext_when="sslmode=disable or allow, which is always in clear here",
        verify_full=_URL,
    ),
    Driver(
        name="AWS DMS",
        unnamed=True,
        falls_back_to_tls=False,
        clear_by_default=True,
        plaintext_when="the SSL mode of its endpoint is none, the default",
        verify_full=f"SSL mode verify-full on its endpoint, with {CA} as certificate",
    ),
    Driver(
        name="Datadog Agent",
        applications=("datadog-agent",),
        falls_back_to_tls=True,
        clear_by_default=True,
        plaintext_when="its default, allow from 7.49 on",
        verify_full=f"ssl: verify-full, ssl_root_cert: {CA}",
    ),
)
