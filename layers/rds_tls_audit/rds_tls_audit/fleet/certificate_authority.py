"""The CA that issues the server certificate of an instance."""

import re
from dataclasses import dataclass
from datetime import datetime

_PATTERNS = (
    (re.compile(r"rds-ca-(rsa2048|rsa4096|ecc384)-(g\d+)"), "Amazon RDS {region} Root CA {0} {1}"),
    (re.compile(r"rds-ca-(\d{4})"), "Amazon RDS {region} {0} CA"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateAuthority:
    """A CA as RDS lists it. Field names are the stored format."""

    valid_till: datetime
    trusted: bool | None = None
    """Whether the CA bundle contains its root; None if the name of the root is not known."""


def derive_root_name(identifier: str, region: str) -> str | None:
    """Derive the common name of a root from a CA identifier like `rds-ca-rsa2048-g1`.

    The name is the one that the root has in the CA bundle that RDS publishes.

    Returns:
        None for an identifier of another form.
    """
    for pattern, name in _PATTERNS:
        if match := pattern.fullmatch(identifier):
            return name.format(*(part.upper() for part in match.groups()), region=region)
    return None
