"""The case of one database: all evidence that the checks judge, in one frozen value."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from rds_tls_audit.evidence.observation import (
    Certificate,
    NegotiatedTls,
    Observation,
    OfferOutcome,
    SessionView,
    Setting,
)
from rds_tls_audit.evidence.observed import Observed, Seen, Unseen
from rds_tls_audit.fleet.certificate_authority import CertificateAuthority
from rds_tls_audit.fleet.configuration import GroupUsers, ParameterGroup, Target
from rds_tls_audit.fleet.defaults import force_ssl_default, ssl_ciphers_default


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseEvidence:
    """Evidence of the three truths, at one moment."""

    observed_at: datetime
    major_version: int
    apply_status: str | None
    certificate_warning_days: int
    """The threshold that the run was asked to apply."""
    group: Observed[ParameterGroup]
    force_ssl_default: str | None = None
    """Of this version, to explain with."""
    ssl_ciphers_default: str | None = None
    sharing: GroupUsers | None = None
    """Who else the group decides for; None where that is not known."""
    plaintext: Observed[OfferOutcome]
    legacy_tls: Observed[OfferOutcome]
    weak_ciphers: Observed[OfferOutcome]
    tls: Observed[NegotiatedTls]
    certificate: Observed[Certificate]
    certificate_valid_till: Observed[datetime]
    """As RDS says; the served certificate's own dates count first."""
    authority: Observed[CertificateAuthority]
    """As RDS says: the CA that signs its certificates."""
    settings: Observed[Mapping[str, Setting]]
    sessions: Observed[SessionView]

    @classmethod
    def of(
        cls,
        target: Target,
        observation: Observation,
        *,
        observed_at: datetime,
        certificate_warning_days: int,
    ) -> "DatabaseEvidence":
        """Lay what RDS says beside what the probe saw."""
        valid_till = target.database.certificate_valid_till
        return cls(
            observed_at=observed_at,
            major_version=target.database.major_version,
            apply_status=target.database.apply_status,
            certificate_warning_days=certificate_warning_days,
            group=target.configuration.group,
            force_ssl_default=force_ssl_default(target.database),
            ssl_ciphers_default=ssl_ciphers_default(target.database),
            sharing=target.configuration.sharing,
            plaintext=observation.plaintext,
            legacy_tls=observation.legacy_tls,
            weak_ciphers=observation.weak_ciphers,
            tls=observation.tls,
            certificate=observation.certificate,
            certificate_valid_till=(
                Unseen(reason="RDS gives no end date for the server certificate")
                if valid_till is None
                else Seen(value=valid_till)
            ),
            authority=target.configuration.authority,
            settings=observation.settings,
            sessions=observation.sessions,
        )

    def live_setting(self, name: str) -> str | None:
        """The live value of a setting; None where the server does not show it to us."""
        setting = self.settings.value.get(name) if isinstance(self.settings, Seen) else None
        return None if setting is None else setting.value
