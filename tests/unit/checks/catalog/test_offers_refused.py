"""Legacy TLS and weak cipher suites: only the reply to the check's own offer decides."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from rds_tls_audit.checks.catalog import legacy_tls_refused, weak_ciphers_refused
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Status, Verdict
from rds_tls_audit.evidence.observation import OfferOutcome
from rds_tls_audit.evidence.observed import Observed
from tests.support.builders import offer_outcome, parameter_group, seen, setting, unseen
from tests.support.empty_evidence import NOT_PROBED, empty_evidence

type EvidenceOf = Callable[[Observed[OfferOutcome]], DatabaseEvidence]

REFUSED = seen(offer_outcome(accepted=False, detail="alert protocol_version"))
CONFIGURED = empty_evidence(
    group=seen(parameter_group("1", "TLSv1.2")),
    settings=seen({"ssl_min_protocol_version": setting("TLSv1.2"), "ssl_ciphers": setting("HIGH")}),
)


def legacy(outcome: Observed[OfferOutcome]) -> DatabaseEvidence:
    return empty_evidence(legacy_tls=outcome)


def weak(outcome: Observed[OfferOutcome]) -> DatabaseEvidence:
    return empty_evidence(weak_ciphers=outcome)


def rows(
    own: EvidenceOf, another: EvidenceOf, suite: str
) -> dict[str, tuple[DatabaseEvidence, Status, str]]:
    """Return the rows of a check; a server that accepts the offer negotiates `suite`."""
    accepted = seen(offer_outcome(accepted=True, detail=suite))
    return {
        "no-evidence": (empty_evidence(), Status.UNKNOWN, NOT_PROBED.reason),
        "refused": (own(REFUSED), Status.PASSED, "alert protocol_version"),
        "accepted": (own(accepted), Status.FAILED, suite),
        "no-reply": (
            own(unseen("the connection was lost")),
            Status.UNKNOWN,
            "the connection was lost",
        ),
        "turned-off": (
            own(unseen("turned off by the tag rds-tls-audit:wire")),
            Status.UNKNOWN,
            "turned off by the tag rds-tls-audit:wire",
        ),
        "another-offer-accepted": (another(accepted), Status.UNKNOWN, NOT_PROBED.reason),
        "another-offer-refused": (another(REFUSED), Status.UNKNOWN, NOT_PROBED.reason),
        "configured-but-not-probed": (CONFIGURED, Status.UNKNOWN, NOT_PROBED.reason),
        "accepted-whatever-is-set": (
            replace(own(accepted), settings=CONFIGURED.settings),
            Status.FAILED,
            suite,
        ),
    }


@pytest.mark.parametrize(
    ("evaluate", "evidence", "status", "part"),
    [
        pytest.param(check.CHECK.evaluate, *row, id=f"{check.CHECK.id}-{name}")
        for check, table in (
            (legacy_tls_refused, rows(legacy, weak, "TLSv1.1 with ECDHE-RSA-AES256-SHA")),
            (weak_ciphers_refused, rows(weak, legacy, "TLSv1.2 with DES-CBC3-SHA")),
        )
        for name, row in table.items()
    ],
)
def test_only_the_reply_to_the_offer_decides(
    evaluate: Callable[[DatabaseEvidence], Verdict],
    evidence: DatabaseEvidence,
    status: Status,
    part: str,
) -> None:
    verdict = evaluate(evidence)

    assert verdict.status is status
    assert part in verdict.because
