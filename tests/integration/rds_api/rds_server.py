"""A strict server for the query protocol of RDS, with call counts, throttling, and faults.

moto needs seconds for a hundred instances; this server needs milliseconds for ten thousand.
botocore validates the descriptions against the service model. The server also accepts PUT requests
like S3, so that a manifest can be stored.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from botocore.model import ListShape, Shape, StructureShape
from botocore.session import Session
from botocore.validate import ParamValidator

ACCOUNT = "123456789012"
REGION = "eu-central-1"
CA = "rds-ca-rsa2048-g1"
SMALLEST_PAGE, LARGEST_PAGE, MOST_FILTER_VALUES = 20, 100, 100
PARAMETERS_OF_A_GROUP = 400
TIMEOUT_SECONDS = 300

type Described = Mapping[str, Any]
"""An item as an RDS operation describes it, with the field names of the API."""

# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBInstances.html
_FILTERS: Mapping[str, Mapping[str, str]] = {
    "DescribeDBInstances": {
        "db-cluster-id": "DBClusterIdentifier",
        "db-instance-id": "DBInstanceIdentifier",
        "dbi-resource-id": "DbiResourceId",
        "engine": "Engine",
    },
    "DescribeDBClusters": {
        "db-cluster-id": "DBClusterIdentifier",
        "db-cluster-resource-id": "DbClusterResourceId",
        "engine": "Engine",
    },
    "DescribeDBParameters": {"parameter-name": "ParameterName"},
    "DescribeDBClusterParameters": {"parameter-name": "ParameterName"},
    "DescribeCertificates": {},
}
_LISTS = {
    "DescribeDBInstances": "DBInstances",
    "DescribeDBClusters": "DBClusters",
    "DescribeDBParameters": "Parameters",
    "DescribeDBClusterParameters": "Parameters",
    "DescribeCertificates": "Certificates",
}
_GROUP = {
    "DescribeDBParameters": "DBParameterGroupName",
    "DescribeDBClusterParameters": "DBClusterParameterGroupName",
}


def certificate(**changes: object) -> Described:
    """Describe the CA that the instances in these tests use."""
    return {
        "CertificateIdentifier": CA,
        "CertificateType": "CA",
        "ValidFrom": datetime(2021, 5, 21, tzinfo=UTC),
        "ValidTill": datetime(2061, 5, 21, tzinfo=UTC),
        "CertificateArn": f"arn:aws:rds:{REGION}::cert:{CA}",
        "CustomerOverride": False,
        **changes,
    }


type Values = Mapping[str, str | None]
"""The values of a group's parameters by name; None for a parameter without a value."""


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """The databases, parameter groups, and CAs of an account."""

    instances: Sequence[Described] = ()
    clusters: Sequence[Described] = ()
    groups: Mapping[str, Values] = field(default_factory=dict)
    """The DB parameter groups, for instances."""
    cluster_groups: Mapping[str, Values] = field(default_factory=dict)
    certificates: Sequence[Described] = field(default_factory=lambda: [certificate()])


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request: the operation and its parameters."""

    operation: str
    parameters: Mapping[str, str]

    @property
    def group(self) -> str | None:
        """The parameter group that is requested."""
        return self.parameters.get(_GROUP.get(self.operation, ""))

    @property
    def filters(self) -> Mapping[str, frozenset[str]]:
        """`Filters.Filter.1.Name=engine`, `Filters.Filter.1.Values.Value.1=postgres`, …"""
        return {
            name: frozenset(
                value
                for other, value in self.parameters.items()
                if other.startswith(key.removesuffix("Name") + "Values.Value.")
            )
            for key, name in self.parameters.items()
            if key.startswith("Filters.Filter.") and key.endswith(".Name")
        }


@dataclass(frozen=True, kw_only=True)
class Response:
    """An HTTP response."""

    status: int
    body: str
    content_type: str = "text/xml"


class RefusedError(Exception):
    """RDS refuses the request with an error."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(code)
        self.response = Response(
            status=status,
            body="<ErrorResponse><Error><Type>Sender</Type>"
            f"<Code>{code}</Code><Message>{escape(message)}</Message>"
            "</Error><RequestId>7e1d2f3a</RequestId></ErrorResponse>",
        )


