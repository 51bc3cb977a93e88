"""Is the configured minimum TLS version 1.2 or later?"""

from rds_tls_audit.checks.catalog import legacy_tls_refused
from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Severity, Status, Verdict, failed, passed, unknown, warning
from rds_tls_audit.evidence.observed import Unseen
from rds_tls_audit.fleet.configuration import MIN_PROTOCOL
from rds_tls_audit.protocol.cipher_strength import MODERN_PROTOCOLS, OLD_PROTOCOLS

TOO_LOW = OLD_PROTOCOLS | {""}
"""An empty setting allows every version."""

FIRST_VERSION = 12
"""PostgreSQL 12 introduced `ssl_min_protocol_version`."""


def evaluate(evidence: DatabaseEvidence) -> Verdict:
    """Evaluate the live setting; the parameter group alone can cause a failure, never a pass."""
    if 0 < evidence.major_version < FIRST_VERSION:
        return _without_setting(evidence)
    live = evidence.live_setting(MIN_PROTOCOL)
    configured = _configured(evidence)
    if live is None:
        return _not_seen_live(evidence, configured)
    setting = f"{MIN_PROTOCOL} is {live or 'empty'} on the server"
    if live in TOO_LOW:
        return failed(setting, f"live={live}")
    if live not in MODERN_PROTOCOLS:
        return unknown(f"{setting}, which the audit does not know")
    if configured in TOO_LOW:
        return warning(
            f"{setting}, but {configured or 'empty'} in the parameter group; the next reload or "
            "restart could lower it",
            f"live={live}",
            f"configured={configured}",
        )
    return passed(setting, f"live={live}")


def _configured(evidence: DatabaseEvidence) -> str | None:
    if isinstance(evidence.group, Unseen):
        return None
    parameter = evidence.group.value.parameters.get(MIN_PROTOCOL)
    return None if parameter is None else parameter.value


def _not_seen_live(evidence: DatabaseEvidence, configured: str | None) -> Verdict:
    if isinstance(evidence.settings, Unseen):
        why = evidence.settings.reason
    else:
        why = f"the server does not show {MIN_PROTOCOL} to the audit's role; grant pg_monitor to it"
    if configured is None:
        return unknown(why)
    setting = f"{MIN_PROTOCOL} is {configured or 'empty'} in the parameter group"
    if configured in TOO_LOW:
        return failed(setting, f"configured={configured}")
    return unknown(why, known=f"{setting}, but the probe did not confirm it on the server")


def _without_setting(evidence: DatabaseEvidence) -> Verdict:
    unsupported = f"PostgreSQL {evidence.major_version} does not support {MIN_PROTOCOL}"
    if legacy_tls_refused.evaluate(evidence).status is Status.FAILED:
        return failed(f"{unsupported}, and the server accepts TLS 1.1 or earlier")
    return unknown(f"{unsupported}; upgrade the database")


def specific_remedy(evidence: DatabaseEvidence) -> str | None:
    """Name the group to change."""
    if isinstance(evidence.group, Unseen) or 0 < evidence.major_version < FIRST_VERSION:
        return None
    key = evidence.group.value.key
    if key.is_default:
        return (
            f"You can't edit {key}, because it is a default group. Create a group in the same "
            f"family, set {MIN_PROTOCOL} to TLSv1.2 there, attach the group, and reboot."
        )
    return (
        f"Set {MIN_PROTOCOL} to TLSv1.2 in {key}. No reboot is required. Open sessions keep their "
        "negotiated version."
    )


CHECK = Check(
    id="minimum-protocol",
    position=60,
    severity=Severity.MEDIUM,
    title="the minimum TLS version should be 1.2 or later",
    question="is the configured minimum TLS version 1.2 or later?",
    remedy=(
        "Set ssl_min_protocol_version to TLSv1.2 in the deciding parameter group. No reboot is "
        "required. Open sessions keep their negotiated version. PostgreSQL 10 and 11 don't support "
        "this parameter: upgrade the database."
    ),
    evaluate=evaluate,
    specific_remedy=specific_remedy,
    fault_in_parameter_group=True,
)
