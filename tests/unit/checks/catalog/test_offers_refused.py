"""Legacy TLS and weak suites: each is judged by the answer to its own offer alone."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from rds_tls_audit.checks.catalog import legacy_tls_refused, weak_ciphers_refused
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Status, Verdict
from rds_tls_audit.evidence.observation import OfferOutcome
from rds_tls_audit.evidence.observed import Observed
from tests.support.builders import answer, parameter_group, seen, setting, unseen
from tests.support.empty_evidence import blank_case

type Answered = Callable[[Observed[OfferOutcome]], DatabaseEvidence]

REFUSED = seen(answer(accepted=False, detail="alert protocol_version"))
CONFIGURED = blank_case(
    group=seen(parameter_group("1", "TLSv1.2")),
    settings=seen({"ssl_min_protocol_version": setting("TLSv1.2"), "ssl_ciphers": setting("HIGH")}),
)


def legacy(to_the_offer: Observed[OfferOutcome]) -> DatabaseEvidence:
    return blank_case(legacy_tls=to_the_offer)


def weak(to_the_offer: Observed[OfferOutcome]) -> DatabaseEvidence:
    return blank_case(weak_ciphers=to_the_offer)


def table(
    own: Answered, another: Answered, suite: str
) -> dict[str, tuple[DatabaseEvidence, Status, str]]:
    """The rows of a check; `suite` is what a server takes that should refuse."""
    taken = seen(answer(accepted=True, detail=suite))
    return {
        "blank": (blank_case(), Status.UNKNOWN, "not looked at"),
        "refused": (own(REFUSED), Status.PASSED, "alert protocol_version"),
        "accepted": (own(taken), Status.FAILED, suite),
        "no-clear-answer": (
            own(unseen("the connection breaks off")),
            Status.UNKNOWN,
            "the connection breaks off",
        ),
        "turned-off": (
            own(unseen("turned off by the tag rds-tls-audit:wire")),
            Status.UNKNOWN,
            "turned off by the tag rds-tls-audit:wire",
        ),
        "another-offer-taken": (another(taken), Status.UNKNOWN, "not looked at"),
        "another-offer-refused": (another(REFUSED), Status.UNKNOWN, "not looked at"),
        "configured-is-not-seen": (CONFIGURED, Status.UNKNOWN, "not looked at"),
        "accepted-whatever-is-set": (
            replace(own(taken), settings=CONFIGURED.settings),
            Status.FAILED,
            suite,
        ),
    }


@pytest.mark.parametrize(
    ("judge", "case", "status", "part"),
    [
        pytest.param(check.CHECK.evaluate, *row, id=f"{check.CHECK.id}-{name}")
        for check, rows in (
            (legacy_tls_refused, table(legacy, weak, "TLSv1.1 with ECDHE-RSA-AES256-SHA")),
            (weak_ciphers_refused, table(weak, legacy, "TLSv1.2 with DES-CBC3-SHA")),
        )
        for name, row in rows.items()
    ],
)
def test_the_answer_to_the_offer_alone_decides(
    judge: Callable[[DatabaseEvidence], Verdict], case: DatabaseEvidence, status: Status, part: str
) -> None:
    verdict = judge(case)

    assert verdict.status is status
    assert part in verdict.because
