"""Events are parsed strictly: an invalid event is refused with a message that says why."""

from collections.abc import Callable

import pytest

from rds_tls_audit.fleet.database import Endpoint
from rds_tls_audit.pipeline.requests import (
    AuditRequest,
    DiscoverRequest,
    InvalidEventError,
    parse_audit,
    parse_discover,
)
from rds_tls_audit.pipeline.run import RunKind

BAD_RUN_IDS: list[object] = [
    *("", "a/b", "../latest", ".", "..", ".hidden", "-a", "_a", "a b", "a b ", "a\n", "x" * 81),
    *("a:b", "a@b", "a*", "a#b", "a\x00", None, 7, ["a"]),
]
SCHEDULED = "8a1f7e2c-0b57-4b33-9a6c-6d6b6c1f2c55_0d9c3f7e-52a1-4c3e-8e0d-1f2a3b4c5d6e"
NAMES_500 = [f"database-{number}" for number in range(500)]


@pytest.mark.parametrize(
    ("event", "request_"),
    [
        pytest.param(None, AuditRequest(), id="null"),
        pytest.param({}, AuditRequest(), id="empty"),
        pytest.param({"publish": False}, AuditRequest(), id="publish-false"),
        pytest.param({"publish": True}, AuditRequest(publish=True), id="publish-true"),
        pytest.param(
            {"databases": ["orders-prod", "billing", "orders-prod"]},
            AuditRequest(databases=("orders-prod", "billing")),
            id="named-once-each",
        ),
        pytest.param(
            {"databases": NAMES_500}, AuditRequest(databases=tuple(NAMES_500)), id="500-names"
        ),
        pytest.param({"connect_to": {}}, AuditRequest(), id="connect-to-nothing"),
        pytest.param(
            {"connect_to": {"orders-prod": "localhost:15432", "billing": "10.0.0.1:1"}},
            AuditRequest(
                connect_to={
                    "orders-prod": Endpoint(address="localhost", port=15432),
                    "billing": Endpoint(address="10.0.0.1", port=1),
                }
            ),
            id="connect-to",
        ),
        pytest.param(
            {"connect_to": {"orders-prod": "[::1]:65535"}},
            AuditRequest(connect_to={"orders-prod": Endpoint(address="::1", port=65535)}),
            id="connect-to-ipv6",
        ),
        pytest.param(
            {"connect_to": {"orders-prod": "[2001:db8::7]:5432"}},
            AuditRequest(connect_to={"orders-prod": Endpoint(address="2001:db8::7", port=5432)}),
            id="connect-to-long-ipv6",
        ),
    ],
)
def test_audit_accepts_the_events_of_the_contract(event: object, request_: AuditRequest) -> None:
    assert parse_audit(event) == request_


