"""What a test can change about the emulated RDS, and see of the calls it received."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.rds.models import RDSBackend, rds_backends

from emulation.rds_resources import ACCOUNT, DEFAULT_CA, REGION, members, own_fields

_AUTHORITY_VALID_FROM = datetime(2021, 5, 21, tzinfo=UTC)
_AUTHORITY_LAST_YEARS = {DEFAULT_CA: 2061, "rds-ca-rsa4096-g1": 2121, "rds-ca-ecc384-g1": 2121}


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """An operation that is refused; with `group`, only for that parameter group."""

    operation: str
    code: str
    message: str
    group: str | None


_denials: list[Denial] = []
_calls: Counter[str] = Counter()
_certificates: dict[str, dict[str, Any]] = {}


def deny(
    operation: str,
    *,
    code: str = "AccessDenied",
    message: str = "The user is not authorized to perform this action",
    group: str | None = None,
) -> None:
    """Refuse an operation, such as DescribeDBParameters, or only for one parameter group."""
    _denials.append(Denial(operation=operation, code=code, message=message, group=group))


def allow_all() -> None:
    """Take back every denial."""
    _denials.clear()


def denial_of(operation: str, groups: Collection[str | None]) -> Denial | None:
    """Give the denial of an operation on these parameter groups, if there is one."""
    for denial in _denials:
        if denial.operation == operation and (denial.group is None or denial.group in groups):
            return denial
    return None


def calls() -> Counter[str]:
    """Count the RDS operations received since the account was started, refused ones too."""
    return Counter(_calls)


def forget_calls() -> None:
    """Start counting anew: making databases calls RDS too."""
    _calls.clear()


def count_call(operation: str) -> None:
    """Add one to the calls of this operation."""
    _calls[operation] += 1


def certificates() -> dict[str, dict[str, Any]]:
    """Give the certificate authorities by name, as DescribeCertificates shows them."""
    return {name: _certificate(name) for name in _AUTHORITY_LAST_YEARS} | _certificates


def show_certificate(identifier: str, **fields: object) -> None:
    """Set fields of DescribeCertificates, such as ValidTill; a new name adds an authority."""
    _certificates[identifier] = certificates().get(identifier, _certificate(identifier)) | fields


def show_instance(identifier: str, **fields: object) -> None:
    """Set fields of DescribeDBInstances by their names there; None leaves a field out.

    Also `ParameterApplyStatus`, of its parameter group, and, for the member of a cluster,
    `DBClusterParameterGroupStatus`.
    """
    extra = {"ParameterApplyStatus", "DBClusterParameterGroupStatus"}
    _check(fields.keys() - extra, "DBInstance")
    own_fields(_backend().databases[identifier]).update(fields)


def show_cluster(identifier: str, **fields: object) -> None:
    """Set fields of DescribeDBClusters by their names there; None leaves a field out."""
    _check(fields, "DBCluster")
    own_fields(_backend().clusters[identifier]).update(fields)


def forget() -> None:
    """Take back denials, counted calls and changed certificate authorities."""
    _denials.clear()
    _calls.clear()
    _certificates.clear()


def _check(names: Iterable[str], kind: str) -> None:
    unknown = sorted(set(names) - members(kind).keys())
    if unknown:
        raise ValueError(
            f"A {kind} has no field {', '.join(unknown)}: look at RDS's API reference."
        )


def _backend() -> RDSBackend:
    return rds_backends[ACCOUNT][REGION]


def _certificate(name: str) -> dict[str, Any]:
    last_year = _AUTHORITY_LAST_YEARS.get(name, 2061)
    return {
        "CertificateIdentifier": name,
        "CertificateType": "CA",
        "ValidFrom": _AUTHORITY_VALID_FROM,
        "ValidTill": datetime(last_year, 5, 21, tzinfo=UTC),
        "CertificateArn": f"arn:aws:rds:{REGION}::cert:{name}",
        "CustomerOverride": False,
    }
