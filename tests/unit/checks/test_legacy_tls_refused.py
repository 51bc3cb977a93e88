import pytest

from rds_tls_audit.case import Case
from rds_tls_audit.checks.legacy_tls_refused import judge
from rds_tls_audit.verdict import Status
from tests.unit.blank import answer, blank_case, parameter_group, seen, unseen

TAKEN = seen(answer(accepted=True, detail="TLSv1.1 with ECDHE-RSA-AES256-SHA"))
REFUSED = seen(answer(accepted=False, detail="alert protocol_version"))


@pytest.mark.parametrize(
    ("case", "status", "part"),
    [
        pytest.param(blank_case(), Status.UNKNOWN, "not looked at", id="blank"),
        pytest.param(
            blank_case(legacy_tls=REFUSED), Status.PASSED, "alert protocol_version", id="refused"
        ),
        pytest.param(
            blank_case(legacy_tls=TAKEN),
            Status.FAILED,
            "TLSv1.1 with ECDHE-RSA-AES256-SHA",
            id="accepted",
        ),
        pytest.param(
            blank_case(legacy_tls=unseen("the connection breaks off")),
            Status.UNKNOWN,
            "the connection breaks off",
            id="no-clear-answer",
        ),
        pytest.param(
            blank_case(legacy_tls=unseen("turned off by the tag rds-tls-audit:wire")),
            Status.UNKNOWN,
            "turned off by the tag rds-tls-audit:wire",
            id="turned-off",
        ),
        pytest.param(
            blank_case(weak_ciphers=TAKEN),
            Status.UNKNOWN,
            "not looked at",
            id="another-offer-taken",
        ),
        pytest.param(
            blank_case(weak_ciphers=REFUSED),
            Status.UNKNOWN,
            "not looked at",
            id="another-offer-refused",
        ),
        pytest.param(
            blank_case(
                group=seen(parameter_group("1", "TLSv1.2")),
                settings=seen({"ssl_min_protocol_version": "TLSv1.2", "ssl_ciphers": "HIGH"}),
            ),
            Status.UNKNOWN,
            "not looked at",
            id="configured-is-not-seen",
        ),
        pytest.param(
            blank_case(legacy_tls=TAKEN, settings=seen({"ssl_min_protocol_version": "TLSv1.2"})),
            Status.FAILED,
            "TLSv1.1",
            id="accepted-whatever-is-set",
        ),
    ],
)
def test_the_answer_to_the_offer_alone_decides(case: Case, status: Status, part: str) -> None:
    verdict = judge(case)

    assert verdict.status is status
    assert part in verdict.because