@pytest.mark.parametrize(
    ("event", "parts"),
    [
        pytest.param([], ["a JSON object", "got list"], id="list"),
        pytest.param("orders-prod", ["a JSON object", "got str"], id="text"),
        pytest.param({"database": "a"}, ["unknown fields: database."], id="unknown-field"),
        pytest.param(
            {"verbose": 1, "dry_run": True, "databases": ["a"]},
            ["unknown fields: dry_run, verbose.", "connect_to, databases, publish"],
            id="unknown-fields-all-named",
        ),
        pytest.param({"kind": "full"}, ["unknown fields: kind."], id="field-of-discover"),
        pytest.param({"databases": []}, ["`databases`", "empty"], id="no-names"),
        pytest.param({"databases": None}, ["`databases`", "got None"], id="names-null"),
        pytest.param({"databases": "a"}, ["`databases`", "got 'a'"], id="names-text"),
        pytest.param({"databases": {"a": 1}}, ["`databases`", "got {'a': 1}"], id="names-object"),
        pytest.param({"databases": ["a", 7]}, ["`databases`", "['a', 7]"], id="name-a-number"),
        pytest.param({"databases": ["a", ""]}, ["`databases`", "['a', '']"], id="name-empty"),
        pytest.param(
            {"databases": [*NAMES_500, "one-more"]},
            ["`databases`", "at most 500", "got 501"],
            id="501-names",
        ),
        pytest.param({"publish": "true"}, ["`publish`", "got 'true'"], id="publish-text"),
        pytest.param({"publish": 1}, ["`publish`", "got 1"], id="publish-number"),
        pytest.param({"publish": None}, ["`publish`", "got None"], id="publish-null"),
        pytest.param({"connect_to": None}, ["`connect_to`", "got None"], id="connect-to-null"),
        pytest.param({"connect_to": ["a:1"]}, ["`connect_to`", "['a:1']"], id="connect-to-list"),
        *(
            pytest.param(
                {"connect_to": {"orders-prod": text}},
                ["`connect_to` of orders-prod", "host:port", f"got {text!r}"],
                id=f"connect-to-{text!r}",
            )
            for text in (
                *("localhost", "localhost:", ":5432", "[]:5432", "", "localhost:0"),
                *(
                    "localhost:65536",
                    "localhost:-1",
                    "localhost:5432x",
                    "localhost:\uff15",
                    5432,
                    None,
                ),
            )
        ),
    ],
)
def test_audit_refuses_any_other_event(event: object, parts: list[str]) -> None:
    with pytest.raises(InvalidEventError) as caught:
        parse_audit(event)

    assert [part for part in parts if part not in str(caught.value)] == []


@pytest.mark.parametrize(
    ("event", "request_"),
    [
        pytest.param(None, DiscoverRequest(kind=RunKind.FULL), id="null"),
        pytest.param({}, DiscoverRequest(kind=RunKind.FULL), id="empty"),
        pytest.param({"kind": "full"}, DiscoverRequest(kind=RunKind.FULL), id="full"),
        pytest.param({"kind": "sample"}, DiscoverRequest(kind=RunKind.SAMPLE), id="sample"),
        pytest.param(
            {"databases": ["a", "b"]},
            DiscoverRequest(kind=RunKind.NAMED, databases=("a", "b")),
            id="named",
        ),
        pytest.param(
            {"kind": "named", "databases": ["a"]},
            DiscoverRequest(kind=RunKind.NAMED, databases=("a",)),
            id="named-with-its-kind",
        ),
        pytest.param(
            {"run_id": "x" * 80},
            DiscoverRequest(kind=RunKind.FULL, run_id="x" * 80),
            id="run-id-of-80",
        ),
        pytest.param(
            {"run_id": "a-b_C-9", "kind": "full"},
            DiscoverRequest(kind=RunKind.FULL, run_id="a-b_C-9"),
            id="run-id",
        ),
        pytest.param(
            {"run_id": "9a.b..c"},
            DiscoverRequest(kind=RunKind.FULL, run_id="9a.b..c"),
            id="run-id-with-dots",
        ),
        pytest.param(
            {"execution": SCHEDULED, "input": {"kind": "full"}},
            DiscoverRequest(kind=RunKind.FULL, run_id=SCHEDULED, in_execution=True),
            id="execution-with-a-name-of-the-scheduler",
        ),
        pytest.param(
            {"execution": "daily", "input": {}},
            DiscoverRequest(kind=RunKind.FULL, run_id="daily", in_execution=True),
            id="execution",
        ),
        pytest.param(
            {"execution": "daily", "input": None},
            DiscoverRequest(kind=RunKind.FULL, run_id="daily", in_execution=True),
            id="execution-without-input",
        ),
        pytest.param(
            {"execution": "often", "input": {"kind": "sample"}},
            DiscoverRequest(kind=RunKind.SAMPLE, run_id="often", in_execution=True),
            id="execution-of-a-sample",
        ),
        pytest.param(
            {"execution": "often", "input": {"kind": "sample", "spread": True}},
            DiscoverRequest(kind=RunKind.SAMPLE, run_id="often", spread=True, in_execution=True),
            id="execution-of-a-scheduled-sample",
        ),
        pytest.param(
            {"kind": "full", "spread": False}, DiscoverRequest(kind=RunKind.FULL), id="spread-false"
        ),
        pytest.param(
            {"execution": "recheck", "input": {"databases": ["a"]}},
            DiscoverRequest(
                kind=RunKind.NAMED, databases=("a",), run_id="recheck", in_execution=True
            ),
            id="execution-of-named",
        ),
        pytest.param(
            {"execution": "daily", "input": {"run_id": "mine"}},
            DiscoverRequest(kind=RunKind.FULL, run_id="daily", in_execution=True),
            id="the-execution-names-the-run",
        ),
    ],
)
def test_discover_accepts_the_events_of_the_contract(
    event: object, request_: DiscoverRequest
) -> None:
    assert parse_discover(event) == request_


