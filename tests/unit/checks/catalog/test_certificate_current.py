from datetime import datetime, timedelta

import pytest

from rds_tls_audit.checks.catalog.certificate_current import evaluate
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.evidence.observation import Trust
from rds_tls_audit.fleet.certificate_authority import CertificateAuthority
from tests.support.builders import NOW, certificate, days, seen, unseen
from tests.support.empty_evidence import blank_case

SECOND = timedelta(seconds=1)
PAST, NEAR, AMPLE = days(-1), days(10), days(300)


def served(
    not_after: datetime, authority: datetime | None = None, trust: Trust = Trust.VERIFIED
) -> DatabaseEvidence:
    return blank_case(
        certificate=seen(
            certificate(not_after=not_after, authority_not_after=authority, trust=trust)
        )
    )


def told(leaf: datetime | None = None, authority: datetime | None = None) -> DatabaseEvidence:
    no_date = unseen("RDS gives no date")
    return blank_case(
        certificate=unseen("no answer within the deadline"),
        certificate_valid_till=no_date if leaf is None else seen(leaf),
        authority=no_date
        if authority is None
        else seen(CertificateAuthority(valid_till=authority)),
    )


@pytest.mark.parametrize(
    ("case", "status"),
    [
        pytest.param(blank_case(), Status.UNKNOWN, id="blank"),
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
        pytest.param(told(PAST), Status.FAILED, id="told-leaf-past"),
        pytest.param(told(NOW), Status.FAILED, id="told-leaf-ends-now"),
        pytest.param(told(NEAR), Status.WARNING, id="told-leaf-near"),
        pytest.param(told(days(30)), Status.WARNING, id="told-leaf-exactly-at-the-threshold"),
        pytest.param(told(days(30) + SECOND), Status.UNKNOWN, id="told-leaf-a-second-beyond"),
        pytest.param(told(AMPLE, AMPLE), Status.UNKNOWN, id="told-both-ample"),
        pytest.param(told(AMPLE, PAST), Status.FAILED, id="told-ca-past"),
        pytest.param(told(AMPLE, NEAR), Status.WARNING, id="told-ca-near"),
        pytest.param(told(None, PAST), Status.FAILED, id="told-ca-alone-past"),
        pytest.param(told(None, NEAR), Status.WARNING, id="told-ca-alone-near"),
        pytest.param(told(None, AMPLE), Status.UNKNOWN, id="told-ca-alone-ample"),
        pytest.param(told(), Status.UNKNOWN, id="told-nothing"),
    ],
)
def test_the_dates_that_are_served_decide_and_those_of_rds_can_only_warn_and_fail(
    case: DatabaseEvidence, status: Status
) -> None:
    assert evaluate(case).status is status


@pytest.mark.parametrize(
    ("leaf", "status"),
    [
        pytest.param(PAST, Status.FAILED, id="past"),
        pytest.param(NEAR, Status.WARNING, id="near"),
    ],
)
def test_a_bad_date_that_is_served_counts_whatever_rds_says(leaf: datetime, status: Status) -> None:
    case = blank_case(
        certificate=seen(certificate(not_after=leaf)),
        certificate_valid_till=seen(AMPLE),
        authority=seen(CertificateAuthority(valid_till=AMPLE)),
    )

    assert evaluate(case).status is status


@pytest.mark.parametrize(
    ("leaf", "authority", "status"),
    [
        pytest.param(AMPLE, AMPLE, Status.PASSED, id="agrees"),
        # Not PASSED: without the served certificate it would be FAILED.
        pytest.param(PAST, AMPLE, Status.WARNING, id="leaf-past"),
        pytest.param(AMPLE, PAST, Status.WARNING, id="ca-past"),
        pytest.param(NEAR, AMPLE, Status.PASSED, id="leaf-near"),
        pytest.param(AMPLE, NEAR, Status.PASSED, id="ca-near"),
    ],
)
def test_rds_can_only_cast_doubt_on_a_good_certificate_that_is_served(
    leaf: datetime, authority: datetime, status: Status
) -> None:
    case = blank_case(
        certificate=seen(certificate()),
        certificate_valid_till=seen(leaf),
        authority=seen(CertificateAuthority(valid_till=authority)),
    )

    assert evaluate(case).status is status


@pytest.mark.parametrize(
    ("authority", "status"),
    [
        pytest.param(PAST, Status.WARNING, id="past"),
        pytest.param(NEAR, Status.WARNING, id="near"),
        pytest.param(AMPLE, Status.PASSED, id="ample"),
    ],
)
def test_rds_s_ca_counts_where_no_root_was_seen_above_the_leaf(
    authority: datetime, status: Status
) -> None:
    unverified = certificate(trust=Trust.NAME_MISMATCH, authority_not_after=None)
    case = blank_case(
        certificate=seen(unverified), authority=seen(CertificateAuthority(valid_till=authority))
    )

    assert evaluate(case).status is status


@pytest.mark.parametrize(
    ("warning_days", "left", "status"),
    [
        pytest.param(0, SECOND, Status.PASSED, id="no-warning"),
        pytest.param(1, timedelta(days=1), Status.WARNING, id="one-day-equal"),
        pytest.param(1, timedelta(days=1) + SECOND, Status.PASSED, id="one-day-and-a-second"),
        pytest.param(400, timedelta(days=365), Status.WARNING, id="longer-than-its-life"),
    ],
)
def test_the_threshold_is_the_one_of_the_run(
    warning_days: int, left: timedelta, status: Status
) -> None:
    case = blank_case(
        certificate_warning_days=warning_days,
        certificate=seen(certificate(not_after=NOW + left)),
    )

    assert evaluate(case).status is status


@pytest.mark.parametrize(
    ("case", "parts"),
    [
        pytest.param(
            served(days(10), days(3_000)),
            ("the served certificate ends on 2026-03-11 (in 10 days)", "its CA ends on"),
            id="near",
        ),
        pytest.param(
            served(days(1), days(3_000)), ("ends on 2026-03-02 (in 1 day)",), id="tomorrow"
        ),
        pytest.param(served(PAST), ("the served certificate ended on 2026-02-28",), id="past"),
        pytest.param(
            served(AMPLE, None, Trust.EXPIRED),
            ("a CA above it has ended", "the served certificate ends on"),
            id="ca-expired-above",
        ),
        pytest.param(
            told(PAST, AMPLE),
            (
                "RDS says: the server certificate ended on 2026-02-28",
                "no answer within the deadline",
            ),
            id="told",
        ),
        pytest.param(
            told(AMPLE),
            ("RDS says", "not confirmed", "no answer within the deadline"),
            id="not-confirmed",
        ),
        pytest.param(
            blank_case(
                certificate=seen(certificate()),
                authority=seen(CertificateAuthority(valid_till=PAST)),
            ),
            ("RDS says: its CA ended on 2026-02-28",),
            id="doubtful",
        ),
        pytest.param(told(), ("no answer within the deadline",), id="nothing"),
    ],
)
def test_the_verdict_names_the_dates(case: DatabaseEvidence, parts: tuple[str, ...]) -> None:
    because = evaluate(case).because

    assert [part for part in parts if part not in because] == []


def test_a_day_later_it_is_still_the_same_finding() -> None:
    prints = {evaluate(served(days(number))).fingerprint for number in (9, 10)}

    assert len(prints) == 1
