import pytest

from rds_tls_audit.checks.catalog.force_ssl_in_effect import evaluate
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Status
from tests.support.builders import ABSENT, offer_outcome, parameter_group, seen, unseen
from tests.support.empty_evidence import empty_evidence

FORCED = seen(parameter_group("1"))
NOT_FORCED = seen(parameter_group("0"))
ACCEPTS = seen(offer_outcome(accepted=True))
REFUSES = seen(offer_outcome(accepted=False))


@pytest.mark.parametrize(
    ("evidence", "status"),
    [
        pytest.param(empty_evidence(), Status.UNKNOWN, id="no-evidence"),
        pytest.param(
            empty_evidence(group=FORCED, plaintext=ACCEPTS), Status.FAILED, id="set-not-in-effect"
        ),
        pytest.param(
            empty_evidence(group=FORCED, plaintext=ACCEPTS, apply_status="pending-reboot"),
            Status.FAILED,
            id="set-not-in-effect-pending-reboot",
        ),
        pytest.param(
            empty_evidence(group=FORCED, plaintext=ACCEPTS, apply_status=None),
            Status.FAILED,
            id="set-not-in-effect-apply-status-unknown",
        ),
        pytest.param(
            empty_evidence(group=NOT_FORCED, plaintext=REFUSES),
            Status.WARNING,
            id="refused-until-the-next-restart",
        ),
        pytest.param(
            empty_evidence(group=NOT_FORCED, plaintext=REFUSES, apply_status="pending-reboot"),
            Status.WARNING,
            id="refused-until-the-pending-reboot",
        ),
        pytest.param(
            empty_evidence(group=FORCED, plaintext=REFUSES), Status.PASSED, id="agree-forced"
        ),
        pytest.param(
            empty_evidence(group=NOT_FORCED, plaintext=ACCEPTS),
            Status.PASSED,
            id="agree-not-forced",
        ),
        pytest.param(
            empty_evidence(group=FORCED, plaintext=REFUSES, apply_status="pending-reboot"),
            Status.PASSED,
            id="agree-though-something-else-is-pending",
        ),
        pytest.param(empty_evidence(group=FORCED), Status.UNKNOWN, id="wire-unknown-in-sync"),
        pytest.param(
            empty_evidence(group=NOT_FORCED), Status.UNKNOWN, id="wire-unknown-in-sync-not-forced"
        ),
        *(
            pytest.param(
                empty_evidence(group=group, apply_status=apply_status),
                Status.WARNING,
                id=f"wire-unknown-{apply_status}-{name}",
            )
            for apply_status in ("pending-reboot", "applying", "failed-to-apply", "something-new")
            for name, group in (("forced", FORCED), ("not-forced", NOT_FORCED))
        ),
        pytest.param(
            empty_evidence(group=FORCED, apply_status=None),
            Status.UNKNOWN,
            id="wire-unknown-apply-status-not-given",
        ),
        pytest.param(empty_evidence(plaintext=ACCEPTS), Status.UNKNOWN, id="group-unknown-accepts"),
        pytest.param(empty_evidence(plaintext=REFUSES), Status.UNKNOWN, id="group-unknown-refuses"),
        pytest.param(
            empty_evidence(group=seen(parameter_group(ABSENT)), plaintext=ACCEPTS),
            Status.UNKNOWN,
            id="value-absent",
        ),
        pytest.param(
            empty_evidence(group=seen(parameter_group(None)), plaintext=REFUSES),
            Status.UNKNOWN,
            id="no-value",
        ),
        pytest.param(
            empty_evidence(group=seen(parameter_group("on")), plaintext=ACCEPTS),
            Status.UNKNOWN,
            id="neither-0-nor-1",
        ),
        pytest.param(
            empty_evidence(group=seen(parameter_group("")), apply_status="pending-reboot"),
            Status.UNKNOWN,
            id="empty-and-pending",
        ),
    ],
)
def test_the_configured_value_is_compared_with_the_reply_of_the_server(
    evidence: DatabaseEvidence, status: Status
) -> None:
    assert evaluate(evidence).status is status


@pytest.mark.parametrize(
    ("evidence", "parts"),
    [
        pytest.param(
            empty_evidence(group=FORCED, plaintext=ACCEPTS, apply_status="pending-reboot"),
            ("rds.force_ssl is 1", "pg16", "pending-reboot"),
            id="not-in-effect",
        ),
        pytest.param(
            empty_evidence(group=FORCED, plaintext=ACCEPTS, apply_status=None),
            ("rds.force_ssl is 1", "pg16", "apply status not given"),
            id="apply-status-not-given",
        ),
        pytest.param(
            empty_evidence(group=NOT_FORCED, plaintext=REFUSES),
            ("rds.force_ssl is 0", "pg16", "in-sync"),
            id="refused-until-the-next-restart",
        ),
        pytest.param(
            empty_evidence(group=FORCED, plaintext=unseen("the connection was lost")),
            ("rds.force_ssl is 1", "pg16", "the connection was lost"),
            id="not-confirmed",
        ),
        pytest.param(
            empty_evidence(
                group=FORCED, plaintext=unseen("turned off"), apply_status="failed-to-apply"
            ),
            ("rds.force_ssl is 1", "pg16", "failed-to-apply", "turned off"),
            id="not-in-sync",
        ),
        pytest.param(empty_evidence(group=unseen("AccessDenied")), ("AccessDenied",), id="denied"),
    ],
)
def test_the_verdict_contains_the_value_the_group_and_the_apply_status(
    evidence: DatabaseEvidence, parts: tuple[str, ...]
) -> None:
    because = evaluate(evidence).because

    assert [part for part in parts if part not in because] == []
