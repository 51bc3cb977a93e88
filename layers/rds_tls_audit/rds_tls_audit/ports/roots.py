"""The names of the roots in a CA bundle."""

from pathlib import Path

from asn1crypto import pem, x509


def root_names(bundle: str) -> frozenset[str]:
    """Give the common names of the certificates in a PEM file.

    Raises:
        ValueError: it is not there, or holds no certificate.
    """
    try:
        content = Path(bundle).read_bytes()
        return frozenset(
            str(x509.Certificate.load(der).subject.native.get("common_name"))
            for _, _, der in pem.unarmor(content, multiple=True)
        )
    except (OSError, ValueError) as error:
        raise ValueError(
            f"the CA bundle {bundle} cannot be read: set RDS_CA_BUNDLE to a PEM file"
        ) from error
