import pytest

from rds_tls_audit.checks.catalog.force_ssl import evaluate
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Status
from tests.support.builders import ABSENT, parameter_group, seen, unseen
from tests.support.empty_evidence import blank_case


@pytest.mark.parametrize(
    ("case", "status"),
    [
        pytest.param(blank_case(), Status.UNKNOWN, id="blank"),
        pytest.param(blank_case(group=seen(parameter_group("1"))), Status.PASSED, id="forced"),
        pytest.param(blank_case(group=seen(parameter_group("0"))), Status.FAILED, id="not-forced"),
        pytest.param(
            blank_case(group=unseen("AccessDenied")), Status.UNKNOWN, id="denied-is-no-verdict"
        ),
        pytest.param(blank_case(group=seen(parameter_group(ABSENT))), Status.UNKNOWN, id="absent"),
        pytest.param(blank_case(group=seen(parameter_group(None))), Status.UNKNOWN, id="no-value"),
        pytest.param(blank_case(group=seen(parameter_group(""))), Status.UNKNOWN, id="empty"),
        pytest.param(blank_case(group=seen(parameter_group("2"))), Status.UNKNOWN, id="two"),
        pytest.param(blank_case(group=seen(parameter_group("on"))), Status.UNKNOWN, id="a-word"),
        pytest.param(
            blank_case(group=seen(parameter_group("1", of_cluster=True))),
            Status.PASSED,
            id="forced-by-the-cluster's-group",
        ),
        pytest.param(
            blank_case(group=seen(parameter_group("0")), major_version=10),
            Status.FAILED,
            id="version-10",
        ),
        pytest.param(
            blank_case(group=seen(parameter_group("1")), apply_status="pending-reboot"),
            Status.PASSED,
            id="configured-but-pending-is-another-check's",
        ),
    ],
)
def test_the_value_that_the_api_returns_decides(case: DatabaseEvidence, status: Status) -> None:
    assert evaluate(case).status is status


@pytest.mark.parametrize(
    ("case", "parts"),
    [
        pytest.param(
            blank_case(group=seen(parameter_group("0"))),
            ("rds.force_ssl is 0", "parameter group pg16", "source user"),
            id="instance-group",
        ),
        pytest.param(
            blank_case(group=seen(parameter_group("0", name="aurora16", of_cluster=True))),
            ("rds.force_ssl is 0", "cluster parameter group aurora16"),
            id="cluster-group",
        ),
        pytest.param(
            blank_case(group=seen(parameter_group("on"))),
            ("rds.force_ssl is on", "neither 0 nor 1"),
            id="odd-value",
        ),
        pytest.param(
            blank_case(group=seen(parameter_group(None))),
            ("pg16 shows no value for rds.force_ssl",),
            id="no-value",
        ),
        pytest.param(
            blank_case(group=unseen("AccessDenied: rds:DescribeDBParameters")),
            ("AccessDenied: rds:DescribeDBParameters",),
            id="denied",
        ),
    ],
)
def test_the_verdict_names_the_group_and_its_value(
    case: DatabaseEvidence, parts: tuple[str, ...]
) -> None:
    because = evaluate(case).because

    assert [part for part in parts if part not in because] == []


def test_another_group_is_another_finding_text() -> None:
    prints = {
        evaluate(blank_case(group=seen(parameter_group(value, name=name)))).fingerprint
        for value in ("0", "1")
        for name in ("pg16", "pg17")
    }

    assert len(prints) == 4
