"""The Security Hub adapter and its fake behave in the same way."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass

import pytest

from emulation.strict_hub import GET, IMPORT, UPDATE, InMemoryHub
from emulation.strict_hub_server import HubServer
from rds_tls_audit.adapters.security_hub.client import ATTEMPTS, SecurityHub
from rds_tls_audit.findings.asff import Finding
from rds_tls_audit.findings.import_result import ImportResult
from rds_tls_audit.ports.security_hub import Hub
from tests.support.strict_hub import StrictHub
from tests.support.valid_finding import VALID

FIRST_ID = "finding-000"


@dataclass
class HubBehindPort:
    """The port, and the strict Security Hub behind it."""

    port: Hub
    hub: InMemoryHub

    def requests(self, operation: str) -> list[int]:
        return [request.number for request in self.hub.requests if request.operation == operation]


@pytest.fixture(params=["in memory", "over HTTP"])
def hub_behind_port(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[HubBehindPort]:
    if request.param == "in memory":
        hub = StrictHub()
        yield HubBehindPort(hub, hub)
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
        yield HubBehindPort(SecurityHub(), server.hub)


def findings(number: int = 1, *, day: int = 1, **changes: object) -> list[Finding]:
    """Return findings that were created on 1 March, and updated on this day of March."""
    return [
        {
            **deepcopy(VALID),
            "UpdatedAt": f"2026-03-{day:02}T06:00:00Z",
            **changes,
            "Id": f"finding-{index:03}",
        }
        for index in range(number)
    ]


def ids(of: list[Finding]) -> frozenset[str]:
    return frozenset(finding["Id"] for finding in of)


def passing(number: int = 1, day: int = 2) -> list[Finding]:
    return findings(number, day=day, Compliance={"Status": "PASSED"})


def test_valid_findings_are_imported_in_calls_of_a_hundred(hub_behind_port: HubBehindPort) -> None:
    sent = findings(201)

    assert hub_behind_port.port.import_findings(sent) == ImportResult(ids=ids(sent))

    assert hub_behind_port.hub.findings == {finding["Id"]: finding for finding in sent}
    assert hub_behind_port.requests(IMPORT) == [100, 100, 1]
    assert hub_behind_port.hub.violations == []


def test_without_findings_no_call_is_made(hub_behind_port: HubBehindPort) -> None:
    assert hub_behind_port.port.import_findings([]) == ImportResult()
    assert hub_behind_port.port.resolve([]) == frozenset()
    assert hub_behind_port.hub.requests == []


def test_large_findings_are_sent_in_calls_of_at_most_6_mb(hub_behind_port: HubBehindPort) -> None:
    fields = {f"field {number}": "ö" * 680 for number in range(50)}

    imported = hub_behind_port.port.import_findings(findings(60, ProductFields=fields))

    assert len(imported.ids) == 60
    assert hub_behind_port.requests(IMPORT) == [29, 29, 2]
    assert hub_behind_port.hub.violations == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"Description": ""}, "Description"),
        ({"RecordState": "OPEN"}, "finding.RecordState"),
        ({"Colour": "red"}, "finding.Colour"),
        ({"AwsAccountId": "999999999999"}, "ProductArn"),
    ],
    ids=["rule", "enum", "unknown field", "would fail the whole call"],
)
def test_an_invalid_finding_is_not_sent_and_the_others_are(
    hub_behind_port: HubBehindPort, change: dict[str, object], field: str
) -> None:
    good, wrong = findings(2)
    wrong |= change

    imported = hub_behind_port.port.import_findings([wrong, good])

    assert imported.ids == {good["Id"]}
    (rejection,) = imported.rejected
    assert (rejection.id, rejection.code) == (wrong["Id"], "SetAside")
    assert field in rejection.message
    assert hub_behind_port.requests(IMPORT) == [1]
    assert hub_behind_port.hub.violations == []


def test_two_findings_with_one_id_are_both_rejected(hub_behind_port: HubBehindPort) -> None:
    once, other = findings(2)

    imported = hub_behind_port.port.import_findings([once, other, deepcopy(once)])

    assert imported.ids == {other["Id"]}
    assert [(rejection.id, rejection.message) for rejection in imported.rejected] == [
        (once["Id"], "Id is unique")
    ] * 2


def test_a_failed_finding_in_a_successful_call_is_reported(hub_behind_port: HubBehindPort) -> None:
    hub_behind_port.hub.reject("finding-001", "InvalidInput")

    imported = hub_behind_port.port.import_findings(findings(3))

    assert imported.ids == {"finding-000", "finding-002"}
    assert [(rejection.id, rejection.code) for rejection in imported.rejected] == [
        ("finding-001", "InvalidInput")
    ]
    assert hub_behind_port.requests(IMPORT) == [3]
    assert imported.hub_disabled is None


@pytest.mark.parametrize(
    "code", ["TooManyRequestsException", "LimitExceededException", "InternalException"]
)
def test_a_call_that_is_throttled_or_fails_internally_is_repeated(
    hub_behind_port: HubBehindPort, code: str
) -> None:
    hub_behind_port.hub.fail(code)

    assert hub_behind_port.port.import_findings(findings()).ids == {FIRST_ID}
    assert hub_behind_port.requests(IMPORT) == [1, 1]


def test_a_call_that_keeps_failing_internally_is_rejected(hub_behind_port: HubBehindPort) -> None:
    hub_behind_port.hub.fail("InternalException", calls=ATTEMPTS)

    imported = hub_behind_port.port.import_findings(findings())

    assert not imported.ids
    assert [rejection.code for rejection in imported.rejected] == ["InternalException"]
    assert len(hub_behind_port.requests(IMPORT)) == ATTEMPTS


@pytest.mark.parametrize("code", ["InvalidInputException", "AccessDeniedException"])
def test_a_refused_call_is_not_repeated_and_the_next_one_is_made(
    hub_behind_port: HubBehindPort, code: str
) -> None:
    hub_behind_port.hub.fail(code)

    imported = hub_behind_port.port.import_findings(findings(101))

    assert imported.ids == {"finding-100"}
    assert {rejection.code for rejection in imported.rejected} == {code}
    assert hub_behind_port.requests(IMPORT) == [100, 1]
    assert imported.hub_disabled is None


@pytest.mark.parametrize("whole", [True, False], ids=["the call", "a finding"])
def test_a_disabled_hub_is_reported_in_one_sentence_and_no_further_call_is_made(
    hub_behind_port: HubBehindPort,
    whole: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    if whole:
        hub_behind_port.hub.fail("InvalidAccessException", calls=3)
    else:
        for finding in findings(100):
            hub_behind_port.hub.reject(finding["Id"], "InvalidAccess")

    imported = hub_behind_port.port.import_findings(findings(201))

    assert hub_behind_port.requests(IMPORT) == [100]
    assert not imported.ids
    assert imported.hub_disabled is not None
    assert "off in account 123456789012 and Region eu-central-1" in imported.hub_disabled
    assert "turn it on (" in imported.hub_disabled
    codes = [rejection.code for rejection in imported.rejected]
    assert codes[100:] == ["NotSent"] * 101
    assert set(codes[:100]) == {"InvalidAccessException" if whole else "InvalidAccess"}


def test_a_finding_that_is_not_newer_counts_as_imported_and_changes_nothing(
    hub_behind_port: HubBehindPort,
) -> None:
    hub_behind_port.port.import_findings(findings(day=2))

    same = hub_behind_port.port.import_findings(findings(day=2, Description="Another."))

    assert same.ids == {FIRST_ID}
    assert hub_behind_port.hub.findings[FIRST_ID]["Description"] == VALID["Description"]


def test_passing_findings_are_resolved(hub_behind_port: HubBehindPort) -> None:
    sent = passing(250)
    hub_behind_port.port.import_findings(sent)

    assert hub_behind_port.port.resolve(sent) == ids(sent)

    assert set(hub_behind_port.hub.workflow.values()) == {"RESOLVED"}
    assert hub_behind_port.requests(GET) == [20] * 12 + [10]
    assert hub_behind_port.requests(UPDATE) == [100, 100, 50]
    assert hub_behind_port.hub.violations == []


@pytest.mark.parametrize("status", ["SUPPRESSED", "RESOLVED"])
def test_a_suppressed_or_resolved_finding_is_not_changed(
    hub_behind_port: HubBehindPort, status: str
) -> None:
    hub_behind_port.port.import_findings(passing(2))
    hub_behind_port.hub.set_workflow(FIRST_ID, status)

    assert hub_behind_port.port.resolve(passing(2)) == {FIRST_ID, "finding-001"}

    assert hub_behind_port.hub.workflow == {FIRST_ID: status, "finding-001": "RESOLVED"}
    assert hub_behind_port.requests(UPDATE) == [1]


def test_a_finding_that_a_reviewer_marked_as_notified_is_resolved(
    hub_behind_port: HubBehindPort,
) -> None:
    hub_behind_port.port.import_findings(passing())
    hub_behind_port.hub.set_workflow(FIRST_ID, "NOTIFIED")

    assert hub_behind_port.port.resolve(passing()) == {FIRST_ID}
    assert hub_behind_port.hub.workflow[FIRST_ID] == "RESOLVED"


def test_a_finding_that_the_hub_does_not_show_yet_is_resolved_by_the_next_run(
    hub_behind_port: HubBehindPort,
) -> None:
    hub_behind_port.port.import_findings(passing(1))

    assert hub_behind_port.port.resolve(passing(2)) == {FIRST_ID}


def test_a_finding_that_cannot_be_updated_is_resolved_by_the_next_run(
    hub_behind_port: HubBehindPort,
) -> None:
    hub_behind_port.port.import_findings(passing(2))
    hub_behind_port.hub.reject("finding-001", "ConcurrentUpdateError")

    assert hub_behind_port.port.resolve(passing(2)) == {FIRST_ID}


@pytest.mark.parametrize("code", ["AccessDeniedException", "InvalidAccessException"])
def test_resolving_never_raises_and_is_repeated_by_the_next_run(
    hub_behind_port: HubBehindPort, code: str
) -> None:
    hub_behind_port.port.import_findings(passing(21))
    hub_behind_port.hub.fail(code, calls=9)

    assert hub_behind_port.port.resolve(passing(21)) == frozenset()

    hub_behind_port.hub.accept_again()
    assert len(hub_behind_port.port.resolve(passing(21))) == 21


def test_findings_that_were_read_before_a_failure_are_resolved(
    hub_behind_port: HubBehindPort,
) -> None:
    hub_behind_port.port.import_findings(passing(3))
    hub_behind_port.hub.suppress(FIRST_ID)
    hub_behind_port.hub.fail("InternalException")

    assert len(hub_behind_port.port.resolve(passing(3))) == 3
    assert hub_behind_port.hub.workflow[FIRST_ID] == "SUPPRESSED"


def test_a_resolved_finding_that_fails_again_is_new(hub_behind_port: HubBehindPort) -> None:
    hub_behind_port.port.import_findings(passing(day=2))
    hub_behind_port.port.resolve(passing(day=2))

    hub_behind_port.port.import_findings(findings(day=3))

    assert hub_behind_port.hub.workflow[FIRST_ID] == "NEW"
