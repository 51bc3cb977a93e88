import pytest

from rds_tls_audit.checks.catalog.force_ssl_in_effect import evaluate
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Status
from tests.support.builders import ABSENT, answer, parameter_group, seen, unseen
from tests.support.empty_evidence import blank_case

FORCED = seen(parameter_group("1"))
NOT_FORCED = seen(parameter_group("0"))
ACCEPTS = seen(answer(accepted=True))
REFUSES = seen(answer(accepted=False))


@pytest.mark.parametrize(
    ("case", "status"),
    [
        pytest.param(blank_case(), Status.UNKNOWN, id="blank"),
        pytest.param(
            blank_case(group=FORCED, plaintext=ACCEPTS), Status.FAILED, id="set-not-in-effect"
        ),
        pytest.param(
            blank_case(group=FORCED, plaintext=ACCEPTS, apply_status="pending-reboot"),
            Status.FAILED,
            id="set-not-in-effect-pending-reboot",
        ),
        pytest.param(
            blank_case(group=FORCED, plaintext=ACCEPTS, apply_status=None),
            Status.FAILED,
            id="set-not-in-effect-apply-status-unknown",
        ),
        pytest.param(
            blank_case(group=NOT_FORCED, plaintext=REFUSES),
            Status.WARNING,
            id="refused-until-the-next-restart",
        ),
        pytest.param(
            blank_case(group=NOT_FORCED, plaintext=REFUSES, apply_status="pending-reboot"),
            Status.WARNING,
            id="refused-until-the-pending-reboot",
        ),
        pytest.param(blank_case(group=FORCED, plaintext=REFUSES), Status.PASSED, id="agree-forced"),
        pytest.param(
            blank_case(group=NOT_FORCED, plaintext=ACCEPTS), Status.PASSED, id="agree-not-forced"
        ),
        pytest.param(
            blank_case(group=FORCED, plaintext=REFUSES, apply_status="pending-reboot"),
            Status.PASSED,
            id="agree-though-something-else-is-pending",
        ),
        pytest.param(blank_case(group=FORCED), Status.UNKNOWN, id="wire-unknown-in-sync"),
        pytest.param(
            blank_case(group=NOT_FORCED), Status.UNKNOWN, id="wire-unknown-in-sync-not-forced"
        ),
        *(
            pytest.param(
                blank_case(group=group, apply_status=apply_status),
                Status.WARNING,
                id=f"wire-unknown-{apply_status}-{name}",
            )
            for apply_status in ("pending-reboot", "applying", "failed-to-apply", "something-new")
            for name, group in (("forced", FORCED), ("not-forced", NOT_FORCED))
        ),
        pytest.param(
            blank_case(group=FORCED, apply_status=None),
            Status.UNKNOWN,
            id="wire-unknown-apply-status-not-given",
        ),
        pytest.param(blank_case(plaintext=ACCEPTS), Status.UNKNOWN, id="group-unknown-accepts"),
        pytest.param(blank_case(plaintext=REFUSES), Status.UNKNOWN, id="group-unknown-refuses"),
        pytest.param(
            blank_case(group=seen(parameter_group(ABSENT)), plaintext=ACCEPTS),
            Status.UNKNOWN,
            id="value-absent",
        ),
        pytest.param(
            blank_case(group=seen(parameter_group(None)), plaintext=REFUSES),
            Status.UNKNOWN,
            id="no-value",
        ),
        pytest.param(
            blank_case(group=seen(parameter_group("on")), plaintext=ACCEPTS),
            Status.UNKNOWN,
            id="neither-0-nor-1",
        ),
        pytest.param(
            blank_case(group=seen(parameter_group("")), apply_status="pending-reboot"),
            Status.UNKNOWN,
            id="empty-and-pending",
        ),
    ],
)
def test_the_group_is_laid_beside_the_wire(case: DatabaseEvidence, status: Status) -> None:
    assert evaluate(case).status is status


@pytest.mark.parametrize(
    ("case", "parts"),
    [
        pytest.param(
            blank_case(group=FORCED, plaintext=ACCEPTS, apply_status="pending-reboot"),
            ("set, not in effect", "rds.force_ssl is 1", "pg16", "pending-reboot"),
            id="set-not-in-effect",
        ),
        pytest.param(
            blank_case(group=FORCED, plaintext=ACCEPTS, apply_status=None),
            ("set, not in effect", "apply status not given"),
            id="apply-status-not-given",
        ),
        pytest.param(
            blank_case(group=NOT_FORCED, plaintext=REFUSES),
            ("rds.force_ssl is 0", "pg16", "next restart may drop"),
            id="next-restart",
        ),
        pytest.param(
            blank_case(group=FORCED, plaintext=unseen("no answer within the deadline")),
            ("configured so, not confirmed", "rds.force_ssl is 1", "no answer within the deadline"),
            id="not-confirmed",
        ),
        pytest.param(
            blank_case(
                group=FORCED, plaintext=unseen("turned off"), apply_status="failed-to-apply"
            ),
            ("failed-to-apply", "rds.force_ssl is 1", "turned off"),
            id="not-in-sync",
        ),
        pytest.param(blank_case(group=unseen("AccessDenied")), ("AccessDenied",), id="denied"),
    ],
)
def test_the_verdict_names_what_disagrees(case: DatabaseEvidence, parts: tuple[str, ...]) -> None:
    because = evaluate(case).because

    assert [part for part in parts if part not in because] == []
