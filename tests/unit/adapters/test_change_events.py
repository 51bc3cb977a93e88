"""The messages of a batch are read, ignored if they do not concern the audit, or malformed."""

import json
from typing import Any

import pytest

from rds_tls_audit.adapters.change_events import read_changes
from rds_tls_audit.fleet.configuration import GroupKey
from rds_tls_audit.pipeline.requests import InvalidEventError
from tests.support.repository import ROOT

EVENTS = ROOT / "events"
RDS = "arn:aws:rds:eu-central-1:123456789012"


def sample(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return event


def message(body: object, message_id: str = "m1") -> dict[str, Any]:
    """Return a message with this body; a body that is not text is encoded as JSON."""
    record: dict[str, Any] = sample("recheck-instance")["Records"][0]
    text = body if isinstance(body, str) else json.dumps(body)
    return record | {"body": text, "messageId": message_id}


def event_of(name: str, **detail: object) -> dict[str, Any]:
    """Return the event in a sample with other details; None removes one."""
    event: dict[str, Any] = json.loads(sample(name)["Records"][0]["body"])
    changed = event["detail"] | detail
    return event | {"detail": {key: value for key, value in changed.items() if value is not None}}


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("recheck-instance", "orders-prod"),
        ("recheck-cluster", "ledger"),
        ("recheck-parameter-group", GroupKey(name="billing-prod-pg17", of_cluster=False)),
        ("recheck-cluster-parameter-group", GroupKey(name="ledger-pg17", of_cluster=True)),
    ],
)
def test_a_sample_names_what_has_changed(name: str, changed: str | GroupKey) -> None:
    received = read_changes(sample(name))

    assert received.changes.names | received.changes.groups == {changed}
    assert len(received.changes.messages) == 1
    assert (received.ignored, received.malformed) == (0, ())


CALL = "recheck-cluster-parameter-group"


@pytest.mark.parametrize(
    ("body", "changed"),
    [
        pytest.param(
            event_of(CALL, eventName="ResetDBClusterParameterGroup"),
            GroupKey(name="ledger-pg17", of_cluster=True),
            id="a cluster's group is reset",
        ),
        pytest.param(
            event_of(
                CALL,
                eventName="ModifyDBCluster",
                requestParameters={"dBClusterIdentifier": "ledger", "applyImmediately": True},
            ),
            "ledger",
            id="a cluster is modified",
        ),
        pytest.param(
            event_of(
                CALL,
                eventName="ModifyDBCluster",
                requestParameters={"dBClusterIdentifier": "Ledger"},
            ),
            "ledger",
            id="named in the caller's own case",
        ),
        pytest.param(
            event_of("recheck-parameter-group", SourceArn=f"{RDS}:cluster-pg:a"),
            GroupKey(name="a", of_cluster=True),
            id="a cluster's group in an event of RDS",
        ),
    ],
)
def test_an_event_names_what_has_changed(body: object, changed: str | GroupKey) -> None:
    received = read_changes({"Records": [message(body)]})

    assert received.changes.names | received.changes.groups == {changed}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(event_of("recheck-instance") | {"account": "210987654321"}, id="account"),
        pytest.param(event_of("recheck-instance") | {"region": "eu-west-1"}, id="Region"),
        pytest.param(event_of("recheck-instance") | {"source": "my.app"}, id="source"),
        pytest.param(
            event_of("recheck-instance") | {"detail-type": "RDS DB Snapshot Event"}, id="type"
        ),
        pytest.param(
            event_of("recheck-instance", SourceArn="arn:aws:rds:eu-central-1:210987654321:db:a"),
            id="a database of another account",
        ),
        pytest.param(
            event_of("recheck-instance", SourceArn="arn:aws:rds:eu-west-1:123456789012:db:a"),
            id="a database of another Region",
        ),
        pytest.param(event_of("recheck-instance", SourceArn=f"{RDS}:snapshot:a"), id="a snapshot"),
        pytest.param(event_of("recheck-instance", SourceArn=f"{RDS}:db"), id="no name"),
        pytest.param(event_of(CALL, eventName="CreateDBCluster"), id="another call"),
        pytest.param(event_of(CALL, errorCode="AccessDenied"), id="a call that was refused"),
    ],
)
def test_an_event_that_does_not_concern_the_audit_is_ignored_and_counted(body: object) -> None:
    received = read_changes({"Records": [message(body)]})

    assert (received.ignored, received.malformed) == (1, ())
    assert received.changes.messages == ()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("", id="empty"),
        pytest.param("{", id="not JSON"),
        pytest.param("[" * 100_000, id="nested too deeply"),
        pytest.param([], id="a list"),
        pytest.param(None, id="null"),
        pytest.param({}, id="nothing in it"),
        pytest.param(event_of("recheck-instance") | {"detail": "text"}, id="no details"),
        pytest.param(event_of("recheck-instance", SourceArn=None), id="no ARN"),
        pytest.param(event_of("recheck-instance", SourceArn=7), id="a number for an ARN"),
        pytest.param(event_of("recheck-instance", SourceArn="orders-prod"), id="a name for an ARN"),
        pytest.param(event_of(CALL, eventName=None), id="a call without a name"),
        pytest.param(event_of(CALL, requestParameters=None), id="a call without parameters"),
        pytest.param(event_of(CALL, requestParameters={}), id="a call that names nothing"),
    ],
)
def test_a_malformed_message_is_named_and_the_others_are_read(body: object) -> None:
    good = event_of("recheck-cluster")

    received = read_changes(
        {"Records": [message(good, "m1"), message(body, "bad"), message(good, "m2")]}
    )

    assert received.malformed == ("bad",)
    assert received.changes.names == {"ledger"}
    assert received.changes.messages == ("m1", "m2")


@pytest.mark.parametrize("event", [None, [], {}, {"Records": None}, {"databases": ["a"]}])
def test_an_event_without_records_is_refused(event: object) -> None:
    with pytest.raises(InvalidEventError, match="`Records`"):
        read_changes(event)
