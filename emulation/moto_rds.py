"""Closes the gaps between moto's emulated RDS and the RDS API once `fill_gaps()` is called.

| moto 5.2.5 | RDS and this module |
|---|---|
| DescribeDBParameters and DescribeDBClusterParameters return only modified parameters, without Filters, Source, and pages | They return every parameter of the family with its default, and support `Filters` by parameter-name (at most 100 names), `Source`, and pages |
| A `default.*` group exists only when an instance uses it, and is empty | It exists for every family and has the default parameters |
| DescribeCertificates is missing | It returns the three current certificate authorities |
| All instances have the same DbiResourceId | Each instance has its own |
| ParameterApplyStatus and DBClusterParameterGroupStatus are always in-sync | Tests set them with `set_instance_fields` |
| Endpoint, CertificateDetails, DBSubnetGroup, and MasterUserSecret are constant or missing | They look like those of RDS, and tests set them with `set_instance_fields` and `set_cluster_fields` |
| A cluster that is created without a parameter group gets that of MySQL | It gets the default group of its family |
| The filter db-cluster-id accepts no ARN, and db-cluster-resource-id is missing | Both work |
| MaxRecords has no limits, and clusters have no pages | MaxRecords is 20 to 100, and clusters have pages |

Tests can also `deny` an operation and read `call_counts`. The module replaces moto's response class
for RDS with a subclass and doesn't change moto's own classes.
"""  # noqa: E501 - a table

import uuid
from collections.abc import Callable, Mapping, Sequence
from xml.sax.saxutils import escape

from moto.core.common_types import TYPE_RESPONSE
from moto.core.responses import ActionResult
from moto.rds import urls
from moto.rds.exceptions import (
    DBClusterNotFoundError,
    DBInstanceNotFoundError,
    DBParameterGroupNotFoundError,
    InvalidParameterValue,
    RDSClientError,
)
from moto.rds.models import DBCluster, DBInstance
from moto.rds.responses import RDSResponse

from emulation.rds_controls import (
    Denial,
    allow_all,
    call_counts,
    certificates,
    count_call,
    deny,
    find_denial,
    reset,
    reset_call_counts,
    set_certificate_fields,
    set_cluster_fields,
    set_instance_fields,
)
from emulation.rds_parameters import Parameter, default_parameters, family_of_default_group
from emulation.rds_resources import (
    CLUSTER_FILTERS,
    INSTANCE_FILTERS,
    DescribedResource,
    describe_cluster,
    describe_instance,
    filter_resources,
)

__all__ = [
    "allow_all",
    "call_counts",
    "deny",
    "fill_gaps",
    "reset",
    "reset_call_counts",
    "set_certificate_fields",
    "set_cluster_fields",
    "set_instance_fields",
]

_MIN_RECORDS = 20
_MAX_RECORDS = 100
_MAX_FILTER_VALUES = 100


def fill_gaps() -> None:
    """Let moto servers that are started afterwards behave as this module describes."""
    urls.url_paths["{0}/$"] = CompletedRDSResponse.dispatch
    reset()