type Fault = Callable[[Call], Response | None]


def denied(operation: str, *, group: str | None = None, from_page: int = 1) -> Fault:
    """Refuse an operation, optionally only for one parameter group or from a later page on."""

    def fault(call: Call) -> Response | None:
        page = int(call.parameters.get("Marker", "0")) // LARGEST_PAGE + 1
        if call.operation != operation or page < from_page or group not in {None, call.group}:
            return None
        return RefusedError("AccessDenied", "User is not authorized to do this", 403).response

    return fault


def responds(operation: str, response: Response) -> Fault:
    """Send this response to every call of an operation."""
    return lambda call: response if call.operation == operation else None


def in_pairs() -> Fault:
    """Delay each call for a parameter group until a second one arrives."""
    pair = threading.Barrier(2, timeout=TIMEOUT_SECONDS)

    def fault(call: Call) -> Response | None:
        if call.group:
            pair.wait()
        return None

    return fault


class Throttle:
    """Accepts this many requests per second after a burst, and refuses the others."""

    def __init__(self, *, per_second: float, burst: int) -> None:
        self._per_second, self._burst = per_second, float(burst)
        self._tokens, self._last = float(burst), time.monotonic()
        self._lock = threading.Lock()
        self.refused = 0

    def __call__(self, _call: Call) -> Response | None:
        with self._lock:
            now = time.monotonic()
            gained = (now - self._last) * self._per_second
            self._tokens, self._last = min(self._burst, self._tokens + gained), now
            if self._tokens >= 1:
                self._tokens -= 1
                return None
            self.refused += 1
        return RefusedError("Throttling", "Rate exceeded").response


