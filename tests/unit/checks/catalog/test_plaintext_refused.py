import pytest

from rds_tls_audit.checks.catalog.plaintext_refused import evaluate
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Status
from tests.support.builders import offer_outcome, parameter_group, seen, unseen
from tests.support.empty_evidence import NOT_PROBED, empty_evidence

REFUSED = seen(offer_outcome(accepted=False, detail="SQLSTATE 28000"))
ACCEPTED = seen(offer_outcome(accepted=True, detail="it asked for SCRAM authentication"))


@pytest.mark.parametrize(
    ("evidence", "status", "part"),
    [
        pytest.param(empty_evidence(), Status.UNKNOWN, NOT_PROBED.reason, id="no-evidence"),
        pytest.param(
            empty_evidence(plaintext=REFUSED), Status.PASSED, REFUSED.value.detail, id="refused"
        ),
        pytest.param(
            empty_evidence(plaintext=ACCEPTED), Status.FAILED, ACCEPTED.value.detail, id="accepted"
        ),
        pytest.param(
            empty_evidence(plaintext=unseen("turned off by WIRE_PROBE")),
            Status.UNKNOWN,
            "turned off by WIRE_PROBE",
            id="turned-off",
        ),
        pytest.param(
            empty_evidence(group=seen(parameter_group("1"))),
            Status.UNKNOWN,
            NOT_PROBED.reason,
            id="configured-but-not-probed",
        ),
        pytest.param(
            empty_evidence(group=seen(parameter_group("0"))),
            Status.UNKNOWN,
            NOT_PROBED.reason,
            id="not-configured-and-not-probed",
        ),
        pytest.param(
            empty_evidence(group=seen(parameter_group("1")), plaintext=ACCEPTED),
            Status.FAILED,
            ACCEPTED.value.detail,
            id="accepted-whatever-is-configured",
        ),
    ],
)
def test_the_reply_of_the_server_alone_decides(
    evidence: DatabaseEvidence, status: Status, part: str
) -> None:
    verdict = evaluate(evidence)

    assert verdict.status is status
    assert part in verdict.because
