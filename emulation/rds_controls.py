"""Lets a test change the emulated RDS, deny its operations, and count the calls."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.rds.models import RDSBackend, rds_backends

from emulation.rds_resources import ACCOUNT, DEFAULT_CA, REGION, api_fields, field_overrides

_AUTHORITY_VALID_FROM = datetime(2021, 5, 21, tzinfo=UTC)
_AUTHORITY_EXPIRY_YEARS = {DEFAULT_CA: 2061, "rds-ca-rsa4096-g1": 2121, "rds-ca-ecc384-g1": 2121}


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """An operation that is denied; with `group`, only for this parameter group."""

    operation: str
    code: str
    message: str
    group: str | None


_denials: list[Denial] = []
_call_counts: Counter[str] = Counter()
_certificates: dict[str, dict[str, Any]] = {}


def deny(
    operation: str,
    *,
    code: str = "AccessDenied",
    message: str = "The user is not authorized to perform this action",
    group: str | None = None,
) -> None:
    """Deny an operation, such as DescribeDBParameters, for all or for one parameter group."""
    _denials.append(Denial(operation=operation, code=code, message=message, group=group))


def allow_all() -> None:
    """Remove every denial."""
    _denials.clear()


def find_denial(operation: str, groups: Collection[str | None]) -> Denial | None:
    """Return the denial of an operation on these parameter groups, if there is one."""
    for denial in _denials:
        if denial.operation == operation and (denial.group is None or denial.group in groups):
            return denial
    return None


def call_counts() -> Counter[str]:
    """Return how often each RDS operation was called since the start, including denied calls."""
    return Counter(_call_counts)


def reset_call_counts() -> None:
    """Set all counts to zero, for example after creating databases, which calls RDS too."""
    _call_counts.clear()


def count_call(operation: str) -> None:
    """Count one call of this operation."""
    _call_counts[operation] += 1


def certificates() -> dict[str, dict[str, Any]]:
    """Return the certificate authorities by name, as DescribeCertificates describes them."""
    return {name: _default_certificate(name) for name in _AUTHORITY_EXPIRY_YEARS} | _certificates


def set_certificate_fields(identifier: str, **fields: object) -> None:
    """Set fields of a certificate authority, such as ValidTill; a new name adds one."""
    _certificates[identifier] = (
        certificates().get(identifier, _default_certificate(identifier)) | fields
    )


def set_instance_fields(identifier: str, **fields: object) -> None:
    """Set fields of an instance by their names in DescribeDBInstances; None omits a field.

    Also accepts `ParameterApplyStatus` of its parameter group and, for a member of a cluster,
    `DBClusterParameterGroupStatus`.
    """
    extra = {"ParameterApplyStatus", "DBClusterParameterGroupStatus"}
    _require_known_fields(fields.keys() - extra, "DBInstance")
    field_overrides(_backend().databases[identifier]).update(fields)


def set_cluster_fields(identifier: str, **fields: object) -> None:
    """Set fields of a cluster by their names in DescribeDBClusters; None omits a field."""
    _require_known_fields(fields, "DBCluster")
    field_overrides(_backend().clusters[identifier]).update(fields)


def reset() -> None:
    """Remove all denials, call counts, and changes to certificate authorities."""
    _denials.clear()
    _call_counts.clear()
    _certificates.clear()


def _require_known_fields(names: Iterable[str], kind: str) -> None:
    unknown = sorted(set(names) - api_fields(kind).keys())
    if unknown:
        raise ValueError(f"A {kind} has no field {', '.join(unknown)}. See the RDS API reference.")


def _backend() -> RDSBackend:
    return rds_backends[ACCOUNT][REGION]


def _default_certificate(name: str) -> dict[str, Any]:
    expiry_year = _AUTHORITY_EXPIRY_YEARS.get(name, 2061)
    return {
        "CertificateIdentifier": name,
        "CertificateType": "CA",
        "ValidFrom": _AUTHORITY_VALID_FROM,
        "ValidTill": datetime(expiry_year, 5, 21, tzinfo=UTC),
        "CertificateArn": f"arn:aws:rds:{REGION}::cert:{name}",
        "CustomerOverride": False,
    }
