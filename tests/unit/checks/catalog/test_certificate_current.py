from datetime import datetime, timedelta

import pytest

from rds_tls_audit.checks.catalog.certificate_current import evaluate
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.evidence.observation import Trust
from rds_tls_audit.fleet.certificate_authority import CertificateAuthority
from tests.support.builders import NOW, certificate, days, seen, unseen
from tests.support.empty_evidence import empty_evidence

SECOND = timedelta(seconds=1)
PAST, NEAR, AMPLE = days(-1), days(10), days(300)


def served(
    not_after: datetime, authority: datetime | None = None, trust: Trust = Trust.VERIFIED
) -> DatabaseEvidence:
    return empty_evidence(
        certificate=seen(
            certificate(not_after=not_after, authority_not_after=authority, trust=trust)
        )
    )


def reported_by_rds(
    leaf: datetime | None = None, authority: datetime | None = None
) -> DatabaseEvidence:
    no_date = unseen("RDS reports no date")
    return empty_evidence(
        certificate=unseen("the connection was lost"),
        certificate_valid_till=no_date if leaf is None else seen(leaf),
        authority=no_date
        if authority is None
        else seen(CertificateAuthority(valid_till=authority)),
    )


@pytest.mark.parametrize(
    ("evidence", "status"),
    [
        pytest.param(empty_evidence(), Status.UNKNOWN, id="no-evidence"),
        pytest.param(served(AMPLE, AMPLE), Status.PASSED, id="both-ample"),
        pytest.param(served(PAST, AMPLE, Trust.EXPIRED), Status.FAILED, id="leaf-past"),
        pytest.param(served(NOW - SECOND), Status.FAILED, id="ended-a-second-ago"),
        pytest.param(served(NOW), Status.FAILED, id="ends-now"),
        pytest.param(served(NOW + SECOND), Status.WARNING, id="ends-in-a-second"),
        pytest.param(served(days(30) - SECOND), Status.WARNING, id="a-second-within"),
        pytest.param(served(days(30)), Status.WARNING, id="exactly-at-the-threshold"),
        pytest.param(served(days(30) + SECOND), Status.PASSED, id="a-second-beyond"),
        pytest.param(served(AMPLE, PAST), Status.FAILED, id="ca-past"),
        pytest.param(served(AMPLE, NOW), Status.FAILED, id="ca-ends-now"),
        pytest.param(served(AMPLE, days(30)), Status.WARNING, id="ca-exactly-at-the-threshold"),
        pytest.param(served(AMPLE, days(30) + SECOND), Status.PASSED, id="ca-a-second-beyond"),
        pytest.param(served(NEAR, PAST), Status.FAILED, id="the-worst-decides"),
        pytest.param(
            served(AMPLE, None, Trust.EXPIRED), Status.FAILED, id="ca-expired-above-a-good-leaf"
        ),
        pytest.param(
            served(NEAR, None, Trust.EXPIRED), Status.FAILED, id="ca-expired-above-a-near-leaf"
        ),
        *(
            pytest.param(served(not_after, None, trust), status, id=f"{trust}-{status.lower()}")
            for trust in (Trust.UNKNOWN_CA, Trust.NAME_MISMATCH, Trust.OTHER_FAILURE)
            for not_after, status in (
                (PAST, Status.FAILED),
                (NEAR, Status.WARNING),
                (AMPLE, Status.PASSED),
            )
        ),
        pytest.param(reported_by_rds(PAST), Status.FAILED, id="reported-leaf-past"),
        pytest.param(reported_by_rds(NOW), Status.FAILED, id="reported-leaf-ends-now"),
        pytest.param(reported_by_rds(NEAR), Status.WARNING, id="reported-leaf-near"),
        pytest.param(
            reported_by_rds(days(30)), Status.WARNING, id="reported-leaf-exactly-at-the-threshold"
        ),
        pytest.param(
            reported_by_rds(days(30) + SECOND), Status.UNKNOWN, id="reported-leaf-a-second-beyond"
        ),
        pytest.param(reported_by_rds(AMPLE, AMPLE), Status.UNKNOWN, id="reported-both-ample"),
        pytest.param(reported_by_rds(AMPLE, PAST), Status.FAILED, id="reported-ca-past"),
        pytest.param(reported_by_rds(AMPLE, NEAR), Status.WARNING, id="reported-ca-near"),
        pytest.param(reported_by_rds(None, PAST), Status.FAILED, id="reported-ca-alone-past"),
        pytest.param(reported_by_rds(None, NEAR), Status.WARNING, id="reported-ca-alone-near"),
        pytest.param(reported_by_rds(None, AMPLE), Status.UNKNOWN, id="reported-ca-alone-ample"),
        pytest.param(reported_by_rds(), Status.UNKNOWN, id="reported-nothing"),
    ],
)
def test_the_dates_of_the_served_certificate_decide_and_those_of_rds_can_only_warn_and_fail(
    evidence: DatabaseEvidence, status: Status
) -> None:
    assert evaluate(evidence).status is status


