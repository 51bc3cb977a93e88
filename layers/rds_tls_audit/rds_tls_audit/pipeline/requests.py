"""The events of `audit` and `discover`, parsed strictly."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from rds_tls_audit.fleet.database import Endpoint
from rds_tls_audit.pipeline.run import RunKind

MAX_DATABASES = 500
"""The number of databases that one event may name, and that `audit` audits at a time."""


class InvalidEventError(ValueError):
    """The event is not valid for this function; nothing was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRequest:
    """The event of `audit`."""

    databases: tuple[str, ...] = ()
    """The databases or clusters to audit; empty for all."""
    publish: bool = False
    connect_to: Mapping[str, Endpoint] = field(default_factory=dict)
    """The address to dial instead of the endpoint, by database identifier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoverRequest:
    """The event of `discover`."""

    kind: RunKind
    databases: tuple[str, ...] = ()
    ignore_missing: bool = False
    """Omit databases that do not exist instead of refusing the request.

    Names from events may belong to databases that were deleted in the meantime.
    """
    run_id: str | None = None
    spread: bool = False
    """Whether this sample run waits for a random moment of its interval."""
    in_execution: bool = False
    """Whether the state machine started the run; its end releases the lock of a full run."""


def parse_audit(event: object) -> AuditRequest:
    """Parse an event of `audit`.

    Raises:
        InvalidEventError: The message says what is wrong.
    """
    fields = _fields(event, {"databases", "publish", "connect_to"})
    return AuditRequest(
        databases=_names(fields),
        publish=_flag(fields, "publish"),
        connect_to=_connect_to(fields),
    )


def parse_discover(event: object) -> DiscoverRequest:
    """Parse an event of `discover`: a request, or the name and the input of an execution.

    Raises:
        InvalidEventError: The message says what is wrong.
    """
    if isinstance(event, dict) and event.keys() == {"execution", "input"}:
        request = parse_discover(event["input"])
        return replace(request, run_id=_run_id(event, "execution"), in_execution=True)
    fields = _fields(event, {"kind", "databases", "ignore_missing", "run_id", "spread"})
    names = _names(fields)
    kind = _kind(fields.get("kind", RunKind.NAMED if names else RunKind.FULL))
    if (kind == RunKind.NAMED) != bool(names):
        rule = "required" if kind == RunKind.NAMED else "not allowed"
        raise InvalidEventError(f"`databases` is {rule} for a {kind} run")
    spread = _flag(fields, "spread")
    if spread and kind is not RunKind.SAMPLE:
        raise InvalidEventError(f"`spread` is allowed only for a sample run; got a {kind} run")
    return DiscoverRequest(
        kind=kind,
        databases=names,
        ignore_missing=_flag(fields, "ignore_missing"),
        run_id=_run_id(fields, "run_id") if "run_id" in fields else None,
        spread=spread,
    )


def _flag(fields: Mapping[str, object], name: str) -> bool:
    flag = fields.get(name, False)
    if not isinstance(flag, bool):
        raise InvalidEventError(f"`{name}` must be true or false; got {flag!r}")
    return flag


def _kind(text: object) -> RunKind:
    if not isinstance(text, str) or text not in set(RunKind):
        raise InvalidEventError(f"`kind` must be one of {', '.join(RunKind)}; got {text!r}")
    return RunKind(text)


def _run_id(fields: Mapping[str, object], name: str) -> str:
    text = fields[name]
    # The run id becomes part of keys in the bucket and the table.
    if not isinstance(text, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", text):
        raise InvalidEventError(
            f"`{name}` must have 1 to 80 letters, digits, '.', '-', or '_', and begin with a "
            f"letter or digit; got {text!r}"
        )
    return text


def _fields(event: object, known: set[str]) -> Mapping[str, object]:
    if event is None:
        return {}
    if not isinstance(event, dict):
        raise InvalidEventError(f"The event must be a JSON object; got {type(event).__name__}")
    if unknown := sorted(str(key) for key in event if key not in known):
        allowed = ", ".join(sorted(known))
        raise InvalidEventError(
            f"The event has unknown fields: {', '.join(unknown)}. Allowed fields are {allowed}."
        )
    return event


def _names(fields: Mapping[str, object]) -> tuple[str, ...]:
    if "databases" not in fields:
        return ()
    names = fields["databases"]
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise InvalidEventError(
            "`databases` must be a non-empty list of database or cluster identifiers; "
            f"got {names!r}"
        )
    if not names:
        raise InvalidEventError("`databases` must not be empty; omit it for all databases")
    if len(names) > MAX_DATABASES:
        raise InvalidEventError(
            f"`databases` must have at most {MAX_DATABASES} identifiers; got {len(names)}"
        )
    return tuple(dict.fromkeys(names))


def _connect_to(fields: Mapping[str, object]) -> Mapping[str, Endpoint]:
    given = fields.get("connect_to", {})
    if not isinstance(given, dict):
        raise InvalidEventError(
            f"`connect_to` must be an object of database identifiers and host:port; got {given!r}"
        )
    return {str(name): _endpoint(str(name), text) for name, text in given.items()}


def _endpoint(name: str, text: object) -> Endpoint:
    host, _, port = text.rpartition(":") if isinstance(text, str) else ("", "", "")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):  # noqa: PLR2004 - ports have 16 bits
        raise InvalidEventError(f"`connect_to` of {name} must be host:port; got {text!r}")
    return Endpoint(address=host, port=int(port))
