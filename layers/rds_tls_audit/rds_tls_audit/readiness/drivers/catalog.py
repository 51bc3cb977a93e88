"""Which drivers a client may use, by its application name: a hint, never proof.

Poolers hand on the name of their clients, any program can set one, and most drivers that are in
clear by default leave it empty.
"""

from rds_tls_audit.readiness.drivers.driver import Driver
from rds_tls_audit.readiness.drivers.jvm_dotnet import JVM_AND_NET_DRIVERS
from rds_tls_audit.readiness.drivers.libpq import LIBPQ_DRIVERS
from rds_tls_audit.readiness.drivers.scripting import SCRIPTING_DRIVERS

DRIVERS = (*SCRIPTING_DRIVERS, *JVM_AND_NET_DRIVERS, *LIBPQ_DRIVERS)


def recognize_drivers(application: str | None) -> tuple[Driver, ...]:
    """The drivers of this name; of no name, those without one that are in clear by default."""
    if not application:
        return tuple(one for one in DRIVERS if one.unnamed and one.clear_by_default)
    return tuple(one for one in DRIVERS if one.recognises(application))


UNNAMED_EXPLICIT_PLAINTEXT = tuple(
    one for one in DRIVERS if one.unnamed and not one.clear_by_default
)
"""Those without a name that are in clear only where they are told so, or where TLS failed."""
