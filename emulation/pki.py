"""A certificate authority that stands in for the Amazon RDS root CAs in tests and the demo."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Literal, Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

type KeyKind = Literal["ec", "rsa"]
type _PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
type _Extension = tuple[x509.ExtensionType, bool]

_COMMON_NAME_LIMIT = 64  # ub-common-name in RFC 5280; RDS host names can be longer
_CERTIFICATE_LIFETIME = timedelta(days=365)
_ROOT_LIFETIME = timedelta(days=3650)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedCertificate:
    """A server certificate and its private key in PEM; the key is unencrypted PKCS #8."""

    certificate_pem: bytes
    key_pem: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RootAuthority:
    """A self-signed root CA with its key; clients that trust `certificate_pem` trust its issues."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def create(
        cls,
        common_name: str,
        *,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
    ) -> Self:
        """Create a root CA, by default valid from yesterday and for ten years."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name(common_name)
        certificate = _sign(
            subject=name,
            issuer=name,
            key=key,
            signing_key=key,
            validity=_validity(not_before, not_after, lifetime=_ROOT_LIFETIME),
            extensions=(
                (x509.BasicConstraints(ca=True, path_length=0), True),
                (_key_usage(authority=True), True),
            ),
        )
        return cls(certificate=certificate, key=key)

    @property
    def certificate_pem(self) -> bytes:
        """The root certificate in PEM."""
        return self.certificate.public_bytes(Encoding.PEM)

    def issue(  # noqa: PLR0913 - each option makes a certificate wrong in one way
        self,
        host_names: Sequence[str],
        *,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
        common_name: str | None = None,
        with_san: bool = True,
        with_aki: bool = True,
        key: KeyKind = "rsa",
    ) -> IssuedCertificate:
        """Issue a server certificate for host names or IP addresses.

        By default, it is valid from yesterday and for one year. The common name defaults to the
        first host name and is truncated to the 64 characters that X.509 allows. Without
        `with_aki`, only clients that verify strictly refuse the certificate.
        """
        server_key = _private_key(key)
        extensions: list[_Extension] = [
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (_key_usage(authority=False), True),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        ]
        if with_san:
            extensions.append((x509.SubjectAlternativeName(_general_names(host_names)), False))
        if with_aki:
            authority_key_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(
                self.key.public_key()
            )
            extensions.append((authority_key_id, False))
        certificate = _sign(
            subject=_name((common_name or host_names[0])[:_COMMON_NAME_LIMIT]),
            issuer=self.certificate.subject,
            key=server_key,
            signing_key=self.key,
            validity=_validity(not_before, not_after, lifetime=_CERTIFICATE_LIFETIME),
            extensions=extensions,
        )
        return IssuedCertificate(
            certificate_pem=certificate.public_bytes(Encoding.PEM),
            key_pem=server_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        )


def _private_key(kind: KeyKind) -> _PrivateKey:
    if kind == "ec":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _general_names(host_names: Iterable[str]) -> list[x509.GeneralName]:
    return [_general_name(name) for name in host_names]


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_encipherment=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _validity(
    not_before: datetime | None, not_after: datetime | None, *, lifetime: timedelta
) -> tuple[datetime, datetime]:
    now = datetime.now(UTC)
    return not_before or now - timedelta(days=1), not_after or now + lifetime


def _sign(  # noqa: PLR0913 - the fields of a certificate
    *,
    subject: x509.Name,
    issuer: x509.Name,
    key: _PrivateKey,
    signing_key: ec.EllipticCurvePrivateKey,
    validity: tuple[datetime, datetime],
    extensions: Iterable[_Extension],
) -> x509.Certificate:
    not_before, not_after = validity
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(signing_key, SHA256())
