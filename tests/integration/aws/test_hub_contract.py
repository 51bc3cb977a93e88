"""The port with a strict hub behind it and the hub of the unit tests behave in the same way."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass

import pytest

from emulation.strict_hub import GET, IMPORT, UPDATE, MemoryHub
from emulation.strict_hub_server import HubServer
from rds_tls_audit.adapters.security_hub.client import ATTEMPTS, SecurityHub
from rds_tls_audit.findings.asff import Finding
from rds_tls_audit.findings.import_result import ImportResult
from rds_tls_audit.ports.security_hub import Hub
from tests.support.strict_hub import StrictHub
from tests.support.valid_finding import VALID

WHOLE = "finding-000"


@dataclass
class Behind:
    """A hub as publish sees it, and what is behind it."""

    port: Hub
    hub: MemoryHub

    def requests(self, operation: str) -> list[int]:
        return [it.number for it in self.hub.requests if it.operation == operation]


@pytest.fixture(params=["in memory", "over HTTP"])
def behind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Behind]:
    if request.param == "in memory":
        hub = StrictHub()
        yield Behind(hub, hub)
        return
    with HubServer() as server:
        for name, value in {
            **server.environment(),
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "local",
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
        }.items():
            monkeypatch.setenv(name, value)
        yield Behind(SecurityHub(), server.hub)


def findings(number: int = 1, *, day: int = 1, **changes: object) -> list[Finding]:
    """Made on 1 March, updated on that day of it."""
    return [
        {
            **deepcopy(VALID),
            "UpdatedAt": f"2026-03-{day:02}T06:00:00Z",
            **changes,
            "Id": f"finding-{it:03}",
        }
        for it in range(number)
    ]


def ids(of: list[Finding]) -> frozenset[str]:
    return frozenset(finding["Id"] for finding in of)


def passing(number: int = 1, day: int = 2) -> list[Finding]:
    return findings(number, day=day, Compliance={"Status": "PASSED"})


def test_findings_in_order_are_taken_in_calls_of_a_hundred(behind: Behind) -> None:
    sent = findings(201)

    assert behind.port.import_findings(sent) == ImportResult(ids=ids(sent))

    assert behind.hub.findings == {it["Id"]: it for it in sent}
    assert behind.requests(IMPORT) == [100, 100, 1]
    assert behind.hub.violations == []


def test_nothing_to_send_is_no_call(behind: Behind) -> None:
    assert behind.port.import_findings([]) == ImportResult()
    assert behind.port.resolve([]) == frozenset()
    assert behind.hub.requests == []


def test_large_findings_go_in_calls_of_at_most_6_mb(behind: Behind) -> None:
    fields = {f"field {number}": "ö" * 680 for number in range(50)}

    imported = behind.port.import_findings(findings(60, ProductFields=fields))

    assert len(imported.ids) == 60
    assert behind.requests(IMPORT) == [29, 29, 2]
    assert behind.hub.violations == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"Description": ""}, "Description has 1 to 1024 characters"),
        ({"RecordState": "OPEN"}, "finding.RecordState is none of ACTIVE, ARCHIVED"),
        ({"Colour": "red"}, "finding.Colour is not known"),
        ({"AwsAccountId": "999999999999"}, "ProductArn is the account's own default product"),
    ],
    ids=["rule", "enum", "unknown field", "would fail the whole call"],
)
def test_a_finding_that_is_not_in_order_is_set_aside_and_the_rest_goes(
    behind: Behind, change: dict[str, object], words: str
) -> None:
    good, wrong = findings(2)
    wrong |= change

    imported = behind.port.import_findings([wrong, good])

    assert imported.ids == {good["Id"]}
    (rejection,) = imported.rejected
    assert (rejection.id, rejection.code) == (wrong["Id"], "SetAside")
    assert words in rejection.message
    assert behind.requests(IMPORT) == [1]
    assert behind.hub.violations == []


def test_one_id_twice_is_set_aside_both_times(behind: Behind) -> None:
    once, other = findings(2)

    imported = behind.port.import_findings([once, other, deepcopy(once)])

    assert imported.ids == {other["Id"]}
    assert [(it.id, it.message) for it in imported.rejected] == [(once["Id"], "Id is unique")] * 2


def test_a_failure_in_a_call_that_succeeds_is_told(behind: Behind) -> None:
    behind.hub.reject("finding-001", "InvalidInput")

    imported = behind.port.import_findings(findings(3))

    assert imported.ids == {"finding-000", "finding-002"}
    assert [(it.id, it.code) for it in imported.rejected] == [("finding-001", "InvalidInput")]
    assert behind.requests(IMPORT) == [3]
    assert imported.hub_disabled is None


@pytest.mark.parametrize(
    "code", ["TooManyRequestsException", "LimitExceededException", "InternalException"]
)
def test_a_call_that_is_throttled_or_fails_inside_is_made_again(behind: Behind, code: str) -> None:
    behind.hub.fail(code)

    assert behind.port.import_findings(findings()).ids == {WHOLE}
    assert behind.requests(IMPORT) == [1, 1]


def test_a_call_that_keeps_failing_inside_is_given_up(behind: Behind) -> None:
    behind.hub.fail("InternalException", calls=ATTEMPTS)

    imported = behind.port.import_findings(findings())

    assert not imported.ids
    assert [it.code for it in imported.rejected] == ["InternalException"]
    assert len(behind.requests(IMPORT)) == ATTEMPTS


@pytest.mark.parametrize("code", ["InvalidInputException", "AccessDeniedException"])
def test_a_call_that_is_refused_is_not_made_again_and_the_next_one_is(
    behind: Behind, code: str
) -> None:
    behind.hub.fail(code)

    imported = behind.port.import_findings(findings(101))

    assert imported.ids == {"finding-100"}
    assert {it.code for it in imported.rejected} == {code}
    assert behind.requests(IMPORT) == [100, 1]
    assert imported.hub_disabled is None


@pytest.mark.parametrize("whole", [True, False], ids=["the call", "a finding"])
def test_a_hub_that_is_off_is_one_sentence_and_nothing_more_is_tried(
    behind: Behind,
    whole: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    if whole:
        behind.hub.fail("InvalidAccessException", calls=3)
    else:
        for finding in findings(100):
            behind.hub.reject(finding["Id"], "InvalidAccess")

    imported = behind.port.import_findings(findings(201))

    assert behind.requests(IMPORT) == [100]
    assert not imported.ids
    assert imported.hub_disabled is not None
    assert "off in account 123456789012 and Region eu-central-1" in imported.hub_disabled
    assert "turn it on (" in imported.hub_disabled
    codes = [it.code for it in imported.rejected]
    assert codes[100:] == ["NotSent"] * 101
    assert set(codes[:100]) == {"InvalidAccessException" if whole else "InvalidAccess"}


def test_what_is_not_newer_counts_as_taken_and_changes_nothing(behind: Behind) -> None:
    behind.port.import_findings(findings(day=2))

    same = behind.port.import_findings(findings(day=2, Description="Another."))

    assert same.ids == {WHOLE}
    assert behind.hub.findings[WHOLE]["Description"] == VALID["Description"]


def test_findings_that_pass_are_resolved(behind: Behind) -> None:
    sent = passing(250)
    behind.port.import_findings(sent)

    assert behind.port.resolve(sent) == ids(sent)

    assert set(behind.hub.workflow.values()) == {"RESOLVED"}
    assert behind.requests(GET) == [20] * 12 + [10]
    assert behind.requests(UPDATE) == [100, 100, 50]
    assert behind.hub.violations == []


@pytest.mark.parametrize("status", ["SUPPRESSED", "RESOLVED"])
def test_what_is_suppressed_or_resolved_is_left_alone(behind: Behind, status: str) -> None:
    behind.port.import_findings(passing(2))
    behind.hub.set_workflow(WHOLE, status)

    assert behind.port.resolve(passing(2)) == {WHOLE, "finding-001"}

    assert behind.hub.workflow == {WHOLE: status, "finding-001": "RESOLVED"}
    assert behind.requests(UPDATE) == [1]


def test_what_a_reviewer_notified_of_is_resolved(behind: Behind) -> None:
    behind.port.import_findings(passing())
    behind.hub.set_workflow(WHOLE, "NOTIFIED")

    assert behind.port.resolve(passing()) == {WHOLE}
    assert behind.hub.workflow[WHOLE] == "RESOLVED"


def test_a_finding_that_the_hub_does_not_show_yet_is_left_for_the_next_run(behind: Behind) -> None:
    behind.port.import_findings(passing(1))

    assert behind.port.resolve(passing(2)) == {WHOLE}


def test_a_finding_that_cannot_be_updated_is_left_for_the_next_run(behind: Behind) -> None:
    behind.port.import_findings(passing(2))
    behind.hub.reject("finding-001", "ConcurrentUpdateError")

    assert behind.port.resolve(passing(2)) == {WHOLE}


@pytest.mark.parametrize("code", ["AccessDeniedException", "InvalidAccessException"])
def test_resolving_never_raises_and_leaves_all_for_the_next_run(behind: Behind, code: str) -> None:
    behind.port.import_findings(passing(21))
    behind.hub.fail(code, calls=9)

    assert behind.port.resolve(passing(21)) == frozenset()

    behind.hub.take_again()
    assert len(behind.port.resolve(passing(21))) == 21


def test_what_was_read_before_a_failure_is_resolved(behind: Behind) -> None:
    behind.port.import_findings(passing(3))
    behind.hub.suppress(WHOLE)
    behind.hub.fail("InternalException")

    assert len(behind.port.resolve(passing(3))) == 3
    assert behind.hub.workflow[WHOLE] == "SUPPRESSED"


def test_a_resolved_finding_that_fails_again_is_new(behind: Behind) -> None:
    behind.port.import_findings(passing(day=2))
    behind.port.resolve(passing(day=2))

    behind.port.import_findings(findings(day=3))

    assert behind.hub.workflow[WHOLE] == "NEW"
