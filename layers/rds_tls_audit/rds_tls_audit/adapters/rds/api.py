"""The RDS API: databases, the parameter groups that decide, the CAs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import batched
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.parsers import ResponseParserError

from rds_tls_audit.adapters.api_errors import API_ERRORS, ApiError, describe_error
from rds_tls_audit.adapters.rds import mapping
from rds_tls_audit.adapters.trust_store import root_names
from rds_tls_audit.evidence.observed import Observed, Seen, Unseen
from rds_tls_audit.fleet.certificate_authority import CertificateAuthority, root_name
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
"""How many values one filter takes."""

_PAGE: "PaginatorConfigTypeDef" = {"PageSize": 100}
# RDS takes 12 requests/s per account and Region, shared by all callers. Adaptive: after the first
# refusal it slows down by itself; the budget of the standard mode runs out within 100 refusals.
_PATIENT = Config(retries={"mode": "adaptive", "total_max_attempts": 8})


class UnknownDatabasesError(LookupError):
    """Names were given that are no PostgreSQL databases here; names them all."""


class RdsUnavailableError(RuntimeError):
    """RDS does not list databases, so that there is nothing to audit."""


class RdsApi:
    """Reads; never writes."""

    def __init__(self, bundle: str | None = None) -> None:
        """Ask in the Region of the environment; `bundle` is the PEM file of the trusted roots."""
        self._client: RDSClient = boto3.client("rds", config=_PATIENT)
        self._bundle = bundle

    def list_all(self) -> Listing:
        """List every PostgreSQL database of the account and Region.

        Raises:
            RdsUnavailableError: not one instance could be listed.
        """
        # Neptune and DocumentDB answer to the same calls.
        engines: FilterTypeDef = {"Name": "engine", "Values": list(ENGINES)}
        instances, error = _until_error(self._instances([engines]))
        if error is not None and not instances:
            raise _unavailable(error)
        clusters, cluster_error = _until_error(self._clusters([engines]))
        complete = error is None and cluster_error is None
        return mapping.listing(instances, clusters, complete=complete)

    def list_named(self, names: Sequence[str], *, ignore_missing: bool = False) -> Listing:
        """List the databases of these names: instance ids, cluster ids or ARNs.

        Raises:
            UnknownDatabasesError: names every one that is none, but for `ignore_missing`.
            RdsUnavailableError: RDS does not list them.
        """
        wanted = dict.fromkeys(names)
        try:
            # Filtered again, like parameters. An ARN must be the database's own to the letter:
            # another account or Region may have one of the same name.
            instances = [
                instance
                for instance in self._instances_by("db-instance-id", _identifiers(wanted))
                if wanted.keys() & mapping.names_of(instance)
            ]
            found = {name for instance in instances for name in mapping.names_of(instance)}
            rest = [name for name in wanted if name not in found]
            members = [
                instance
                for instance in self._instances_by("db-cluster-id", _identifiers(rest))
                if wanted.keys() & mapping.names_of_cluster(instance)
            ]
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
        listed = list({it["DBInstanceArn"]: it for it in (*instances, *members)}.values())
        if not ignore_missing:
            _refuse(names, found, listed)
        clusters = [*self._clusters_of(listed), *empty]
        return mapping.listing(listed, clusters, complete=True)

    def read_group(self, key: GroupKey) -> Observed[ParameterGroup]:
        """Read the parameters of `PARAMETER_NAMES` that the group lists."""
        try:
            # Filtered again: not every endpoint heeds the filter.
            parameters = {
                parameter["ParameterName"]: Parameter(
                    value=parameter.get("ParameterValue"), source=parameter.get("Source", "unknown")
                )
                for parameter in _listed(self._parameter_pages(key), "Parameters")
                if parameter["ParameterName"] in PARAMETER_NAMES
            }
        except API_ERRORS as error:
            return Unseen(reason=f"{key} could not be read: {describe_error(error)}")
        return Seen(value=ParameterGroup(key=key, parameters=parameters))

    def read_authorities(self) -> Observed[Mapping[str, CertificateAuthority]]:
        """Read the CAs by their identifiers."""
        roots = root_names(self._bundle) if self._bundle else None
        pages = self._client.get_paginator("describe_certificates").paginate(PaginationConfig=_PAGE)
        try:
            authorities = {
                certificate["CertificateIdentifier"]: CertificateAuthority(
                    valid_till=certificate["ValidTill"],
                    trusted=self._is_trusted(certificate["CertificateIdentifier"], roots),
                )
                for certificate in _listed(pages, "Certificates")
            }
        except API_ERRORS as error:
            return Unseen(reason=f"the CAs could not be read: {describe_error(error)}")
        return Seen(value=authorities)

    def _is_trusted(self, identifier: str, roots: frozenset[str] | None) -> bool | None:
        name = root_name(identifier, self._client.meta.region_name)
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
        yield from _listed(pages, "DBInstances")

    def _clusters(self, filters: "list[FilterTypeDef]") -> "Iterator[DBClusterTypeDef]":
        pages = self._client.get_paginator("describe_db_clusters").paginate(
            Filters=filters, PaginationConfig=_PAGE
        )
        yield from _listed(pages, "DBClusters")

    def _instances_by(self, name: str, values: Iterable[str]) -> "Iterator[DBInstanceTypeDef]":
        for part in batched(values, FILTER_VALUES, strict=False):
            yield from self._instances([{"Name": name, "Values": part}])

    def _clusters_by(self, identifiers: Iterable[str]) -> "Iterator[DBClusterTypeDef]":
        for part in batched(identifiers, FILTER_VALUES, strict=False):
            yield from self._clusters([{"Name": "db-cluster-id", "Values": part}])

    def _clusters_of(self, instances: "Iterable[DBInstanceTypeDef]") -> "list[DBClusterTypeDef]":
        ids = {it["DBClusterIdentifier"] for it in instances if it.get("DBClusterIdentifier")}
        # One that cannot be listed leaves its members' configuration unseen, and nothing else.
        return _until_error(self._clusters_by(sorted(ids)))[0]


def _refuse(names: Sequence[str], found: set[str], listed: "Sequence[DBInstanceTypeDef]") -> None:
    if missing := [name for name in dict.fromkeys(names) if name not in found]:
        raise UnknownDatabasesError(
            f"no such database in this account and Region: {', '.join(missing)}"
        )
    foreign = [
        f"{instance['DBInstanceIdentifier']} ({instance['Engine']})"
        for instance in listed
        if instance["Engine"] not in ENGINES
    ]
    if foreign:
        raise UnknownDatabasesError(f"not a PostgreSQL database: {', '.join(foreign)}")


def _identifiers(names: Iterable[str]) -> Iterator[str]:
    return (name.rpartition(":")[2] for name in names)


def _listed(pages: Iterable[Mapping[str, Any]], key: str) -> Iterator[Any]:
    try:
        for page in pages:
            yield from page[key]
    except KeyError as error:
        # Well-formed, but not RDS's: a page of something in between.
        raise ResponseParserError(f"an answer without {error}") from error


def _until_error[T](items: Iterator[T]) -> tuple[list[T], ApiError | None]:
    collected: list[T] = []
    try:
        collected.extend(items)
    except API_ERRORS as error:
        return collected, error
    return collected, None


def _unavailable(error: ApiError) -> RdsUnavailableError:
    return RdsUnavailableError(f"RDS does not list the databases: {describe_error(error)}")
