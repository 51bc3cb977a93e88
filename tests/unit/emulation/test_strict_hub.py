"""The strict hub behaves as Security Hub does."""

from copy import deepcopy

import pytest

from emulation.strict_hub import HubError
from rds_tls_audit.findings.asff import Finding
from tests.support.strict_hub import StrictHub
from tests.support.valid_finding import VALID


def later(**changes: object) -> Finding:
    return {**deepcopy(VALID), "UpdatedAt": "2026-03-02T06:00:00Z", **changes}


def test_the_hub_keeps_a_finding_in_order() -> None:
    hub = StrictHub()

    imported = hub.import_findings([VALID])

    assert imported.ids == {VALID["Id"]}
    assert not imported.rejected
    assert hub.findings == {VALID["Id"]: VALID}


def test_the_hub_rejects_a_finding_that_breaks_a_rule_and_keeps_the_others() -> None:
    hub = StrictHub()
    wrong = {**VALID, "Id": "other", "Description": ""}

    imported = hub.import_findings([wrong, VALID])

    assert imported.ids == {VALID["Id"]}
    (rejection,) = imported.rejected
    assert (rejection.id, rejection.code) == ("other", "SetAside")
    assert "Description has 1 to 1024 characters" in rejection.message
    assert hub.findings.keys() == {VALID["Id"]}


@pytest.mark.parametrize(
    "updated_at", ["2026-03-01T05:00:00.123456Z", "2026-02-28T00:00:00Z"], ids=["equal", "older"]
)
def test_the_hub_ignores_silently_what_is_not_newer(updated_at: str) -> None:
    hub = StrictHub()
    hub.import_findings([VALID])

    imported = hub.import_findings([later(UpdatedAt=updated_at, Description="Another.")])

    assert imported.ids == {VALID["Id"]}
    assert hub.findings[VALID["Id"]] == VALID


def test_the_hub_takes_what_is_newer() -> None:
    hub = StrictHub()
    hub.import_findings([VALID])

    hub.import_findings([later(Description="Another.")])

    assert hub.findings[VALID["Id"]]["Description"] == "Another."
    assert hub.violations == []


@pytest.mark.parametrize("field", ["CreatedAt", "FirstObservedAt"])
def test_the_hub_notices_a_birth_date_that_changes(field: str) -> None:
    hub = StrictHub()
    hub.import_findings([VALID])

    hub.import_findings([later(**{field: "2026-03-02T06:00:00Z"})])

    assert hub.violations == [f"{VALID['Id']} changes its {field}"]


def test_the_hub_notices_an_id_that_is_sent_twice_at_once() -> None:
    hub = StrictHub()

    hub.import_findings([VALID, later()])

    assert hub.violations == [f"{VALID['Id']} sent twice at once"]
    assert not hub.findings


def test_the_hub_fails_what_it_is_told_to_until_it_is_told_otherwise() -> None:
    hub = StrictHub()
    hub.reject(VALID["Id"], "InternalError")
    hub.fail("AccessDeniedException")

    (rejection,) = hub.import_findings([VALID]).rejected
    assert rejection.code == "AccessDeniedException"
    (rejection,) = hub.import_findings([VALID]).rejected
    assert rejection.code == "InternalError"
    assert not hub.findings

    hub.take_again()
    assert hub.import_findings([VALID]).ids == {VALID["Id"]}


PASSED = {"Compliance": {"Status": "PASSED"}}
FAILED = {"Compliance": {"Status": "FAILED"}}
UNKNOWN = {"Compliance": {"Status": "NOT_AVAILABLE"}}
ARCHIVED = {"RecordState": "ARCHIVED"}
ACTIVE = {"RecordState": "ACTIVE"}


def test_a_finding_begins_as_new() -> None:
    hub = StrictHub()

    hub.import_findings([VALID])

    assert hub.workflow == {VALID["Id"]: "NEW"}


