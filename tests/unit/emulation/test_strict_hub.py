"""The Security Hub in memory behaves as the service does."""

from copy import deepcopy

import pytest

from emulation.strict_hub import HubError
from rds_tls_audit.findings.asff import Finding
from tests.support.strict_hub import StrictHub
from tests.support.valid_finding import VALID


def later(**changes: object) -> Finding:
    return {**deepcopy(VALID), "UpdatedAt": "2026-03-02T06:00:00Z", **changes}


def test_the_hub_stores_a_valid_finding() -> None:
    hub = StrictHub()

    imported = hub.import_findings([VALID])

    assert imported.ids == {VALID["Id"]}
    assert not imported.rejected
    assert hub.findings == {VALID["Id"]: VALID}


def test_the_hub_rejects_a_finding_that_violates_a_rule_and_stores_the_others() -> None:
    hub = StrictHub()
    invalid = {**VALID, "Id": "other", "Description": ""}

    imported = hub.import_findings([invalid, VALID])

    assert imported.ids == {VALID["Id"]}
    (rejection,) = imported.rejected
    assert (rejection.id, rejection.code) == ("other", "SetAside")
    assert "Description" in rejection.message
    assert "1024" in rejection.message
    assert hub.findings.keys() == {VALID["Id"]}


@pytest.mark.parametrize(
    "updated_at", ["2026-03-01T05:00:00.123456Z", "2026-02-28T00:00:00Z"], ids=["equal", "older"]
)
def test_the_hub_silently_ignores_a_finding_that_is_not_newer(updated_at: str) -> None:
    hub = StrictHub()
    hub.import_findings([VALID])

    imported = hub.import_findings([later(UpdatedAt=updated_at, Description="Another.")])

    assert imported.ids == {VALID["Id"]}
    assert hub.findings[VALID["Id"]] == VALID


def test_the_hub_stores_a_newer_finding() -> None:
    hub = StrictHub()
    hub.import_findings([VALID])

    hub.import_findings([later(Description="Another.")])

    assert hub.findings[VALID["Id"]]["Description"] == "Another."
    assert hub.violations == []


@pytest.mark.parametrize("field", ["CreatedAt", "FirstObservedAt"])
def test_a_changed_creation_time_is_a_violation(field: str) -> None:
    hub = StrictHub()
    hub.import_findings([VALID])

    hub.import_findings([later(**{field: "2026-03-02T06:00:00Z"})])

    (violation,) = hub.violations
    assert VALID["Id"] in violation
    assert field in violation


def test_an_id_that_is_sent_twice_in_one_call_is_a_violation() -> None:
    hub = StrictHub()

    hub.import_findings([VALID, later()])

    (violation,) = hub.violations
    assert VALID["Id"] in violation
    assert not hub.findings


def test_injected_errors_apply_until_they_are_removed() -> None:
    hub = StrictHub()
    hub.reject(VALID["Id"], "InternalError")
    hub.fail("AccessDeniedException")

    (rejection,) = hub.import_findings([VALID]).rejected
    assert rejection.code == "AccessDeniedException"
    (rejection,) = hub.import_findings([VALID]).rejected
    assert rejection.code == "InternalError"
    assert not hub.findings

    hub.accept_again()
    assert hub.import_findings([VALID]).ids == {VALID["Id"]}


PASSED = {"Compliance": {"Status": "PASSED"}}
FAILED = {"Compliance": {"Status": "FAILED"}}
UNKNOWN = {"Compliance": {"Status": "NOT_AVAILABLE"}}
ARCHIVED = {"RecordState": "ARCHIVED"}
ACTIVE = {"RecordState": "ACTIVE"}


def test_a_new_finding_has_the_workflow_status_new() -> None:
    hub = StrictHub()

    hub.import_findings([VALID])

    assert hub.workflow == {VALID["Id"]: "NEW"}


