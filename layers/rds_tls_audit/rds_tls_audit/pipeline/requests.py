"""What people and states ask of the functions: events, read strictly."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from rds_tls_audit.fleet.database import Endpoint
from rds_tls_audit.pipeline.run import RunKind

MAX_DATABASES = 500


class InvalidEventError(ValueError):
    """The event is not one that this function takes; nothing was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRequest:
    """What `audit` is asked for."""

    databases: tuple[str, ...] = ()
    """Empty: all of them."""
    publish: bool = False
    connect_to: Mapping[str, Endpoint] = field(default_factory=dict)
    """Where to dial in place of a database's endpoint, by database id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoverRequest:
    """What `discover` is asked for."""

    kind: RunKind
    databases: tuple[str, ...] = ()
    ignore_missing: bool = False
    """Names come from events, and may be gone by now: they are left out, not refused."""
    run_id: str | None = None
    spread: bool = False
    """A sample run that looks at a random moment of its interval."""
    in_execution: bool = False
    """Asked by the state machine, whose end releases the lock that a full run takes."""


def parse_audit(event: object) -> AuditRequest:
    """Read an event of `audit`.

    Raises:
        InvalidEventError: says what is wrong.
    """
    fields = _fields(event, {"databases", "publish", "connect_to"})
    return AuditRequest(
        databases=_names(fields),
        publish=_flag(fields, "publish"),
        connect_to=_connect_to(fields),
    )


def parse_discover(event: object) -> DiscoverRequest:
    """Read an event of `discover`: what is asked for, or an execution's name and its input.

    Raises:
        InvalidEventError: says what is wrong.
    """
    if isinstance(event, dict) and event.keys() == {"execution", "input"}:
        asked = parse_discover(event["input"])
        return replace(asked, run_id=_run_id(event["execution"]), in_execution=True)
    fields = _fields(event, {"kind", "databases", "ignore_missing", "run_id", "spread"})
    names = _names(fields)
    kind = _kind(fields.get("kind", RunKind.NAMED if names else RunKind.FULL))
    if (kind == RunKind.NAMED) != bool(names):
        raise InvalidEventError(
            f"a {kind} run {'needs' if kind == RunKind.NAMED else 'takes no'} databases"
        )
    spread = _flag(fields, "spread")
    if spread and kind is not RunKind.SAMPLE:
        raise InvalidEventError(f"spread is true for a {kind} run: only a sample run waits")
    run_id = _run_id(fields["run_id"]) if "run_id" in fields else None
    return DiscoverRequest(
        kind=kind,
        databases=names,
        ignore_missing=_flag(fields, "ignore_missing"),
        run_id=run_id,
        spread=spread,
    )


def _flag(fields: Mapping[str, object], name: str) -> bool:
    flag = fields.get(name, False)
    if not isinstance(flag, bool):
        raise InvalidEventError(f"{name} is {flag!r}: true or false is needed")
    return flag


def _kind(text: object) -> RunKind:
    if not isinstance(text, str) or text not in set(RunKind):
        raise InvalidEventError(f"kind is {text!r}: one of full, named, sample is needed")
    return RunKind(text)


def _run_id(text: object) -> str:
    # It becomes part of keys in the bucket and the table.
    if not isinstance(text, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", text):
        raise InvalidEventError(
            f"the run id is {text!r}: 1 to 80 letters, digits, '.', '-' and '_' are needed"
        )
    return text


def _fields(event: object, known: set[str]) -> Mapping[str, object]:
    if event is None:
        return {}
    if not isinstance(event, dict):
        raise InvalidEventError(f"the event is a {type(event).__name__}: a JSON object is needed")
    if strange := sorted(str(key) for key in event if key not in known):
        raise InvalidEventError(f"the event has fields that are not known: {', '.join(strange)}")
    return event


def _names(fields: Mapping[str, object]) -> tuple[str, ...]:
    if "databases" not in fields:
        return ()
    names = fields["databases"]
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise InvalidEventError(f"databases is {names!r}: a list of names is needed")
    if not names:
        raise InvalidEventError("databases is empty: leave it out to take all")
    if len(names) > MAX_DATABASES:
        raise InvalidEventError(
            f"databases has {len(names)} names: at most {MAX_DATABASES} are taken"
        )
    return tuple(dict.fromkeys(names))


def _connect_to(fields: Mapping[str, object]) -> Mapping[str, Endpoint]:
    given = fields.get("connect_to", {})
    if not isinstance(given, dict):
        raise InvalidEventError(
            f"connect_to is {given!r}: an object of names and host:port is needed"
        )
    return {str(name): _endpoint(str(name), text) for name, text in given.items()}


def _endpoint(name: str, text: object) -> Endpoint:
    host, _, port = text.rpartition(":") if isinstance(text, str) else ("", "", "")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):  # noqa: PLR2004 - ports have 16 bits
        raise InvalidEventError(f"connect_to of {name} is {text!r}: host:port is needed")
    return Endpoint(address=host, port=int(port))