@pytest.mark.parametrize(
    ("was", "becomes", "status", "then"),
    [
        pytest.param(PASSED, FAILED, "RESOLVED", "NEW", id="fails-again"),
        pytest.param(PASSED, FAILED, "NOTIFIED", "NEW", id="fails-and-was-notified"),
        pytest.param(PASSED, UNKNOWN, "RESOLVED", "NEW", id="not-known-any-more"),
        pytest.param(ARCHIVED, ACTIVE, "RESOLVED", "NEW", id="back-from-the-archive"),
        pytest.param(PASSED, FAILED, "SUPPRESSED", "SUPPRESSED", id="suppressed-stays"),
        pytest.param(FAILED, UNKNOWN, "NOTIFIED", "NOTIFIED", id="did-not-pass-before"),
        pytest.param(FAILED, PASSED, "NOTIFIED", "NOTIFIED", id="passes"),
        pytest.param(PASSED, PASSED, "RESOLVED", "RESOLVED", id="heartbeat"),
        pytest.param(ACTIVE, ARCHIVED, "RESOLVED", "RESOLVED", id="archived"),
    ],
)
def test_a_reviewers_status_is_new_again_where_the_finding_is_news(
    was: dict[str, object], becomes: dict[str, object], status: str, then: str
) -> None:
    hub = StrictHub()
    hub.import_findings([{**VALID, **was}])
    hub.set_workflow(VALID["Id"], status)

    hub.import_findings([later(**becomes)])

    assert hub.workflow[VALID["Id"]] == then


def test_a_reviewer_cannot_suppress_what_is_not_there() -> None:
    with pytest.raises(KeyError):
        StrictHub().suppress("nothing")


@pytest.mark.parametrize("number", [0, 101])
def test_a_call_of_another_size_than_1_to_100_is_refused_and_a_violation(number: int) -> None:
    hub = StrictHub()

    with pytest.raises(HubError) as error:
        hub.import_batch([{**VALID, "Id": f"{it}"} for it in range(number)])

    assert error.value.code == "InvalidInputException"
    assert hub.violations == [f"a call of {number} findings"]
    assert not hub.findings


def test_a_call_of_more_than_6_mb_is_refused_and_a_violation() -> None:
    hub = StrictHub()
    large = [{**VALID, "Id": f"{it}", "Description": "d" * 100_000} for it in range(60)]

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
def test_a_foreign_finding_fails_the_whole_call(field: str, value: str, code: str) -> None:
    hub = StrictHub()

    with pytest.raises(HubError) as error:
        hub.import_batch([VALID, {**VALID, "Id": "other", field: value}])

    assert error.value.code == code
    assert not hub.findings


def test_findings_are_found_by_filters_with_a_reviewers_status() -> None:
    hub = StrictHub()
    hub.import_findings([VALID, {**VALID, "Id": "other"}])
    hub.suppress("other")

    (found,) = hub.get({"WorkflowStatus": [{"Value": "SUPPRESSED", "Comparison": "EQUALS"}]})

    assert (found["Id"], found["Workflow"]) == ("other", {"Status": "SUPPRESSED"})
    assert len(hub.get({"Id": [{"Value": "eu-central-1/", "Comparison": "PREFIX"}]})) == 1


@pytest.mark.parametrize(
    "filters",
    [
        {"Id": [{"Value": f"{it}", "Comparison": "EQUALS"} for it in range(21)]},
        {"Colour": [{"Value": "red", "Comparison": "EQUALS"}]},
        {"Id": [{"Value": "a", "Comparison": "CONTAINS"}]},
    ],
    ids=["too many values", "unknown field", "unknown comparison"],
)
def test_a_filter_that_is_not_known_is_refused(filters: dict[str, list[dict[str, str]]]) -> None:
    hub = StrictHub()
    hub.import_findings([VALID])

    with pytest.raises(HubError):
        hub.get(filters)
