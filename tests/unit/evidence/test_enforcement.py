import pytest

from rds_tls_audit.evidence.enforcement import classify_enforcement
from rds_tls_audit.evidence.observed import Observed, Seen
from rds_tls_audit.protocol.startup import Challenge, Refusal, Reply
from tests.support.builders import seen, unseen

CHALLENGED: Seen[Reply] = seen(Challenge(method="SCRAM asked"))
TRUSTED: Seen[Reply] = seen(Challenge(method="no password asked (trust)"))
SILENT = unseen("no answer within the deadline")


def refused(sqlstate: str) -> Seen[Reply]:
    return seen(Refusal(sqlstate=sqlstate))


@pytest.mark.parametrize(
    ("clear", "inside_tls", "accepted", "parts"),
    [
        pytest.param(
            refused("28000"),
            CHALLENGED,
            False,
            ("28000 in clear", "SCRAM asked inside TLS"),
            id="enforced",
        ),
        pytest.param(CHALLENGED, CHALLENGED, True, ("SCRAM asked in clear",), id="accepted"),
        pytest.param(TRUSTED, SILENT, True, ("trust",), id="accepted-by-trust"),
        pytest.param(
            CHALLENGED, refused("28000"), True, ("SCRAM asked",), id="accepted-in-clear-alone"
        ),
        pytest.param(SILENT, CHALLENGED, None, ("deadline",), id="no-answer-in-clear"),
        pytest.param(
            refused("28000"),
            SILENT,
            None,
            ("28000", "not confirmed inside TLS", "deadline"),
            id="no-answer-inside",
        ),
        pytest.param(
            refused("28000"),
            refused("28000"),
            None,
            ("pg_hba.conf", "source address"),
            id="refused-either-way",
        ),
        pytest.param(
            refused("28000"), refused("53300"), None, ("inside TLS SQLSTATE 53300",), id="full"
        ),
        pytest.param(refused("28000"), refused("3D000"), None, ("3D000",), id="no-database-inside"),
        pytest.param(
            refused("53300"), CHALLENGED, None, ("53300", "connection limit"), id="full-in-clear"
        ),
        pytest.param(refused("57P03"), CHALLENGED, None, ("starting up",), id="starting-up"),
        pytest.param(refused("57P01"), CHALLENGED, None, ("shutting down",), id="shutting-down"),
        pytest.param(refused("08P01"), CHALLENGED, None, ("pooler",), id="pooler-in-front"),
        pytest.param(
            refused("XX000"), CHALLENGED, None, ("XX000", "proves nothing"), id="other-error"
        ),
        pytest.param(
            refused("28P01"), CHALLENGED, None, ("28P01", "proves nothing"), id="wrong-password"
        ),
    ],
)
def test_only_a_pair_of_replies_proves_enforcement(
    clear: Observed[Reply],
    inside_tls: Observed[Reply],
    accepted: bool | None,  # noqa: FBT001 - a column of the table
    parts: tuple[str, ...],
) -> None:
    outcome = classify_enforcement(clear, inside_tls)

    assert (outcome.value.accepted if isinstance(outcome, Seen) else None) is accepted
    said = outcome.value.detail if isinstance(outcome, Seen) else outcome.reason
    assert [part for part in parts if part not in said] == []