@pytest.mark.parametrize(
    ("event", "parts"),
    [
        pytest.param(7, ["a JSON object", "got int"], id="number"),
        pytest.param({"publish": True}, ["unknown fields: publish."], id="field-of-audit"),
        pytest.param({"kind": "weekly"}, ["`kind`", "full, named, sample", "'weekly'"], id="kind"),
        pytest.param({"kind": None}, ["`kind`", "got None"], id="kind-null"),
        pytest.param({"kind": []}, ["`kind`", "got []"], id="kind-list"),
        pytest.param({"kind": "named"}, ["`databases`", "required", "named"], id="named-nothing"),
        pytest.param(
            {"kind": "full", "databases": ["a"]},
            ["`databases`", "not allowed", "full"],
            id="full-named",
        ),
        pytest.param(
            {"kind": "sample", "databases": ["a"]},
            ["`databases`", "not allowed", "sample"],
            id="sample-named",
        ),
        pytest.param({"databases": []}, ["`databases`", "empty"], id="no-names"),
        *(
            pytest.param(
                {"run_id": run_id}, ["`run_id`", repr(run_id)], id=f"run-id-{run_id!r:.20}"
            )
            for run_id in BAD_RUN_IDS
        ),
        *(
            pytest.param(
                {"execution": run_id, "input": {}},
                ["`execution`", repr(run_id)],
                id=f"execution-{run_id!r:.20}",
            )
            for run_id in BAD_RUN_IDS
        ),
        pytest.param({"kind": "sample", "spread": 1}, ["`spread`", "got 1"], id="spread-number"),
        pytest.param(
            {"kind": "full", "spread": True}, ["`spread`", "sample", "full"], id="spread-full"
        ),
        pytest.param(
            {"databases": ["a"], "spread": True},
            ["`spread`", "sample", "named"],
            id="spread-named",
        ),
        pytest.param({"execution": "daily"}, ["unknown fields: execution."], id="execution-alone"),
        pytest.param({"input": {}}, ["unknown fields: input."], id="input-alone"),
        pytest.param(
            {"execution": "daily", "input": {}, "kind": "full"},
            ["unknown fields: execution, input."],
            id="execution-and-more",
        ),
        pytest.param(
            {"execution": "daily", "input": {"kind": "weekly"}},
            ["`kind`", "'weekly'"],
            id="execution-of-an-unknown-kind",
        ),
        pytest.param(
            {"execution": "daily", "input": "full"}, ["a JSON object"], id="execution-of-a-text"
        ),
    ],
)
def test_discover_refuses_any_other_event(event: object, parts: list[str]) -> None:
    with pytest.raises(InvalidEventError) as caught:
        parse_discover(event)

    assert [part for part in parts if part not in str(caught.value)] == []


@pytest.mark.parametrize("parse", [parse_audit, parse_discover])
def test_an_unknown_field_is_named_without_its_value(
    parse: Callable[[object], object],
) -> None:
    with pytest.raises(InvalidEventError, match="password") as caught:
        parse({"password": "hunter2"})

    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("run_id", ["größe", "\uff12\uff10"])
def test_a_run_id_has_only_ascii_letters_and_digits(run_id: str) -> None:
    with pytest.raises(InvalidEventError):
        parse_discover({"run_id": run_id})
    with pytest.raises(InvalidEventError):
        parse_discover({"execution": run_id, "input": {}})
