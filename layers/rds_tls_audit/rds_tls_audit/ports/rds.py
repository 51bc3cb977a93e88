"""The RDS API, as far as the audit needs it."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from rds_tls_audit.evidence.observed import Observed
from rds_tls_audit.fleet.certificate_authority import CertificateAuthority
from rds_tls_audit.fleet.configuration import GroupKey, ParameterGroup
from rds_tls_audit.fleet.listing import Listing


class Rds(Protocol):
    """The RDS API, as far as the audit needs it."""

    def list_all(self) -> Listing:
        """List every PostgreSQL database of the account and Region.

        Raises:
            Exception: Not a single database could be listed.
        """

    def list_named(self, names: Sequence[str], *, ignore_missing: bool = False) -> Listing:
        """List the databases with these names: instance identifiers, cluster identifiers, or ARNs.

        Raises:
            Exception: Not `ignore_missing`, and a name belongs to no PostgreSQL database; or the
                databases could not be listed.
        """

    def read_group(self, key: GroupKey) -> Observed[ParameterGroup]:
        """Read the parameters of a group that the checks need."""

    def read_authorities(self) -> Observed[Mapping[str, CertificateAuthority]]:
        """Read the certificate authorities by their identifiers."""
