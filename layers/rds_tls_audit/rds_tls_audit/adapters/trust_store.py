"""The CA bundle that the audit trusts, and the names of its roots."""

from pathlib import Path

from asn1crypto import pem, x509

import rds_ca
from rds_tls_audit.settings import Settings


def ca_bundle_path(settings: Settings) -> str:
    """Return the path of the PEM file: the configured one, else the bundled one of RDS."""
    return settings.ca_bundle or str(rds_ca.where())


def read_root_names(bundle: str) -> frozenset[str]:
    """Return the common names of the certificates in a PEM file.

    Raises:
        ValueError: The file does not exist or contains no certificate.
    """
    try:
        content = Path(bundle).read_bytes()
        return frozenset(
            str(x509.Certificate.load(der).subject.native.get("common_name"))
            for _, _, der in pem.unarmor(content, multiple=True)
        )
    except (OSError, ValueError) as error:
        raise ValueError(
            f"the CA bundle {bundle} cannot be read; set RDS_CA_BUNDLE to a PEM file"
        ) from error
