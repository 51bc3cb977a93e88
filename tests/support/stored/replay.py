"""Plays the runs of the history through the functions, and records all that they write.

The functions are the deployed ones; the state machine between them is played by hand, as
`statemachine/audit.asl.json` has it. What the probe saw is given: there is no server to look at.
"""

import copy
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

import boto3
import pytest

from emulation.account import RUN_BUCKET, EmulatedAccount
from functions.discover.app import handler as discover
from functions.probe.app import handler as probe
from functions.publish.app import handler as publish
from functions.report.app import handler as report
from rds_tls_audit.adapters import clock
from tests.integration.rds_api.rds_server import Fleet, serving
from tests.support.stored.files import Json, read

TO_PROBE = timedelta(minutes=1)
TO_REPORT = timedelta(minutes=2)
KINDS = ("items", "objects", "findings", "resolved", "published", "messages")
CHAT = "rds-tls-audit-chat"
ERROR = {"Error": "Lambda.Unknown", "Cause": "the runtime exited"}


class DiedError(BaseException):
    """The process of a function ended: nothing of it runs any more."""


@dataclass
class Written:
    """What one run has written, and what its functions were asked and have answered."""

    items: list[Json] = field(default_factory=list)
    """`put` or `delete`, in the order of the calls; DynamoDB's typed JSON."""
    objects: list[Json] = field(default_factory=list)
    """With the bodies of those that are JSON."""
    page: str | None = None
    findings: list[Json] = field(default_factory=list)
    """As Security Hub took them."""
    resolved: list[Json] = field(default_factory=list)
    published: list[Json] = field(default_factory=list)
    messages: list[Json] = field(default_factory=list)

    def documents(self) -> dict[str, list[Json]]:
        """Give what there is, by the name of its file."""
        named = {name: getattr(self, name) for name in KINDS}
        return {name: entries for name, entries in named.items() if entries}

    def body(self, key: str) -> Json:
        """Give an object by its key."""
        return next(it["body"] for it in self.objects if it["key"] == key)


@dataclass
class Recorder:
    """Looks at every call to AWS that writes, and keeps it where it succeeds."""

    written: Written = field(default_factory=Written)
    dies_at: str | None = None
    """The operation at which the process ends."""
    dead: bool = False
    _asked: Mapping[str, Any] = field(default_factory=dict)

    def before(self, *, model: Any, params: Mapping[str, Any], **_: object) -> None:  # noqa: ANN401 - botocore's own
        """Remember what is asked."""
        if self.dead or model.name == self.dies_at:
            self.dead = True
            raise DiedError
        self._asked = params if model.name not in _OF_BODY else {"body": json.loads(params["body"])}
        if model.name == "PutObject":
            self._asked = {**params, "body": _bytes(params["body"])}

    def after(self, *, model: Any, http_response: Any, parsed: Json, **_: object) -> None:  # noqa: ANN401 - botocore's own
        """Keep it."""
        if model.name in _RECORDED and http_response.status_code == HTTPStatus.OK:
            _RECORDED[model.name](self.written, self._asked, parsed)


def _bytes(body: Any) -> bytes:  # noqa: ANN401 - botocore's own
    if isinstance(body, bytes):
        return body
    content: bytes = body.read()
    body.seek(0)
    return content


def _put_item(written: Written, asked: Mapping[str, Any], _: Json) -> None:
    written.items.append({"put": asked["body"]["Item"]})


def _delete_item(written: Written, asked: Mapping[str, Any], _: Json) -> None:
    written.items.append({"delete": asked["body"]["Key"]})


def _transact(written: Written, asked: Mapping[str, Any], _: Json) -> None:
    written.items += [{"put": it["Put"]["Item"]} for it in asked["body"]["TransactItems"]]


def _batch_write(written: Written, asked: Mapping[str, Any], _: Json) -> None:
    for requests in asked["body"]["RequestItems"].values():
        written.items += [{"delete": it["DeleteRequest"]["Key"]} for it in requests]


def _put_object(written: Written, asked: Mapping[str, Any], _: Json) -> None:
    kind = asked["headers"]["Content-Type"]
    text = asked["body"].decode()
    key = unquote(asked["url_path"]).removeprefix("/").removeprefix(f"{RUN_BUCKET}/")
    if kind == "application/json":
        written.objects.append({"key": key, "type": kind, "body": json.loads(text)})
    else:
        written.objects.append({"key": key, "type": kind})
        written.page = text


def _import(written: Written, asked: Mapping[str, Any], answer: Json) -> None:
    failed = {it["Id"] for it in answer["FailedFindings"]}
    written.findings += [it for it in asked["body"]["Findings"] if it["Id"] not in failed]


def _resolve(written: Written, asked: Mapping[str, Any], _: Json) -> None:
    status = asked["body"]["Workflow"]["Status"]
    written.resolved += [{**it, "status": status} for it in asked["body"]["FindingIdentifiers"]]


def _publish(written: Written, asked: Mapping[str, Any], _: Json) -> None:
    sent = asked["body"]
    message = json.loads(sent["Message"])
    # The text for people under `default`, the document for every kind of program; or a chat's.
    programs = sorted(message.keys() - {"default"}) if "MessageStructure" in sent else []
    written.published.append(
        {
            "topic": sent["TopicArn"],
            "subject": sent.get("Subject"),
            "attributes": {
                sent[name]: sent[f"{name.removesuffix('.Name')}.Value.StringValue"]
                for name in sent
                if name.startswith("MessageAttributes.") and name.endswith(".Name")
            },
            "programs": programs,
            "document": json.loads(message[programs[0]]) if programs else message,
        }
    )


