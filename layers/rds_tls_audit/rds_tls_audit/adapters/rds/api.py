"""Read databases, parameter groups, and certificate authorities from the RDS API."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import batched
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.parsers import ResponseParserError

from rds_tls_audit.adapters.api_errors import API_ERRORS, ApiError, describe_error
from rds_tls_audit.adapters.rds import mapping
from rds_tls_audit.adapters.trust_store import read_root_names
from rds_tls_audit.evidence.observed import Observed, Seen, Unseen
from rds_tls_audit.fleet.certificate_authority import CertificateAuthority, derive_root_name
from rds_tls_audit.fleet.configuration import PARAMETER_NAMES, GroupKey, Parameter, ParameterGroup
from rds_tls_audit.fleet.database import ENGINES
from rds_tls_audit.fleet.listing import Listing

if TYPE_CHECKING:
    from mypy_boto3_rds import RDSClient
    from mypy_boto3_rds.type_defs import (
        DBClusterTypeDef,
        DBInstanceTypeDef,
        FilterTypeDef,
        PaginatorConfigTypeDef,
    )

FILTER_VALUES = 100
"""The number of values that RDS accepts in one filter."""

_PAGE: "PaginatorConfigTypeDef" = {"PageSize": 100}
# RDS accepts 12 requests/s per account and Region from all callers together. The adaptive mode
# slows down after the first throttled request; the standard mode gives up after 100 of them.
_ADAPTIVE = Config(retries={"mode": "adaptive", "total_max_attempts": 8})


class UnknownDatabasesError(LookupError):
    """Requested names belong to no PostgreSQL database; the message lists all of them."""


class RdsUnavailableError(RuntimeError):
    """RDS lists no databases, so there is nothing to audit."""


class RdsApi:
    """The RDS API of one Region; read-only."""

    def __init__(self, bundle: str | None = None) -> None:
        """Use the Region of the environment; `bundle` is the PEM file of the trusted roots."""
        self._client: RDSClient = boto3.client("rds", config=_ADAPTIVE)
        self._bundle = bundle

    def list_all(self) -> Listing:
        """List every PostgreSQL database of the account and Region.

        Raises:
            RdsUnavailableError: Not a single instance could be listed.
        """
        # The same calls also list Neptune and DocumentDB.
        engines: FilterTypeDef = {"Name": "engine", "Values": list(ENGINES)}
        instances, error = _collect_until_error(self._instances([engines]))
        if error is not None and not instances:
            raise _unavailable(error)
        clusters, cluster_error = _collect_until_error(self._clusters([engines]))
        complete = error is None and cluster_error is None
        return mapping.listing(instances, clusters, complete=complete)

    def list_named(self, names: Sequence[str], *, ignore_missing: bool = False) -> Listing:
        """List the databases with these names: instance identifiers, cluster identifiers, or ARNs.

        Raises:
            UnknownDatabasesError: Not `ignore_missing`, and names belong to no PostgreSQL database.
            RdsUnavailableError: The databases could not be listed.
        """
        wanted = dict.fromkeys(names)
        try:
            instances = self._find(wanted, wanted, "db-instance-id", mapping.names_of)
            found = {name for instance in instances for name in mapping.names_of(instance)}
            rest = [name for name in wanted if name not in found]
            members = self._find(rest, wanted, "db-cluster-id", mapping.names_of_cluster)
            found |= {name for member in members for name in mapping.names_of_cluster(member)}
            rest = [name for name in wanted if name not in found]
            empty = [
                cluster
                for cluster in self._clusters_by(_identifiers(rest))
                if wanted.keys() & mapping.names_of_empty_cluster(cluster)
            ]
        except API_ERRORS as error:
            raise _unavailable(error) from error
        found |= {name for cluster in empty for name in mapping.names_of_empty_cluster(cluster)}
        by_arn = {instance["DBInstanceArn"]: instance for instance in (*instances, *members)}
        listed = list(by_arn.values())
        if not ignore_missing:
            _refuse_unknown(names, found, listed)
        clusters = [*self._clusters_of(listed), *empty]
        return mapping.listing(listed, clusters, complete=True)

    def _find(
        self,
        names: Iterable[str],
        wanted: Iterable[str],
        filter_name: str,
        names_of: "Callable[[DBInstanceTypeDef], set[str]]",
    ) -> "list[DBInstanceTypeDef]":
        # Filter again, because not every endpoint applies the filter. And an ARN must match
        # exactly: another account or Region may have a database of the same name.
        accepted = set(wanted)
        return [
            instance
            for instance in self._instances_by(filter_name, _identifiers(names))
            if accepted & names_of(instance)
        ]

    def read_group(self, key: GroupKey) -> Observed[ParameterGroup]:
        """Read the parameters of `PARAMETER_NAMES` that the group lists."""
        try:
            # Filter again, because not every endpoint applies the filter.
            parameters = {
                parameter["ParameterName"]: Parameter(
                    value=parameter.get("ParameterValue"), source=parameter.get("Source", "unknown")
                )
                for parameter in _items(self._parameter_pages(key), "Parameters")
                if parameter["ParameterName"] in PARAMETER_NAMES
            }
        except API_ERRORS as error:
            return Unseen(reason=f"{key} could not be read: {describe_error(error)}")
        return Seen(value=ParameterGroup(key=key, parameters=parameters))

    def read_authorities(self) -> Observed[Mapping[str, CertificateAuthority]]:
        """Read the certificate authorities by their identifiers."""
        roots = read_root_names(self._bundle) if self._bundle else None
        pages = self._client.get_paginator("describe_certificates").paginate(PaginationConfig=_PAGE)
        try:
            authorities = {
                certificate["CertificateIdentifier"]: CertificateAuthority(
                    valid_till=certificate["ValidTill"],
                    trusted=self._is_trusted(certificate["CertificateIdentifier"], roots),
                )
                for certificate in _items(pages, "Certificates")
            }
        except API_ERRORS as error:
            return Unseen(reason=f"the CAs could not be read: {describe_error(error)}")
        return Seen(value=authorities)

    def _is_trusted(self, identifier: str, roots: frozenset[str] | None) -> bool | None:
        name = derive_root_name(identifier, self._client.meta.region_name)
        return None if name is None or roots is None else name in roots

    def _parameter_pages(self, key: GroupKey) -> Iterable[Mapping[str, Any]]:
        names: list[FilterTypeDef] = [{"Name": "parameter-name", "Values": list(PARAMETER_NAMES)}]
        if key.of_cluster:
            return self._client.get_paginator("describe_db_cluster_parameters").paginate(
                DBClusterParameterGroupName=key.name, Filters=names, PaginationConfig=_PAGE
            )
        return self._client.get_paginator("describe_db_parameters").paginate(
            DBParameterGroupName=key.name, Filters=names, PaginationConfig=_PAGE
        )

    def _instances(self, filters: "list[FilterTypeDef]") -> "Iterator[DBInstanceTypeDef]":
        pages = self._client.get_paginator("describe_db_instances").paginate(
            Filters=filters, PaginationConfig=_PAGE
        )
        yield from _items(pages, "DBInstances")

    def _clusters(self, filters: "list[FilterTypeDef]") -> "Iterator[DBClusterTypeDef]":
        pages = self._client.get_paginator("describe_db_clusters").paginate(
            Filters=filters, PaginationConfig=_PAGE
        )
        yield from _items(pages, "DBClusters")

    def _instances_by(self, name: str, values: Iterable[str]) -> "Iterator[DBInstanceTypeDef]":
        for part in batched(values, FILTER_VALUES, strict=False):
            yield from self._instances([{"Name": name, "Values": part}])

    def _clusters_by(self, identifiers: Iterable[str]) -> "Iterator[DBClusterTypeDef]":
        for part in batched(identifiers, FILTER_VALUES, strict=False):
            yield from self._clusters([{"Name": "db-cluster-id", "Values": part}])

    def _clusters_of(self, instances: "Iterable[DBInstanceTypeDef]") -> "list[DBClusterTypeDef]":
        ids = {
            instance["DBClusterIdentifier"]
            for instance in instances
            if instance.get("DBClusterIdentifier")
        }
        # If a cluster cannot be listed, only the configuration of its members is unknown.
        return _collect_until_error(self._clusters_by(sorted(ids)))[0]


def _refuse_unknown(
    names: Sequence[str], found: set[str], listed: "Sequence[DBInstanceTypeDef]"
) -> None:
    if missing := [name for name in dict.fromkeys(names) if name not in found]:
        raise UnknownDatabasesError(
            f"These databases do not exist in this account and Region: {', '.join(missing)}"
        )
    other_engines = [
        f"{instance['DBInstanceIdentifier']} ({instance['Engine']})"
        for instance in listed
        if instance["Engine"] not in ENGINES
    ]
    if other_engines:
        raise UnknownDatabasesError(
            f"These databases are not PostgreSQL databases: {', '.join(other_engines)}"
        )


def _identifiers(names: Iterable[str]) -> Iterator[str]:
    return (name.rpartition(":")[2] for name in names)


def _items(pages: Iterable[Mapping[str, Any]], key: str) -> Iterator[Any]:
    try:
        for page in pages:
            yield from page[key]
    except KeyError as error:
        # A well-formed response that RDS did not send, such as the page of a proxy.
        raise ResponseParserError(f"the response lacks {error}") from error


def _collect_until_error[T](items: Iterator[T]) -> tuple[list[T], ApiError | None]:
    collected: list[T] = []
    try:
        collected.extend(items)
    except API_ERRORS as error:
        return collected, error
    return collected, None


def _unavailable(error: ApiError) -> RdsUnavailableError:
    return RdsUnavailableError(f"RDS could not list the databases: {describe_error(error)}")
