"""A case without any evidence, to put into it what a check is to judge."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypedDict, Unpack

from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.evidence.observation import (
    Certificate,
    NegotiatedTls,
    OfferOutcome,
    SessionView,
    Setting,
)
from rds_tls_audit.evidence.observed import Observed, Unseen
from rds_tls_audit.fleet.certificate_authority import CertificateAuthority
from rds_tls_audit.fleet.configuration import ParameterGroup
from tests.support.builders import NOW

NOT_LOOKED_AT = Unseen(reason="not looked at")


class CaseChanges(TypedDict, total=False):
    """Fields of a case."""

    major_version: int
    apply_status: str | None
    certificate_warning_days: int
    group: Observed[ParameterGroup]
    plaintext: Observed[OfferOutcome]
    legacy_tls: Observed[OfferOutcome]
    weak_ciphers: Observed[OfferOutcome]
    tls: Observed[NegotiatedTls]
    certificate: Observed[Certificate]
    certificate_valid_till: Observed[datetime]
    authority: Observed[CertificateAuthority]
    settings: Observed[Mapping[str, Setting]]
    sessions: Observed[SessionView]


def blank_case(**changes: Unpack[CaseChanges]) -> DatabaseEvidence:
    """Build a case of which nothing was looked at, but for the changes."""
    blank = DatabaseEvidence(
        observed_at=NOW,
        major_version=16,
        apply_status="in-sync",
        certificate_warning_days=30,
        group=NOT_LOOKED_AT,
        plaintext=NOT_LOOKED_AT,
        legacy_tls=NOT_LOOKED_AT,
        weak_ciphers=NOT_LOOKED_AT,
        tls=NOT_LOOKED_AT,
        certificate=NOT_LOOKED_AT,
        certificate_valid_till=NOT_LOOKED_AT,
        authority=NOT_LOOKED_AT,
        settings=NOT_LOOKED_AT,
        sessions=NOT_LOOKED_AT,
    )
    return replace(blank, **changes)