_OF_BODY = {
    "PutItem": _put_item,
    "DeleteItem": _delete_item,
    "TransactWriteItems": _transact,
    "BatchWriteItem": _batch_write,
    "BatchImportFindings": _import,
    "BatchUpdateFindings": _resolve,
}
"""Operations whose parameters are JSON in the body of the request."""
_RECORDED = {**_OF_BODY, "PutObject": _put_object, "Publish": _publish}


@contextmanager
def recording(dies_at: str | None = None) -> Iterator[Recorder]:
    """Record what is written by clients that are made in the block."""
    if boto3.DEFAULT_SESSION is None:
        boto3.setup_default_session()
    session = boto3.DEFAULT_SESSION
    assert session is not None
    recorder = Recorder(dies_at=dies_at)
    session.events.register("before-call", recorder.before)
    session.events.register("after-call", recorder.after)
    try:
        yield recorder
    finally:
        session.events.unregister("before-call", recorder.before)
        session.events.unregister("after-call", recorder.after)


@dataclass
class Replay:
    """Plays runs in an emulated account."""

    account: EmulatedAccount
    patch: pytest.MonkeyPatch
    environment: Mapping[str, str] = field(
        default_factory=lambda: dict(read("history/steps.json")["environment"])
    )

    def run(self, step: Json) -> Written:
        """Play one run of `history/steps.json`."""
        self._set_environment(step)
        self._disturb_hub(**step.get("hub", {}))
        with recording(step.get("dies_at")) as recorder, self._rds(step["rds"]):
            _Run(step, recorder.written, self.patch).play()
        self.account.hub.accept_again()
        return recorder.written

    def _disturb_hub(
        self, rejecting: str | None = None, failing: str | None = None, calls: int = 1
    ) -> None:
        if rejecting:
            self.account.hub.reject(rejecting, "InvalidInput")
        if failing:
            self.account.hub.fail(failing, calls)

    def _set_environment(self, step: Json) -> None:
        chat = self.account.client("sns").create_topic(Name=CHAT)["TopicArn"]
        asked = {**self.environment, "CHAT_TOPIC_ARN": chat, **step.get("environment", {})}
        for name, value in asked.items():
            self.patch.setenv(name, value)

    @contextmanager
    def _rds(self, number: int) -> Iterator[None]:
        with serving(Fleet(**read(f"history/rds/{number}.json"))) as server:
            self.patch.setenv("AWS_ENDPOINT_URL_RDS", server.url)
            yield


@dataclass
class _Run:
    step: Json
    written: Written
    patch: pytest.MonkeyPatch

    def play(self) -> None:
        """Discover, then probe and publish each batch, then report."""
        self._at(timedelta(0))
        asked = {"execution": self.step["run"], "input": self.step["asked"]}
        found = self._ask("discover", discover, asked)
        if "skipped" in found:
            return
        self._at(TO_PROBE)
        for batch in self.written.body(found["key"]):
            ids = {target["database"]["id"] for target in batch["targets"]}
            if not ids & set(self.step.get("lost", ())):
                self._publish({"kind": found["kind"], **batch})
        self._at(TO_REPORT)
        try:
            self._ask("report", report, found)
        except DiedError:
            if "dies_at" not in self.step:
                raise

    def _publish(self, order: Json) -> None:
        if order["probe_function"] is None:
            self._ask("publish", publish, order)
        elif "failed_alone" in self.step:
            for part, target in enumerate(order["targets"]):
                failed = target["database"]["id"] in self.step["failed_alone"]
                alone = {**order, "part": part}
                seen = {**alone, "error": ERROR} if failed else self._evidence(alone)
                self._ask("publish", publish, seen)
        elif "seen" in self.step:
            self._ask("publish", publish, self._evidence(order))
        else:
            self._ask("publish", publish, self._ask("probe", probe, order))

    def _evidence(self, order: Json) -> Json:
        """Say what the probe would have seen, in its own form."""
        part = order.get("part")
        chosen = order["targets"] if part is None else [_whole(order["targets"], part)]
        run = {"id": order["run_id"], "kind": order["kind"], "observed_at": self._now.isoformat()}
        return {
            "run": run,
            "batch": order["batch"],
            "part": part,
            "witnessed": [
                {
                    "target": target,
                    "observation": self._observation(target["database"]["id"]),
                }
                for target in chosen
            ],
        }

    def _observation(self, database: str) -> Json:
        observation = copy.deepcopy(read("history/observations.json")[self.step["seen"][database]])
        sessions = observation["sessions"].get("value", {})
        if sessions.get("opened"):
            sessions["opened"]["count"] = self.step["opened"]
        return observation

    def _ask(self, stage: str, handler: Any, asked: Json) -> Json:  # noqa: ANN401 - any of them
        message = {"stage": stage, "asked": asked}
        # What publish is asked for was given here, and takes much room.
        if stage != "publish" or self.step.get("with_evidence"):
            self.written.messages.append(message)
        message["answered"] = handler(asked, None)
        return message["answered"]

    @property
    def _now(self) -> datetime:
        return clock.now()

    def _at(self, after_begin: timedelta) -> None:
        moment = datetime.fromisoformat(self.step["at"]) + after_begin
        self.patch.setattr(clock, "datetime", _Fixed(moment))


def _whole(targets: Json, part: int) -> Json:
    """Give one target of a packed batch with its own parameter group."""
    target = copy.deepcopy(targets[part])
    configuration = target["configuration"]
    if "same_as" in configuration["group"]:
        first = targets[configuration["group"]["same_as"]]
        configuration["group"] = first["configuration"]["group"]
    return target


@dataclass(frozen=True)
class _Fixed:
    """Stands where the clock asks the machine for its time."""

    moment: datetime

    def now(self, zone: tzinfo) -> datetime:
        return self.moment.astimezone(zone)
