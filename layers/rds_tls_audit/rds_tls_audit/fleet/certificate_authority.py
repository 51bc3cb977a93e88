"""The CA that signs an instance's certificate, by its identifier, and the roots that we trust."""

import re
from dataclasses import dataclass
from datetime import datetime

_FORMS = (
    (re.compile(r"rds-ca-(rsa2048|rsa4096|ecc384)-(g\d+)"), "Amazon RDS {region} Root CA {0} {1}"),
    (re.compile(r"rds-ca-(\d{4})"), "Amazon RDS {region} {0} CA"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateAuthority:
    """A CA as RDS lists it."""

    valid_till: datetime
    trusted: bool | None = None
    """Whether its root is among those we trust; None where its name cannot be told."""


def root_name(identifier: str, region: str) -> str | None:
    """The common name of the root that an identifier like `rds-ca-rsa2048-g1` stands for.

    As the roots of the published bundle are named; None for an identifier of another form.
    """
    for form, name in _FORMS:
        if found := form.fullmatch(identifier):
            return name.format(*(part.upper() for part in found.groups()), region=region)
    return None
