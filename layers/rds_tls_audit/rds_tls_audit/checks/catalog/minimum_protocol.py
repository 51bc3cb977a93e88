"""Is TLS below 1.2 configured away?"""

from rds_tls_audit.checks.catalog import legacy_tls_refused
from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Severity, Status, Verdict, failed, passed, unknown, warning
from rds_tls_audit.evidence.observed import Unseen
from rds_tls_audit.fleet.configuration import MIN_PROTOCOL
from rds_tls_audit.protocol.cipher_strength import MODERN_PROTOCOLS, OLD_PROTOCOLS

TOO_LOW = OLD_PROTOCOLS | {""}
"""An empty setting admits every version."""

FIRST_VERSION = 12
"""PostgreSQL 12 brought `ssl_min_protocol_version`."""


def evaluate(case: DatabaseEvidence) -> Verdict:
    """Judge the live setting; the parameter group alone can only fail."""
    if 0 < case.major_version < FIRST_VERSION:
        return _without_setting(case)
    live = case.live_setting(MIN_PROTOCOL)
    configured = _configured(case)
    if live is None:
        return _not_seen_live(case, configured)
    said = f"{MIN_PROTOCOL} is {live or 'empty'} on the server"
    if live in TOO_LOW:
        return failed(said, f"live={live}")
    if live not in MODERN_PROTOCOLS:
        return unknown(f"{said}, which is not a version that is known")
    if configured in TOO_LOW:
        return warning(
            f"{said}, but {configured or 'empty'} in the parameter group: the next reload or "
            "restart may lower it",
            f"live={live}",
            f"configured={configured}",
        )
    return passed(said, f"live={live}")


def _configured(case: DatabaseEvidence) -> str | None:
    if isinstance(case.group, Unseen):
        return None
    parameter = case.group.value.parameters.get(MIN_PROTOCOL)
    return None if parameter is None else parameter.value


def _not_seen_live(case: DatabaseEvidence, configured: str | None) -> Verdict:
    if isinstance(case.settings, Unseen):
        why = case.settings.reason
    else:
        why = f"the server does not show {MIN_PROTOCOL} to our role (grant pg_monitor)"
    if configured is None:
        return unknown(why)
    said = f"{MIN_PROTOCOL} is {configured or 'empty'} in the parameter group"
    if configured in TOO_LOW:
        return failed(said, f"configured={configured}")
    return unknown(why, known=f"configured so, not confirmed: {said}")


def _without_setting(case: DatabaseEvidence) -> Verdict:
    said = f"PostgreSQL {case.major_version} has no {MIN_PROTOCOL}"
    if legacy_tls_refused.evaluate(case).status is Status.FAILED:
        return failed(f"{said}, and the server accepts TLS below 1.2 on the wire")
    return unknown(f"not settable in this version: {said}")


def specific_remedy(case: DatabaseEvidence) -> str | None:
    """Name the group to change."""
    if isinstance(case.group, Unseen) or 0 < case.major_version < FIRST_VERSION:
        return None
    key = case.group.value.key
    if key.is_default:
        return (
            f"{key} is RDS's own and cannot be changed: attach a group of your own with "
            f"{MIN_PROTOCOL} = TLSv1.2, and reboot."
        )
    return (
        f"Set {MIN_PROTOCOL} to TLSv1.2 in {key}. It takes effect without a reboot; sessions that "
        "are open keep the version they have."
    )


CHECK = Check(
    id="minimum-protocol",
    position=60,
    severity=Severity.MEDIUM,
    title="TLS below 1.2 should be configured away",
    question="is TLS below 1.2 configured away?",
    remedy=(
        "Set ssl_min_protocol_version to TLSv1.2 in the parameter group that decides; it takes "
        "effect without a reboot. PostgreSQL 10 and 11 cannot be set so: upgrade. Sessions that "
        "are open keep the version they have."
    ),
    evaluate=evaluate,
    specific_remedy=specific_remedy,
    fault_in_parameter_group=True,
)
