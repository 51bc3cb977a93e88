"""The RDS API, as far as the audit needs it."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from rds_tls_audit.evidence.observed import Observed
from rds_tls_audit.fleet.certificate_authority import CertificateAuthority
from rds_tls_audit.fleet.configuration import (
    GroupKey,
    ParameterGroup,
)
from rds_tls_audit.fleet.listing import Listing


class Rds(Protocol):
    """The RDS API, as far as it is needed."""

    def list_all(self) -> Listing:
        """List every PostgreSQL database of the account and Region."""

    def list_named(self, names: Sequence[str], *, ignore_missing: bool = False) -> Listing:
        """List these; raises where one does not exist, unless that is to be ignored."""

    def read_group(self, key: GroupKey) -> Observed[ParameterGroup]:
        """Read a parameter group."""

    def read_authorities(self) -> Observed[Mapping[str, CertificateAuthority]]:
        """Read the CAs by their identifiers."""
