"""The messages of the queue: what RDS and CloudTrail say has changed.

One message is one event of EventBridge, in the body of an SQS record:
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
# Of each call, which parameter names what it changed.
_CLUSTER_CALLS = {"ModifyDBCluster": "dBClusterIdentifier"}
_GROUP_CALLS = {
    "ModifyDBClusterParameterGroup": "dBClusterParameterGroupName",
    "ResetDBClusterParameterGroup": "dBClusterParameterGroupName",
}
# Nesting without end is malformed too.
_MALFORMED = (ValueError, KeyError, TypeError, RecursionError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What the messages of one invocation say."""

    changes: Changes
    ignored: int
    """Messages that tell of another account, another Region or nothing that is audited."""
    malformed: tuple[str, ...]
    """Ids of messages that cannot be read."""


def read_changes(event: object) -> Received:
    """Read every message by itself: a bad one spoils no other.

    Raises:
        InvalidEventError: this is no batch of messages.
    """
    if not isinstance(event, dict) or not isinstance(event.get("Records"), list):
        raise InvalidEventError("the event holds no Records: messages of a queue are needed")
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
            names=frozenset(it for it in found.values() if isinstance(it, str)),
            groups=frozenset(it for it in found.values() if isinstance(it, GroupKey)),
            messages=tuple(found),
        ),
        ignored=ignored,
        malformed=tuple(malformed),
    )


def _changed(record: SQSRecord) -> str | GroupKey | None:
    """Name the instance, the cluster or the group; None where it is not ours to look at."""
    queue = Arn.parse(record.event_source_arn)
    event = EventBridgeEvent(_object(record.json_body))
    ours = (event.account, event.region) == (queue.account, queue.region)
    if event.source != _SOURCE or not ours:
        return None
    if event.detail_type == _API_CALL:
        return _called(_object(event.detail))
    if event.detail_type in _EVENTS:
        return _emitted(_object(event.detail), queue)
    return None


def _emitted(detail: Mapping[str, object], queue: Arn) -> str | GroupKey | None:
    source = Arn.parse(_text(detail, "SourceArn"))
    if (source.account, source.region) != (queue.account, queue.region):
        return None
    match source.resource.split(":", 1):
        case ["db" | "cluster", name]:
            return name
        case ["pg" | "cluster-pg" as kind, name]:
            return GroupKey(name=name, of_cluster=kind == "cluster-pg")
    return None


def _called(detail: Mapping[str, object]) -> str | GroupKey | None:
    if detail.get("errorCode"):  # refused: nothing has changed
        return None
    call = _text(detail, "eventName")
    # As the caller wrote it; RDS stores names in lower case.
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
        raise TypeError(f"{name} is no text")
    return value
