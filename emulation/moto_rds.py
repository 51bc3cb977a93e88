"""Fills the gaps between moto's emulated RDS and the RDS API, all of them, from `fill_gaps()`.

| moto 5.2.5 | RDS, and this module |
|---|---|
| DescribeDBParameters, DescribeDBClusterParameters: only what was modified, no Filters, no Source, no paging | every parameter of the family with its default, `Filters` by parameter-name (100 names at most), `Source`, pages |
| `default.*` groups exist once an instance uses them, and are empty | they exist for every family |
| DescribeCertificates is missing | the three certificate authorities in use |
| one DbiResourceId for all instances | one each |
| ParameterApplyStatus and DBClusterParameterGroupStatus are always in-sync | settable with `show_instance` |
| Endpoint, CertificateDetails, DBSubnetGroup, MasterUserSecret: fixed or missing | the forms of RDS, settable with `show_instance`, `show_cluster` |
| DBClusterParameterGroup of a cluster made without one is MySQL's | the default of its family |
| filter db-cluster-id takes no ARN, db-cluster-resource-id is missing | both work |
| MaxRecords of any size, no pages for clusters | 20 to 100, pages |

Beside that, tests can `deny` an operation and count `calls`. The module replaces moto's response
class for RDS by a subclass; moto's own classes stay as they are.
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
    calls,
    certificates,
    count_call,
    denial_of,
    deny,
    forget,
    forget_calls,
    show_certificate,
    show_cluster,
    show_instance,
)
from emulation.rds_parameters import Parameter, defaults, family_of_default_group
from emulation.rds_resources import (
    CLUSTER_FILTERS,
    INSTANCE_FILTERS,
    Shown,
    matching,
    shown_cluster,
    shown_instance,
)

__all__ = [
    "allow_all",
    "calls",
    "deny",
    "fill_gaps",
    "forget",
    "forget_calls",
    "show_certificate",
    "show_cluster",
    "show_instance",
]

_SMALLEST_PAGE = 20
_LARGEST_PAGE = 100
_MOST_FILTER_VALUES = 100


def fill_gaps() -> None:
    """Let moto answer RDS calls as this module says, in servers started afterwards."""
    urls.url_paths["{0}/$"] = CompletedRDSResponse.dispatch
    forget()


class CompletedRDSResponse(RDSResponse):
    """moto's answers to RDS calls, completed."""

    def call_action(self) -> TYPE_RESPONSE:
        """Count the call, and refuse it if a test denied it."""
        operation = self._get_action()
        count_call(operation)
        groups = (
            self.params.get("DBParameterGroupName"),
            self.params.get("DBClusterParameterGroupName"),
        )
        denial = denial_of(operation, groups)
        return _refusal(denial) if denial else super().call_action()

    def serialized(self, action_result: ActionResult) -> TYPE_RESPONSE:
        """Put our fields over moto's wherever a reply holds an instance or a cluster."""
        result = action_result.result
        if isinstance(result, dict):
            for key, value in result.items():
                if isinstance(value, DBInstance):
                    result[key] = shown_instance(value)
                elif isinstance(value, DBCluster):
                    result[key] = shown_cluster(value)
        return super().serialized(action_result)

    def describe_db_instances(self) -> ActionResult:
        """Answer with the instances that the identifier and the filters name."""
        shown = [shown_instance(instance) for instance in self.backend.databases.values()]
        return self._resources(
            "DBInstances", shown, "DBInstanceIdentifier", INSTANCE_FILTERS, DBInstanceNotFoundError
        )

    def describe_db_clusters(self) -> ActionResult:
        """Answer with the clusters that the identifier and the filters name."""
        shown = [shown_cluster(cluster) for cluster in self.backend.clusters.values()]
        return self._resources(
            "DBClusters", shown, "DBClusterIdentifier", CLUSTER_FILTERS, DBClusterNotFoundError
        )

    def describe_db_parameters(self) -> ActionResult:
        """Answer with the parameters of an instance parameter group."""
        name = self.params["DBParameterGroupName"]
        group = self.backend.db_parameter_groups.get(name)
        family = group.family if group else family_of_default_group(name)
        set_here = group.parameters if group else {}
        return self._parameters(name, family, set_here, cluster=False)

    def describe_db_cluster_parameters(self) -> ActionResult:
        """Answer with the parameters of a cluster parameter group."""
        name = self.params["DBClusterParameterGroupName"]
        group = self.backend.db_cluster_parameter_groups.get(name)
        family = group.db_parameter_group_family if group else family_of_default_group(name)
        set_here = group.parameters if group else {}
        return self._parameters(name, family, set_here, cluster=True)

    def describe_certificates(self) -> ActionResult:
        """Answer with the certificate authorities."""
        known = certificates()
        wanted = self.params.get("CertificateIdentifier")
        if wanted and wanted not in known:
            raise RDSClientError("CertificateNotFound", f"Certificate not found: {wanted}")
        return self._page("Certificates", [known[wanted]] if wanted else list(known.values()))

    def _resources(
        self,
        key: str,
        shown: Sequence[Shown],
        identifier_name: str,
        filters: Mapping[str, str],
        not_found: Callable[[str], RDSClientError],
    ) -> ActionResult:
        wanted = list(self.params.get("Filters", []))
        identifier = self.params.get(identifier_name)
        if identifier:
            own_filter = "db-instance-id" if key == "DBInstances" else "db-cluster-id"
            wanted.append({"Name": own_filter, "Values": [identifier]})
        try:
            found = matching(shown, wanted, filters)
        except KeyError as error:
            raise _unknown_filter(error.args[0]) from error
        if identifier and not found:
            raise not_found(identifier)
        return self._page(key, found)

    def _parameters(
        self,
        name: str,
        family: str | None,
        set_here: Mapping[str, Mapping[str, str]],
        *,
        cluster: bool,
    ) -> ActionResult:
        if family is None:
            raise DBParameterGroupNotFoundError(name)
        set_values = {item: entry["ParameterValue"] for item, entry in set_here.items()}
        known = {parameter.name: parameter for parameter in defaults(family, cluster=cluster)}
        extra = {item: Parameter(name=item) for item in set_values.keys() - known.keys()}
        names = self._filtered_names()
        source = self.params.get("Source")
        replies = [
            parameter.reply(set_values)
            for parameter in (known | extra).values()
            if names is None or parameter.name in names
        ]
        return self._page("Parameters", [r for r in replies if source in {None, r["Source"]}])

    def _filtered_names(self) -> set[str] | None:
        names: set[str] | None = None
        for wanted in self.params.get("Filters", []):
            if wanted["Name"] != "parameter-name":
                raise _unknown_filter(wanted["Name"])
            values = set(wanted["Values"])
            if len(values) > _MOST_FILTER_VALUES:
                raise InvalidParameterValue(
                    f"A filter takes at most {_MOST_FILTER_VALUES} values: {wanted['Name']}"
                )
            names = values if names is None else names & values
        return names

    def _page(self, key: str, items: Sequence[object]) -> ActionResult:
        size = int(self.params.get("MaxRecords", _LARGEST_PAGE))
        if not _SMALLEST_PAGE <= size <= _LARGEST_PAGE:
            raise InvalidParameterValue(
                f"Invalid value {size} for MaxRecords. "
                f"Must be between {_SMALLEST_PAGE} and {_LARGEST_PAGE}"
            )
        start = int(self.params.get("Marker") or 0)
        end = start + size
        marker = str(end) if end < len(items) else None
        return ActionResult({key: items[start:end], "Marker": marker})


def _unknown_filter(name: str) -> InvalidParameterValue:
    return InvalidParameterValue(f"Unrecognized filter name: {name}")


def _refusal(denial: Denial) -> TYPE_RESPONSE:
    # moto's serializer knows only the errors in the RDS model; any service can answer these.
    status = 403 if denial.code.startswith("AccessDenied") else 400
    body = (
        "<ErrorResponse><Error><Type>Sender</Type>"
        f"<Code>{escape(denial.code)}</Code><Message>{escape(denial.message)}</Message>"
        f"</Error><RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
    )
    return status, {"content-type": "text/xml"}, body
