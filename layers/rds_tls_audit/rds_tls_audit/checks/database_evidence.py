"""All evidence of one database that the checks evaluate, in one frozen value."""

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
    """What is configured, in effect, and observed for one database, at one moment."""

    observed_at: datetime
    major_version: int
    apply_status: str | None
    certificate_warning_days: int
    """The warning threshold of the run."""
    group: Observed[ParameterGroup]
    force_ssl_default: str | None = None
    """The RDS default for this version, used in explanations only."""
    ssl_ciphers_default: str | None = None
    """Likewise."""
    group_users: GroupUsers | None = None
    """The other databases that use the group; None if they are not known."""
    plaintext: Observed[OfferOutcome]
    legacy_tls: Observed[OfferOutcome]
    weak_ciphers: Observed[OfferOutcome]
    tls: Observed[NegotiatedTls]
    certificate: Observed[Certificate]
    certificate_valid_till: Observed[datetime]
    """The date that RDS reports; the dates of the served certificate take precedence."""
    authority: Observed[CertificateAuthority]
    """The CA that RDS reports for the server certificate."""
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
        """Combine the configuration that RDS reports with what the probe observed."""
        valid_till = target.database.certificate_valid_till
        return cls(
            observed_at=observed_at,
            major_version=target.database.major_version,
            apply_status=target.database.apply_status,
            certificate_warning_days=certificate_warning_days,
            group=target.configuration.group,
            force_ssl_default=force_ssl_default(target.database),
            ssl_ciphers_default=ssl_ciphers_default(target.database),
            group_users=target.configuration.sharing,
            plaintext=observation.plaintext,
            legacy_tls=observation.legacy_tls,
            weak_ciphers=observation.weak_ciphers,
            tls=observation.tls,
            certificate=observation.certificate,
            certificate_valid_till=(
                Unseen(reason="RDS reports no expiry date for the server certificate")
                if valid_till is None
                else Seen(value=valid_till)
            ),
            authority=target.configuration.authority,
            settings=observation.settings,
            sessions=observation.sessions,
        )

    def live_setting(self, name: str) -> str | None:
        """Return the live value of a setting; None if the server does not show it to the audit."""
        setting = self.settings.value.get(name) if isinstance(self.settings, Seen) else None
        return None if setting is None else setting.value