class RdsServer(ThreadingHTTPServer):
    """Serves a fleet on the loopback interface."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, fleet: Fleet, faults: Sequence[Fault], *, applies_filters: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.calls: list[Call] = []
        self.max_concurrent = 0
        self.objects: dict[str, bytes] = {}
        self._faults, self._heeds_filters = faults, applies_filters
        self._fleet = fleet
        self._lock = threading.Lock()
        self._concurrent = 0

    @property
    def url(self) -> str:
        """The URL of the server."""
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def call_counts(self) -> Counter[str]:
        """The number of calls of each operation, including refused ones."""
        return Counter(call.operation for call in self.calls)

    def respond(self, call: Call) -> Response:
        """Respond to a call, or refuse it."""
        with self._lock:
            self.calls.append(call)
            self._concurrent += 1
            self.max_concurrent = max(self.max_concurrent, self._concurrent)
        try:
            for fault in self._faults:
                if faulty := fault(call):
                    return faulty
            return self._described(call)
        except RefusedError as refused:
            return refused.response
        finally:
            with self._lock:
                self._concurrent -= 1

    def _described(self, call: Call) -> Response:
        if call.operation not in _LISTS:
            raise RefusedError("InvalidAction", f"this server has no {call.operation}")
        known = _FILTERS[call.operation]
        for name, values in call.filters.items():
            if name not in known:
                raise RefusedError("InvalidParameterValue", f"Unrecognized filter name: {name}")
            if not 0 < len(values) <= MOST_FILTER_VALUES:
                raise RefusedError("InvalidParameterValue", f"{len(values)} values of {name}")
        kind, items = self._items(call)
        if self._heeds_filters:
            wanted = {
                known[name]: {value.rpartition(":")[2] for value in values}
                for name, values in call.filters.items()
            }
            items = [item for item in items if all(item.get(key) in wanted[key] for key in wanted)]
        return self._page(call, kind, items)

    def _items(self, call: Call) -> tuple[str, Sequence[Described]]:
        match call.operation:
            case "DescribeDBInstances":
                return "DBInstance", self._fleet.instances
            case "DescribeDBClusters":
                return "DBCluster", self._fleet.clusters
            case "DescribeCertificates":
                return "Certificate", self._fleet.certificates
            case "DescribeDBClusterParameters":
                groups = self._fleet.cluster_groups
            case _:
                groups = self._fleet.groups
        if call.group is None or call.group not in groups:
            raise RefusedError("DBParameterGroupNotFound", f"no group {call.group}", 404)
        return "Parameter", _parameters(groups[call.group])

    def _page(self, call: Call, kind: str, items: Sequence[Described]) -> Response:
        size = int(call.parameters.get("MaxRecords", LARGEST_PAGE))
        if not SMALLEST_PAGE <= size <= LARGEST_PAGE:
            raise RefusedError("InvalidParameterValue", f"Invalid value {size} for MaxRecords")
        start = int(call.parameters.get("Marker", "0"))
        end = start + size
        marker = f"<Marker>{end}</Marker>" if end < len(items) else ""
        name, key = call.operation, _LISTS[call.operation]
        shown = "".join(_rendered(kind, item) for item in items[start:end])
        return Response(
            status=200,
            body=f'<{name}Response xmlns="http://rds.amazonaws.com/doc/2014-10-31/">'
            f"<{name}Result>{marker}<{key}>{shown}</{key}></{name}Result>"
            f"<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{name}Response>",
        )


@contextmanager
def serving(fleet: Fleet, *faults: Fault, applies_filters: bool = True) -> Iterator[RdsServer]:
    """Serve a fleet until the block ends."""
    with RdsServer(fleet, faults, applies_filters=applies_filters) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(TIMEOUT_SECONDS)


def environment(url: str) -> dict[str, str]:
    """Return the environment variables that point boto3 to a server."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # else botocore waits a second for `100 Continue`
    timeout = TIMEOUT_SECONDS

    def do_POST(self) -> None:
        sent = dict(parse_qsl(self._body().decode(), strict_parsing=True))
        call = Call(operation=sent.pop("Action"), parameters=sent)
        response = cast("RdsServer", self.server).respond(call)
        self._send(response.status, response.content_type, response.body.encode())

    def do_PUT(self) -> None:
        cast("RdsServer", self.server).objects[self.path] = self._body()
        self._send(200, "text/xml", b"")

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    def _send(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
        del format, args


def _parameters(values: Values) -> list[Described]:
    """Describe 400 parameters; the given values are the last ones, on the fourth page."""
    rest = PARAMETERS_OF_A_GROUP - len(values)
    shown: dict[str, str | None] = {f"filler_{number}": "1" for number in range(rest)}
    return [
        {"ParameterName": name, "Source": "user", "ApplyType": "dynamic", "IsModifiable": True}
        | ({} if value is None else {"ParameterValue": value})
        for name, value in (shown | dict(values)).items()
    ]


@cache
def _shape(kind: str) -> Shape:
    return Session().get_service_model("rds").shape_for(kind)


_checked: set[tuple[str, frozenset[str]]] = set()


def _rendered(kind: str, item: Described) -> str:
    # Validate only the first item with the same fields: this takes as long as all the others.
    alike = (kind, frozenset(item))
    if alike not in _checked:
        report = ParamValidator().validate(item, _shape(kind))
        if report.has_errors():
            raise ValueError(f"not a {kind}: {report.generate_report()}")
        _checked.add(alike)
    return _xml(kind, _shape(kind), item)


def _xml(tag: str, shape: Shape, value: Any) -> str:  # noqa: ANN401 - depends on the shape
    inner: str
    if isinstance(shape, StructureShape):
        inner = "".join(
            _xml(_tag(member, name), member, value[name])
            for name, member in shape.members.items()
            if name in value
        )
    elif isinstance(shape, ListShape):
        inner = "".join(_xml(_tag(shape.member, "member"), shape.member, item) for item in value)
    elif isinstance(value, bool):
        inner = str(value).lower()
    elif isinstance(value, datetime):
        inner = value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    else:
        inner = escape(str(value))
    return f"<{tag}>{inner}</{tag}>"


def _tag(shape: Shape, otherwise: str) -> str:
    return str(shape.serialization.get("name", otherwise))
