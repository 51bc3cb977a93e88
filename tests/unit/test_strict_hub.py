"""The strict hub behaves as Security Hub does."""

from copy import deepcopy

import pytest

from rds_tls_audit.finding import Finding
from tests.strict_hub import StrictHub
from tests.valid_finding import VALID


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
    assert (rejection.id, rejection.code) == ("other", "InvalidInput")
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

    assert len(hub.violations) == 2


def test_the_hub_fails_what_it_is_told_to_until_it_is_told_otherwise() -> None:
    hub = StrictHub()
    hub.reject(VALID["Id"], "InternalError")

    (rejection,) = hub.import_findings([VALID]).rejected
    assert rejection.code == "InternalError"
    assert not hub.findings

    hub.take_again()
    assert hub.import_findings([VALID]).ids == {VALID["Id"]}