class CompletedRDSResponse(RDSResponse):
    """moto's responses to RDS calls, completed."""

    def call_action(self) -> TYPE_RESPONSE:
        """Count the call, and return an error if a test has denied it."""
        operation = self._get_action()
        count_call(operation)
        groups = (
            self.params.get("DBParameterGroupName"),
            self.params.get("DBClusterParameterGroupName"),
        )
        denial = find_denial(operation, groups)
        return _error_response(denial) if denial else super().call_action()

    def serialized(self, action_result: ActionResult) -> TYPE_RESPONSE:
        """Override moto's fields in each instance or cluster that a response contains."""
        result = action_result.result
        if isinstance(result, dict):
            for key, value in result.items():
                if isinstance(value, DBInstance):
                    result[key] = describe_instance(value)
                elif isinstance(value, DBCluster):
                    result[key] = describe_cluster(value)
        return super().serialized(action_result)

    def describe_db_instances(self) -> ActionResult:
        """Return the instances that match the identifier and the filters."""
        resources = [describe_instance(instance) for instance in self.backend.databases.values()]
        return self._resources(
            "DBInstances",
            resources,
            "DBInstanceIdentifier",
            INSTANCE_FILTERS,
            DBInstanceNotFoundError,
        )

    def describe_db_clusters(self) -> ActionResult:
        """Return the clusters that match the identifier and the filters."""
        resources = [describe_cluster(cluster) for cluster in self.backend.clusters.values()]
        return self._resources(
            "DBClusters", resources, "DBClusterIdentifier", CLUSTER_FILTERS, DBClusterNotFoundError
        )

    def describe_db_parameters(self) -> ActionResult:
        """Return the parameters of a DB parameter group."""
        name = self.params["DBParameterGroupName"]
        group = self.backend.db_parameter_groups.get(name)
        family = group.family if group else family_of_default_group(name)
        modified = group.parameters if group else {}
        return self._parameters(name, family, modified, cluster=False)

    def describe_db_cluster_parameters(self) -> ActionResult:
        """Return the parameters of a DB cluster parameter group."""
        name = self.params["DBClusterParameterGroupName"]
        group = self.backend.db_cluster_parameter_groups.get(name)
        family = group.db_parameter_group_family if group else family_of_default_group(name)
        modified = group.parameters if group else {}
        return self._parameters(name, family, modified, cluster=True)

    def describe_certificates(self) -> ActionResult:
        """Return the certificate authorities."""
        known = certificates()
        identifier = self.params.get("CertificateIdentifier")
        if identifier and identifier not in known:
            raise RDSClientError("CertificateNotFound", f"Certificate not found: {identifier}")
        found = [known[identifier]] if identifier else list(known.values())
        return self._page("Certificates", found)

    def _resources(
        self,
        key: str,
        resources: Sequence[DescribedResource],
        identifier_name: str,
        filters: Mapping[str, str],
        not_found: Callable[[str], RDSClientError],
    ) -> ActionResult:
        requested = list(self.params.get("Filters", []))
        identifier = self.params.get(identifier_name)
        if identifier:
            own_filter = "db-instance-id" if key == "DBInstances" else "db-cluster-id"
            requested.append({"Name": own_filter, "Values": [identifier]})
        try:
            found = filter_resources(resources, requested, filters)
        except KeyError as error:
            raise _unknown_filter(error.args[0]) from error
        if identifier and not found:
            raise not_found(identifier)
        return self._page(key, found)

    def _parameters(
        self,
        name: str,
        family: str | None,
        modified: Mapping[str, Mapping[str, str]],
        *,
        cluster: bool,
    ) -> ActionResult:
        if family is None:
            raise DBParameterGroupNotFoundError(name)
        user_values = {item: entry["ParameterValue"] for item, entry in modified.items()}
        defaults = default_parameters(family, cluster=cluster)
        known = {parameter.name: parameter for parameter in defaults}
        extra = {item: Parameter(name=item) for item in user_values.keys() - known.keys()}
        names = self._filtered_names()
        source = self.params.get("Source")
        described = [
            parameter.describe(user_values)
            for parameter in (known | extra).values()
            if names is None or parameter.name in names
        ]
        found = [parameter for parameter in described if source in {None, parameter["Source"]}]
        return self._page("Parameters", found)

    def _filtered_names(self) -> set[str] | None:
        names: set[str] | None = None
        for requested in self.params.get("Filters", []):
            if requested["Name"] != "parameter-name":
                raise _unknown_filter(requested["Name"])
            values = set(requested["Values"])
            if len(values) > _MAX_FILTER_VALUES:
                raise InvalidParameterValue(
                    f"A filter takes at most {_MAX_FILTER_VALUES} values: {requested['Name']}"
                )
            names = values if names is None else names & values
        return names

    def _page(self, key: str, items: Sequence[object]) -> ActionResult:
        size = int(self.params.get("MaxRecords", _MAX_RECORDS))
        if not _MIN_RECORDS <= size <= _MAX_RECORDS:
            raise InvalidParameterValue(
                f"Invalid value {size} for MaxRecords. "
                f"Must be between {_MIN_RECORDS} and {_MAX_RECORDS}"
            )
        start = int(self.params.get("Marker") or 0)
        end = start + size
        marker = str(end) if end < len(items) else None
        return ActionResult({key: items[start:end], "Marker": marker})


def _unknown_filter(name: str) -> InvalidParameterValue:
    return InvalidParameterValue(f"Unrecognized filter name: {name}")


def _error_response(denial: Denial) -> TYPE_RESPONSE:
    # moto's serializer knows only errors of the RDS model, but any service can return these.
    status = 403 if denial.code.startswith("AccessDenied") else 400
    body = (
        "<ErrorResponse><Error><Type>Sender</Type>"
        f"<Code>{escape(denial.code)}</Code><Message>{escape(denial.message)}</Message>"
        f"</Error><RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
    )
    return status, {"content-type": "text/xml"}, body
