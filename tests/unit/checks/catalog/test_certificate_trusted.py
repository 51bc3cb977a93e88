import pytest

from rds_tls_audit.checks.catalog.certificate_trusted import evaluate
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.evidence.observation import Trust
from rds_tls_audit.evidence.observed import Seen
from rds_tls_audit.fleet.certificate_authority import CertificateAuthority
from tests.support.builders import HOST, NOW, certificate, days, seen, unseen
from tests.support.empty_evidence import blank_case

AMPLE = seen(days(900))


def authority(*, trusted: bool | None) -> Seen[CertificateAuthority]:
    return seen(CertificateAuthority(valid_till=days(900), trusted=trusted))


def served(trust: Trust, detail: str = "") -> DatabaseEvidence:
    return blank_case(certificate=seen(certificate(trust=trust, detail=detail)))


@pytest.mark.parametrize(
    ("case", "status", "parts"),
    [
        pytest.param(blank_case(), Status.UNKNOWN, ("not looked at",), id="blank"),
        pytest.param(
            blank_case(certificate=unseen("TLS is off on the server")),
            Status.UNKNOWN,
            ("TLS is off on the server",),
            id="no-handshake",
        ),
        pytest.param(
            blank_case(authority=authority(trusted=False)),
            Status.UNKNOWN,
            ("by its name, the CA", "not among the trusted roots", "not looked at"),
            id="a-ca-that-is-not-trusted-and-not-seen",
        ),
        pytest.param(
            blank_case(certificate_valid_till=AMPLE, authority=authority(trusted=True)),
            Status.UNKNOWN,
            ("not looked at",),
            id="rds's-word-is-no-handshake",
        ),
        pytest.param(
            served(Trust.VERIFIED), Status.PASSED, (HOST, "Subordinate CA"), id="verified"
        ),
        pytest.param(
            blank_case(certificate=seen(certificate(strict_note="it has no AKI"))),
            Status.PASSED,
            ("note: it has no AKI",),
            id="strict-only-complaint-is-a-note",
        ),
        pytest.param(
            served(Trust.UNKNOWN_CA, "self-signed certificate in chain"),
            Status.FAILED,
            ("not among the trusted roots", "self-signed", "Subordinate CA", HOST),
            id="unknown-ca",
        ),
        pytest.param(
            blank_case(
                certificate=seen(
                    certificate(trust=Trust.NAME_MISMATCH, names=("db.example.com", "10.0.0.1"))
                )
            ),
            Status.FAILED,
            (HOST, "it is for db.example.com, 10.0.0.1"),
            id="other-name",
        ),
        pytest.param(
            blank_case(certificate=seen(certificate(trust=Trust.NAME_MISMATCH, names=()))),
            Status.FAILED,
            ("no name",),
            id="without-a-name",
        ),
        pytest.param(
            blank_case(
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
            blank_case(certificate=seen(certificate(trust=Trust.EXPIRED, not_after=NOW))),
            Status.FAILED,
            ("2026-03-01",),
            id="expires-now",
        ),
        pytest.param(
            served(Trust.EXPIRED, "certificate has expired"),
            Status.FAILED,
            (HOST, "a CA above it has ended"),
            id="ca-expired-above-a-good-leaf",
        ),
        pytest.param(
            blank_case(
                certificate=seen(certificate(trust=Trust.NOT_YET_VALID, not_before=days(1)))
            ),
            Status.FAILED,
            (HOST, "2026-03-02"),
            id="not-yet-valid",
        ),
        pytest.param(
            served(Trust.OTHER_FAILURE, "EE certificate key too weak"),
            Status.FAILED,
            ("does not verify", "key too weak"),
            id="refused-for-another-reason",
        ),
        pytest.param(
            blank_case(certificate=seen(certificate(not_after=days(1)))),
            Status.PASSED,
            (HOST,),
            id="near-its-end-is-another-check's",
        ),
    ],
)
def test_the_outcome_of_verification_decides(
    case: DatabaseEvidence, status: Status, parts: tuple[str, ...]
) -> None:
    verdict = evaluate(case)

    assert verdict.status is status
    assert [part for part in parts if part not in verdict.because] == []


def test_every_fault_is_another_finding_text() -> None:
    faults = [trust for trust in Trust if trust is not Trust.VERIFIED]

    assert len({evaluate(served(trust)).fingerprint for trust in faults}) == len(faults)


def test_many_names_are_cut() -> None:
    names = tuple(f"host-{number}.example.com" for number in range(100))
    case = blank_case(certificate=seen(certificate(trust=Trust.NAME_MISMATCH, names=names)))

    assert len(evaluate(case).because) < 600