@pytest.mark.parametrize(
    ("leaf", "status"),
    [
        pytest.param(PAST, Status.FAILED, id="past"),
        pytest.param(NEAR, Status.WARNING, id="near"),
    ],
)
def test_a_bad_date_of_the_served_certificate_counts_whatever_rds_reports(
    leaf: datetime, status: Status
) -> None:
    evidence = empty_evidence(
        certificate=seen(certificate(not_after=leaf)),
        certificate_valid_till=seen(AMPLE),
        authority=seen(CertificateAuthority(valid_till=AMPLE)),
    )

    assert evaluate(evidence).status is status


@pytest.mark.parametrize(
    ("leaf", "authority", "status"),
    [
        pytest.param(AMPLE, AMPLE, Status.PASSED, id="agrees"),
        # This is not PASSED, because it would be FAILED without the served certificate.
        pytest.param(PAST, AMPLE, Status.WARNING, id="leaf-past"),
        pytest.param(AMPLE, PAST, Status.WARNING, id="ca-past"),
        pytest.param(NEAR, AMPLE, Status.PASSED, id="leaf-near"),
        pytest.param(AMPLE, NEAR, Status.PASSED, id="ca-near"),
    ],
)
def test_a_date_of_rds_that_contradicts_a_good_served_certificate_is_a_warning(
    leaf: datetime, authority: datetime, status: Status
) -> None:
    evidence = empty_evidence(
        certificate=seen(certificate()),
        certificate_valid_till=seen(leaf),
        authority=seen(CertificateAuthority(valid_till=authority)),
    )

    assert evaluate(evidence).status is status


@pytest.mark.parametrize(
    ("authority", "status"),
    [
        pytest.param(PAST, Status.WARNING, id="past"),
        pytest.param(NEAR, Status.WARNING, id="near"),
        pytest.param(AMPLE, Status.PASSED, id="ample"),
    ],
)
def test_the_ca_that_rds_reports_counts_if_the_root_of_the_served_certificate_is_not_known(
    authority: datetime, status: Status
) -> None:
    unverified = certificate(trust=Trust.NAME_MISMATCH, authority_not_after=None)
    evidence = empty_evidence(
        certificate=seen(unverified), authority=seen(CertificateAuthority(valid_till=authority))
    )

    assert evaluate(evidence).status is status


@pytest.mark.parametrize(
    ("warning_days", "left", "status"),
    [
        pytest.param(0, SECOND, Status.PASSED, id="no-warning"),
        pytest.param(1, timedelta(days=1), Status.WARNING, id="one-day-equal"),
        pytest.param(1, timedelta(days=1) + SECOND, Status.PASSED, id="one-day-and-a-second"),
        pytest.param(400, timedelta(days=365), Status.WARNING, id="longer-than-its-life"),
    ],
)
def test_the_warning_threshold_is_that_of_the_run(
    warning_days: int, left: timedelta, status: Status
) -> None:
    evidence = empty_evidence(
        certificate_warning_days=warning_days,
        certificate=seen(certificate(not_after=NOW + left)),
    )

    assert evaluate(evidence).status is status


@pytest.mark.parametrize(
    ("evidence", "parts"),
    [
        pytest.param(
            served(days(10), days(3_000)),
            ("2026-03-11", "10 days", "its CA", "2034-05-18", "3000 days"),
            id="near",
        ),
        pytest.param(served(days(1), days(3_000)), ("2026-03-02", "1 day)"), id="tomorrow"),
        pytest.param(served(PAST), ("2026-02-28",), id="past"),
        pytest.param(
            served(AMPLE, None, Trust.EXPIRED), ("2026-12-26", "300 days", "CA"), id="ca-past"
        ),
        pytest.param(
            reported_by_rds(PAST, AMPLE),
            ("RDS", "2026-02-28", "2026-12-26", "the connection was lost"),
            id="reported-by-rds",
        ),
        pytest.param(
            reported_by_rds(AMPLE),
            ("RDS", "2026-12-26", "the connection was lost"),
            id="not-confirmed",
        ),
        pytest.param(
            empty_evidence(
                certificate=seen(certificate()),
                authority=seen(CertificateAuthority(valid_till=PAST)),
            ),
            ("RDS", "its CA", "2026-02-28"),
            id="contradicted-by-rds",
        ),
        pytest.param(reported_by_rds(), ("the connection was lost",), id="nothing"),
    ],
)
def test_the_verdict_contains_the_dates(evidence: DatabaseEvidence, parts: tuple[str, ...]) -> None:
    because = evaluate(evidence).because

    assert [part for part in parts if part not in because] == []


def test_the_fingerprint_does_not_change_from_day_to_day() -> None:
    fingerprints = {evaluate(served(days(number))).fingerprint for number in (9, 10)}

    assert len(fingerprints) == 1
