import pytest

from rds_tls_audit.evidence.enforcement import classify_enforcement
from rds_tls_audit.evidence.observed import Observed, Seen
from rds_tls_audit.protocol.startup import Challenge, Refusal, Reply
from tests.support.builders import seen, unseen

CHALLENGED: Seen[Reply] = seen(Challenge(method="SCRAM authentication"))
TRUSTED: Seen[Reply] = seen(Challenge(method="no credentials"))
SILENT = unseen("no answer within the deadline")


def refused(sqlstate: str) -> Seen[Reply]:
    return seen(Refusal(sqlstate=sqlstate))


@pytest.mark.parametrize(
    ("plaintext", "over_tls", "accepted", "parts"),
    [
        pytest.param(
            refused("28000"), CHALLENGED, False, ("28000", "SCRAM authentication"), id="enforced"
        ),
        pytest.param(CHALLENGED, CHALLENGED, True, ("SCRAM authentication",), id="accepted"),
        pytest.param(TRUSTED, SILENT, True, ("no credentials",), id="accepted-by-trust"),
        pytest.param(
            CHALLENGED,
            refused("28000"),
            True,
            ("SCRAM authentication",),
            id="accepted-only-in-plaintext",
        ),
        pytest.param(SILENT, CHALLENGED, None, ("deadline",), id="no-reply-in-plaintext"),
        pytest.param(refused("28000"), SILENT, None, ("28000", "deadline"), id="no-reply-over-tls"),
        pytest.param(
            refused("28000"),
            refused("28000"),
            None,
            ("28000", "pg_hba.conf", "source address"),
            id="refused-either-way",
        ),
        pytest.param(
            refused("28000"), refused("53300"), None, ("28000", "53300"), id="full-over-tls"
        ),
        pytest.param(
            refused("28000"), refused("3D000"), None, ("28000", "3D000"), id="no-database-over-tls"
        ),
        pytest.param(refused("53300"), CHALLENGED, None, ("53300", "connection limit"), id="full"),
        pytest.param(
            refused("57P03"), CHALLENGED, None, ("57P03", "starting up"), id="starting-up"
        ),
        pytest.param(
            refused("57P01"), CHALLENGED, None, ("57P01", "shutting down"), id="shutting-down"
        ),
        pytest.param(refused("57P02"), CHALLENGED, None, ("57P02", "recovering"), id="recovering"),
        pytest.param(refused("08P01"), CHALLENGED, None, ("08P01", "pooler"), id="pooler-in-front"),
        pytest.param(
            refused("XX000"), CHALLENGED, None, ("XX000", "does not show"), id="other-error"
        ),
        pytest.param(
            refused("28P01"), CHALLENGED, None, ("28P01", "does not show"), id="wrong-password"
        ),
    ],
)
def test_only_a_pair_of_replies_proves_enforcement(
    plaintext: Observed[Reply],
    over_tls: Observed[Reply],
    accepted: bool | None,  # noqa: FBT001 - a column of the table
    parts: tuple[str, ...],
) -> None:
    outcome = classify_enforcement(plaintext, over_tls)

    assert (outcome.value.accepted if isinstance(outcome, Seen) else None) is accepted
    text = outcome.value.detail if isinstance(outcome, Seen) else outcome.reason
    assert [part for part in parts if part not in text] == []
