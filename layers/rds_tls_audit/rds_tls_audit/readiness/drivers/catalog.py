"""Which drivers a client may use, judging by its application name: a hint, never proof.

Connection poolers pass on the names of their clients, any program can set one, and most drivers
that default to plaintext leave it empty.
"""

from rds_tls_audit.readiness.drivers.driver import Driver
from rds_tls_audit.readiness.drivers.jvm_dotnet import JVM_AND_NET_DRIVERS
from rds_tls_audit.readiness.drivers.libpq import LIBPQ_DRIVERS
from rds_tls_audit.readiness.drivers.scripting import SCRIPTING_DRIVERS

DRIVERS = (*SCRIPTING_DRIVERS, *JVM_AND_NET_DRIVERS, *LIBPQ_DRIVERS)


def recognize_drivers(application: str | None) -> tuple[Driver, ...]:
    """Return the drivers that use this name.

    Without a name, return the drivers that set none and use plaintext by default.
    """
    if not application:
        return tuple(driver for driver in DRIVERS if driver.unnamed and driver.plaintext_by_default)
    return tuple(driver for driver in DRIVERS if driver.matches(application))


UNNAMED_EXPLICIT_PLAINTEXT = tuple(
    driver for driver in DRIVERS if driver.unnamed and not driver.plaintext_by_default
)
"""Drivers that set no name and use plaintext only if configured to, or if TLS failed."""
