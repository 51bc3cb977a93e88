import pytest

from rds_tls_audit.checks.catalog.plaintext_refused import evaluate
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Status
from tests.support.builders import answer, parameter_group, seen, unseen
from tests.support.empty_evidence import blank_case

ENFORCED = seen(answer(accepted=False, detail="SQLSTATE 28000 in clear, SCRAM asked inside TLS"))
ACCEPTED = seen(answer(accepted=True, detail="SCRAM asked in clear"))


@pytest.mark.parametrize(
    ("case", "status", "part"),
    [
        pytest.param(blank_case(), Status.UNKNOWN, "not looked at", id="blank"),
        pytest.param(
            blank_case(plaintext=ENFORCED),
            Status.PASSED,
            "SQLSTATE 28000 in clear, SCRAM asked inside TLS",
            id="enforced",
        ),
        pytest.param(
            blank_case(plaintext=ACCEPTED), Status.FAILED, "SCRAM asked in clear", id="accepted"
        ),
        pytest.param(
            blank_case(plaintext=unseen("turned off by WIRE_PROBE")),
            Status.UNKNOWN,
            "turned off by WIRE_PROBE",
            id="turned-off",
        ),
        pytest.param(
            blank_case(group=seen(parameter_group("1"))),
            Status.UNKNOWN,
            "not looked at",
            id="configured-is-not-seen",
        ),
        pytest.param(
            blank_case(group=seen(parameter_group("0"))),
            Status.UNKNOWN,
            "not looked at",
            id="not-configured-is-not-seen-either",
        ),
        pytest.param(
            blank_case(group=seen(parameter_group("1")), plaintext=ACCEPTED),
            Status.FAILED,
            "SCRAM asked in clear",
            id="accepted-whatever-is-configured",
        ),
    ],
)
def test_the_paired_probe_alone_decides(case: DatabaseEvidence, status: Status, part: str) -> None:
    verdict = evaluate(case)

    assert verdict.status is status
    assert part in verdict.because
