"""Match the names of a certificate with a host name, as OpenSSL and libpq do."""

from collections.abc import Iterable


def covers(names: Iterable[str], host: str) -> bool:
    """Return whether one of the names covers the host.

    The case is ignored, and a wildcard stands for the whole first label (RFC 6125).
    """
    wanted = host.lower()
    labels = wanted.partition(".")
    return any(
        name == wanted or (name.startswith("*.") and labels[0] and name[2:] == labels[2])
        for name in map(str.lower, names)
    )
