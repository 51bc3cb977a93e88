"""Read the changes that RDS and CloudTrail report from the messages of the queue.

The body of each SQS message is one EventBridge event:
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-cloud-watch-events.html
"""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_lambda_powertools.utilities.data_classes import EventBridgeEvent, SQSEvent
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from rds_tls_audit.fleet.arn import Arn
from rds_tls_audit.fleet.configuration import GroupKey
from rds_tls_audit.pipeline.changes import Changes
from rds_tls_audit.pipeline.requests import InvalidEventError

_SOURCE = "aws.rds"
_EVENTS = frozenset(
    {"RDS DB Instance Event", "RDS DB Cluster Event", "RDS DB Parameter Group Event"}
)
_API_CALL = "AWS API Call via CloudTrail"
# The request parameter that names the changed resource, by API call.
_CLUSTER_CALLS = {"ModifyDBCluster": "dBClusterIdentifier"}
_GROUP_CALLS = {
    "ModifyDBClusterParameterGroup": "dBClusterParameterGroupName",
    "ResetDBClusterParameterGroup": "dBClusterParameterGroupName",
}
# RecursionError: deeply nested JSON is malformed, too.
_MALFORMED = (ValueError, KeyError, TypeError, RecursionError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """The content of the messages of one invocation."""

    changes: Changes
    ignored: int
    """The number of messages about other accounts or Regions, or about nothing that is audited."""
    malformed: tuple[str, ...]
    """The ids of the messages that cannot be parsed."""


def read_changes(event: object) -> Received:
    """Read each message separately, so that a malformed one does not affect the others.

    Raises:
        InvalidEventError: The event is not a batch of SQS messages.
    """
    if not isinstance(event, dict) or not isinstance(event.get("Records"), list):
        raise InvalidEventError("The event must be a batch of SQS messages with `Records`")
    found: dict[str, str | GroupKey] = {}
    malformed: list[str] = []
    ignored = 0
    for record in SQSEvent(event).records:
        try:
            changed = _changed(record)
        except _MALFORMED:
            malformed.append(record.message_id)
            continue
        if changed is None:
            ignored += 1
        else:
            found[record.message_id] = changed
    return Received(
        changes=Changes(
            names=frozenset(change for change in found.values() if isinstance(change, str)),
            groups=frozenset(change for change in found.values() if isinstance(change, GroupKey)),
            messages=tuple(found),
        ),
        ignored=ignored,
        malformed=tuple(malformed),
    )


def _changed(record: SQSRecord) -> str | GroupKey | None:
    """Return the changed instance, cluster, or group; None if the message is to be ignored."""
    queue = Arn.parse(record.event_source_arn)
    event = EventBridgeEvent(_object(record.json_body))
    is_local = (event.account, event.region) == (queue.account, queue.region)
    if event.source != _SOURCE or not is_local:
        return None
    if event.detail_type == _API_CALL:
        return _from_api_call(_object(event.detail))
    if event.detail_type in _EVENTS:
        return _from_rds_event(_object(event.detail), queue)
    return None


def _from_rds_event(detail: Mapping[str, object], queue: Arn) -> str | GroupKey | None:
    source = Arn.parse(_text(detail, "SourceArn"))
    if (source.account, source.region) != (queue.account, queue.region):
        return None
    match source.resource.split(":", 1):
        case ["db" | "cluster", name]:
            return name
        case ["pg" | "cluster-pg" as kind, name]:
            return GroupKey(name=name, of_cluster=kind == "cluster-pg")
    return None


def _from_api_call(detail: Mapping[str, object]) -> str | GroupKey | None:
    if detail.get("errorCode"):  # the call was refused, so nothing changed
        return None
    call = _text(detail, "eventName")
    # CloudTrail records the name as the caller wrote it; RDS stores it in lower case.
    if parameter := _CLUSTER_CALLS.get(call):
        return _text(_object(detail["requestParameters"]), parameter).lower()
    if parameter := _GROUP_CALLS.get(call):
        name = _text(_object(detail["requestParameters"]), parameter).lower()
        return GroupKey(name=name, of_cluster=True)
    return None


def _object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return value


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields[name]
    if not isinstance(value, str) or not value:
        raise TypeError(f"{name} is not a string")
    return value
