import pytest

from rds_tls_audit.checks.catalog.certificate_trusted import evaluate
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.evidence.observation import Trust
from rds_tls_audit.evidence.observed import Seen
from rds_tls_audit.fleet.certificate_authority import CertificateAuthority
from tests.support.builders import HOST, NOW, certificate, days, seen, unseen
from tests.support.empty_evidence import NOT_PROBED, empty_evidence

AMPLE = seen(days(900))


def authority(*, trusted: bool | None) -> Seen[CertificateAuthority]:
    return seen(CertificateAuthority(valid_till=days(900), trusted=trusted))


def served(trust: Trust, detail: str = "") -> DatabaseEvidence:
    return empty_evidence(certificate=seen(certificate(trust=trust, detail=detail)))


@pytest.mark.parametrize(
    ("evidence", "status", "parts"),
    [
        pytest.param(empty_evidence(), Status.UNKNOWN, (NOT_PROBED.reason,), id="no-evidence"),
        pytest.param(
            empty_evidence(certificate=unseen("the server does not offer TLS")),
            Status.UNKNOWN,
            ("the server does not offer TLS",),
            id="no-handshake",
        ),
        pytest.param(
            empty_evidence(authority=authority(trusted=False)),
            Status.UNKNOWN,
            ("RDS", "CA", "trusted roots", NOT_PROBED.reason),
            id="only-rds-names-a-ca-that-is-not-trusted",
        ),
        pytest.param(
            empty_evidence(certificate_valid_till=AMPLE, authority=authority(trusted=True)),
            Status.UNKNOWN,
            (NOT_PROBED.reason,),
            id="what-rds-reports-is-not-a-handshake",
        ),
        pytest.param(
            served(Trust.VERIFIED), Status.PASSED, (HOST, "Subordinate CA"), id="verified"
        ),
        pytest.param(
            empty_evidence(certificate=seen(certificate(strict_note="strict clients refuse it"))),
            Status.PASSED,
            ("note: strict clients refuse it",),
            id="refused-by-strict-clients-only",
        ),
        pytest.param(
            served(Trust.UNKNOWN_CA, "self-signed certificate in chain"),
            Status.FAILED,
            ("trusted roots", "self-signed", "Subordinate CA", HOST),
            id="unknown-ca",
        ),
        pytest.param(
            empty_evidence(
                certificate=seen(
                    certificate(trust=Trust.NAME_MISMATCH, names=("db.example.com", "10.0.0.1"))
                )
            ),
            Status.FAILED,
            (HOST, "db.example.com, 10.0.0.1"),
            id="other-name",
        ),
        pytest.param(
            empty_evidence(certificate=seen(certificate(trust=Trust.NAME_MISMATCH, names=()))),
            Status.FAILED,
            ("no host name",),
            id="without-a-name",
        ),
        pytest.param(
            empty_evidence(
                certificate=seen(
                    certificate(
                        trust=Trust.EXPIRED, detail="certificate has expired", not_after=days(-1)
                    )
                )
            ),
            Status.FAILED,
            (HOST, "2026-02-28", "certificate has expired"),
            id="expired",
        ),
        pytest.param(
            empty_evidence(certificate=seen(certificate(trust=Trust.EXPIRED, not_after=NOW))),
            Status.FAILED,
            ("2026-03-01",),
            id="expires-now",
        ),
        pytest.param(
            served(Trust.EXPIRED, "certificate has expired"),
            Status.FAILED,
            (HOST, "CA", "certificate has expired"),
            id="ca-expired-above-a-good-leaf",
        ),
        pytest.param(
            empty_evidence(
                certificate=seen(certificate(trust=Trust.NOT_YET_VALID, not_before=days(1)))
            ),
            Status.FAILED,
            (HOST, "2026-03-02"),
            id="not-yet-valid",
        ),
        pytest.param(
            served(Trust.OTHER_FAILURE, "EE certificate key too weak"),
            Status.FAILED,
            (HOST, "key too weak"),
            id="refused-for-another-reason",
        ),
        pytest.param(
            empty_evidence(certificate=seen(certificate(not_after=days(1)))),
            Status.PASSED,
            (HOST,),
            id="expires-soon-is-for-another-check",
        ),
    ],
)
def test_the_outcome_of_verification_decides(
    evidence: DatabaseEvidence, status: Status, parts: tuple[str, ...]
) -> None:
    verdict = evaluate(evidence)

    assert verdict.status is status
    assert [part for part in parts if part not in verdict.because] == []


def test_every_fault_has_its_own_fingerprint() -> None:
    faults = [trust for trust in Trust if trust is not Trust.VERIFIED]

    assert len({evaluate(served(trust)).fingerprint for trust in faults}) == len(faults)


def test_a_long_list_of_names_is_truncated() -> None:
    names = tuple(f"host-{number}.example.com" for number in range(100))
    evidence = empty_evidence(certificate=seen(certificate(trust=Trust.NAME_MISMATCH, names=names)))

    assert len(evaluate(evidence).because) < 600
