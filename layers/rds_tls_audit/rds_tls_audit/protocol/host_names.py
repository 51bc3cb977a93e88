"""Whether a certificate's names hold for a host, as OpenSSL and libpq match them."""

from collections.abc import Iterable


def covers(names: Iterable[str], host: str) -> bool:
    """Compare without regard to case; a wildcard stands for the whole first label (RFC 6125)."""
    wanted = host.lower()
    labels = wanted.partition(".")
    return any(
        name == wanted or (name.startswith("*.") and labels[0] and name[2:] == labels[2])
        for name in (each.lower() for each in names)
    )
