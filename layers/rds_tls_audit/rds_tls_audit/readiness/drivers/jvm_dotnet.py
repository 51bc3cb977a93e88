"""Drivers for the JVM, .NET, and the BEAM, and the tools built on them.

pgjdbc 42.5 was measured against PostgreSQL 15. The others follow their source or documentation.
"""

from rds_tls_audit.readiness.drivers.driver import CA, VERIFIES_NOTHING, Driver

_JDBC = f"?sslmode=verify-full&sslrootcert={CA}"

JVM_AND_NET_DRIVERS = (
    Driver(
        name="pgjdbc",
        applications=("PostgreSQL JDBC Driver",),
        falls_back_to_tls=True,
        plaintext_by_default=True,
        plaintext_when=(
            "sslmode=disable or allow, or a version before 42.2.5, which doesn't support prefer"
        ),
        verify_full=_JDBC,
        pitfalls=(
            "ssl=false doesn't turn TLS off; ssl=true means verify-full and requires the CA",
            f"a setting that only requires TLS {VERIFIES_NOTHING}",
        ),
    ),
    Driver(
        name="R2DBC",
        applications=("r2dbc-postgresql",),
        falls_back_to_tls=None,
        plaintext_by_default=True,
        plaintext_when="the default",
        verify_full=f"sslMode=VERIFY_FULL, sslRootCert={CA}",
    ),
    Driver(
        name="Vert.x",
        applications=("vertx-pg-client",),
        falls_back_to_tls=None,
        plaintext_by_default=True,
        plaintext_when="the default",
        verify_full=(
            f"SslMode.VERIFY_FULL with {CA} as the trust certificate and HTTPS as the hostname "
            "verification algorithm"
        ),
    ),
    Driver(
        name="Debezium",
        prefixes=("Debezium ",),
        falls_back_to_tls=True,
        plaintext_by_default=True,
        plaintext_when="the default before 2.3, or database.sslmode=disable or allow",
        verify_full=f"database.sslmode=verify-full, database.sslrootcert={CA}",
    ),
    Driver(
        name="Metabase",
        prefixes=("Metabase ",),
        falls_back_to_tls=None,
        plaintext_by_default=True,
        plaintext_when="SSL is turned off for the connection",
        verify_full=f"SSL on, SSL mode verify-full, root certificate {CA}",
    ),
    Driver(
        name="DBeaver",
        prefixes=("DBeaver ",),
        falls_back_to_tls=True,
        plaintext_by_default=False,
        plaintext_when="sslmode=disable or allow in the driver properties",
        verify_full=f"SSL tab: SSL mode verify-full, CA certificate {CA}",
    ),
    Driver(
        name="Npgsql",
        unnamed=True,
        falls_back_to_tls=True,
        plaintext_by_default=True,
        plaintext_when="SSL Mode=Disable or Allow, or a version before 6",
        verify_full=f"SSL Mode=VerifyFull;Root Certificate={CA}",
    ),
    Driver(
        name="Postgrex",
        unnamed=True,
        falls_back_to_tls=False,
        plaintext_by_default=True,
        plaintext_when="the default, without ssl",
        verify_full=(
            f'ssl: [cacertfile: "{CA}", verify: :verify_peer]; in older versions, ssl: true '
            "and the same list as ssl_opts, with server_name_indication"
        ),
    ),
)
