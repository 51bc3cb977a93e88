from dataclasses import replace

import pytest

from rds_tls_audit.checks.catalog.force_ssl import evaluate, specific_remedy
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.evaluation import MAX_REMEDY
from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.fleet.configuration import GroupUsers
from tests.support.builders import ABSENT, parameter_group, seen, unseen
from tests.support.empty_evidence import empty_evidence


@pytest.mark.parametrize(
    ("evidence", "status"),
    [
        pytest.param(empty_evidence(), Status.UNKNOWN, id="no-evidence"),
        pytest.param(empty_evidence(group=seen(parameter_group("1"))), Status.PASSED, id="forced"),
        pytest.param(
            empty_evidence(group=seen(parameter_group("0"))), Status.FAILED, id="not-forced"
        ),
        pytest.param(
            empty_evidence(group=unseen("AccessDenied")), Status.UNKNOWN, id="denied-is-no-verdict"
        ),
        pytest.param(
            empty_evidence(group=seen(parameter_group(ABSENT))), Status.UNKNOWN, id="absent"
        ),
        pytest.param(
            empty_evidence(group=seen(parameter_group(None))), Status.UNKNOWN, id="no-value"
        ),
        pytest.param(empty_evidence(group=seen(parameter_group(""))), Status.UNKNOWN, id="empty"),
        pytest.param(empty_evidence(group=seen(parameter_group("2"))), Status.UNKNOWN, id="two"),
        pytest.param(
            empty_evidence(group=seen(parameter_group("on"))), Status.UNKNOWN, id="a-word"
        ),
        pytest.param(
            empty_evidence(group=seen(parameter_group("1", of_cluster=True))),
            Status.PASSED,
            id="forced-by-the-cluster's-group",
        ),
        pytest.param(
            empty_evidence(group=seen(parameter_group("0")), major_version=10),
            Status.FAILED,
            id="version-10",
        ),
        pytest.param(
            empty_evidence(group=seen(parameter_group("1")), apply_status="pending-reboot"),
            Status.PASSED,
            id="configured-but-pending-is-for-another-check",
        ),
    ],
)
def test_the_value_that_rds_returns_decides(evidence: DatabaseEvidence, status: Status) -> None:
    assert evaluate(evidence).status is status


@pytest.mark.parametrize(
    ("evidence", "parts"),
    [
        pytest.param(
            empty_evidence(group=seen(parameter_group("0"))),
            ("rds.force_ssl", "0", "parameter group pg16", "source user"),
            id="instance-group",
        ),
        pytest.param(
            empty_evidence(group=seen(parameter_group("0", name="aurora16", of_cluster=True))),
            ("rds.force_ssl", "0", "cluster parameter group aurora16"),
            id="cluster-group",
        ),
        pytest.param(
            empty_evidence(group=seen(parameter_group("on"))),
            ("rds.force_ssl is on", "parameter group pg16"),
            id="another-value",
        ),
        pytest.param(
            empty_evidence(group=seen(parameter_group(None))),
            ("rds.force_ssl", "parameter group pg16"),
            id="no-value",
        ),
        pytest.param(
            empty_evidence(group=unseen("AccessDenied: rds:DescribeDBParameters")),
            ("AccessDenied: rds:DescribeDBParameters",),
            id="denied",
        ),
    ],
)
def test_the_verdict_names_the_group_and_its_value(
    evidence: DatabaseEvidence, parts: tuple[str, ...]
) -> None:
    because = evaluate(evidence).because

    assert [part for part in parts if part not in because] == []


@pytest.mark.parametrize(
    ("users", "parts"),
    [
        pytest.param(None, (), id="not-known"),
        pytest.param(GroupUsers(), (), id="none"),
        pytest.param(
            GroupUsers(names=("crm-prod", "ledger"), more=3),
            ("crm-prod, ledger and 3 more",),
            id="others",
        ),
    ],
)
@pytest.mark.parametrize("name", ["pg16", "default.postgres16"])
def test_the_verdict_and_the_remedy_name_the_group_and_its_other_users(
    name: str, users: GroupUsers | None, parts: tuple[str, ...]
) -> None:
    evidence = replace(
        empty_evidence(group=seen(parameter_group("0", name=name))), group_users=users
    )
    because, remedy = evaluate(evidence).because, specific_remedy(evidence) or ""

    assert name in because
    assert [part for part in parts if part not in because] == []
    assert f"parameter group {name}" in remedy
    # A default group is replaced rather than changed, so its other users are not affected.
    assert [part for part in parts if (part in remedy) is name.startswith("default.")] == []
    assert len(remedy) <= MAX_REMEDY


def test_each_group_and_value_has_its_own_fingerprint() -> None:
    fingerprints = {
        evaluate(empty_evidence(group=seen(parameter_group(value, name=name)))).fingerprint
        for value in ("0", "1")
        for name in ("pg16", "pg17")
    }

    assert len(fingerprints) == 4
