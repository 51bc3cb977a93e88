"""Evidence of a database of which nothing was observed, to add what a check evaluates."""

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

NOT_PROBED = Unseen(reason="not probed")


class EvidenceChanges(TypedDict, total=False):
    """Fields of `DatabaseEvidence`."""

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


def empty_evidence(**changes: Unpack[EvidenceChanges]) -> DatabaseEvidence:
    """Build evidence in which everything is unseen, except for the changes."""
    return replace(_EMPTY, **changes)


_EMPTY = DatabaseEvidence(
    observed_at=NOW,
    major_version=16,
    apply_status="in-sync",
    certificate_warning_days=30,
    group=NOT_PROBED,
    plaintext=NOT_PROBED,
    legacy_tls=NOT_PROBED,
    weak_ciphers=NOT_PROBED,
    tls=NOT_PROBED,
    certificate=NOT_PROBED,
    certificate_valid_till=NOT_PROBED,
    authority=NOT_PROBED,
    settings=NOT_PROBED,
    sessions=NOT_PROBED,
)