@pytest.mark.parametrize(
    ("before", "after", "status", "expected"),
    [
        pytest.param(PASSED, FAILED, "RESOLVED", "NEW", id="fails-again"),
        pytest.param(PASSED, FAILED, "NOTIFIED", "NEW", id="fails-and-was-notified"),
        pytest.param(PASSED, UNKNOWN, "RESOLVED", "NEW", id="no-longer-known"),
        pytest.param(ARCHIVED, ACTIVE, "RESOLVED", "NEW", id="active-again-after-archiving"),
        pytest.param(PASSED, FAILED, "SUPPRESSED", "SUPPRESSED", id="suppressed-stays"),
        pytest.param(FAILED, UNKNOWN, "NOTIFIED", "NOTIFIED", id="did-not-pass-before"),
        pytest.param(FAILED, PASSED, "NOTIFIED", "NOTIFIED", id="passes"),
        pytest.param(PASSED, PASSED, "RESOLVED", "RESOLVED", id="heartbeat"),
        pytest.param(ACTIVE, ARCHIVED, "RESOLVED", "RESOLVED", id="archived"),
    ],
)
def test_security_hub_resets_the_workflow_status_of_a_finding_that_reopens(
    before: dict[str, object], after: dict[str, object], status: str, expected: str
) -> None:
    hub = StrictHub()
    hub.import_findings([{**VALID, **before}])
    hub.set_workflow(VALID["Id"], status)

    hub.import_findings([later(**after)])

    assert hub.workflow[VALID["Id"]] == expected


def test_a_reviewer_cannot_suppress_a_missing_finding() -> None:
    with pytest.raises(KeyError):
        StrictHub().suppress("nothing")


@pytest.mark.parametrize("number", [0, 101])
def test_a_call_without_findings_or_with_more_than_100_is_refused_and_a_violation(
    number: int,
) -> None:
    hub = StrictHub()

    with pytest.raises(HubError) as error:
        hub.import_batch([{**VALID, "Id": f"{position}"} for position in range(number)])

    assert error.value.code == "InvalidInputException"
    (violation,) = hub.violations
    assert f"{number} findings" in violation
    assert not hub.findings


def test_a_call_of_more_than_6_mb_is_refused_and_a_violation() -> None:
    hub = StrictHub()
    large = [{**VALID, "Id": f"{position}", "Description": "d" * 100_000} for position in range(60)]

    with pytest.raises(HubError):
        hub.import_batch(large)

    assert len(hub.violations) == 1
    assert not hub.findings


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("AwsAccountId", "999999999999", "AccessDeniedException"),
        (
            "ProductArn",
            "arn:aws:securityhub:eu-west-1:123456789012:product/123456789012/default",
            "InvalidInputException",
        ),
    ],
)
def test_a_finding_of_another_account_or_product_fails_the_whole_call(
    field: str, value: str, code: str
) -> None:
    hub = StrictHub()

    with pytest.raises(HubError) as error:
        hub.import_batch([VALID, {**VALID, "Id": "other", field: value}])

    assert error.value.code == code
    assert not hub.findings


def test_filters_find_findings_by_the_workflow_status_and_by_a_prefix() -> None:
    hub = StrictHub()
    hub.import_findings([VALID, {**VALID, "Id": "other"}])
    hub.suppress("other")

    (found,) = hub.get_findings(
        {"WorkflowStatus": [{"Value": "SUPPRESSED", "Comparison": "EQUALS"}]}
    )

    assert (found["Id"], found["Workflow"]) == ("other", {"Status": "SUPPRESSED"})
    assert len(hub.get_findings({"Id": [{"Value": "eu-central-1/", "Comparison": "PREFIX"}]})) == 1


@pytest.mark.parametrize(
    "filters",
    [
        {"Id": [{"Value": f"{position}", "Comparison": "EQUALS"} for position in range(21)]},
        {"Colour": [{"Value": "red", "Comparison": "EQUALS"}]},
        {"Id": [{"Value": "a", "Comparison": "CONTAINS"}]},
    ],
    ids=["too many values", "unknown field", "unknown comparison"],
)
def test_an_invalid_filter_is_refused(filters: dict[str, list[dict[str, str]]]) -> None:
    hub = StrictHub()
    hub.import_findings([VALID])

    with pytest.raises(HubError):
        hub.get_findings(filters)
