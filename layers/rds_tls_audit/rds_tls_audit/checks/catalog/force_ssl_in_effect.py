"""Is the configured value of rds.force_ssl in effect on the server?"""

from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Severity, Verdict, failed, passed, unknown, warning
from rds_tls_audit.evidence.observed import Seen, Unseen
from rds_tls_audit.fleet.configuration import FORCE_SSL

IN_SYNC = "in-sync"


def evaluate(evidence: DatabaseEvidence) -> Verdict:
    """Compare the configured value with the server's reply to a plaintext connection."""
    if isinstance(evidence.group, Unseen):
        return unknown(evidence.group.reason)
    group = evidence.group.value
    parameter = group.parameters.get(FORCE_SSL)
    if parameter is None or parameter.value not in {"0", "1"}:
        return unknown(f"RDS returns no usable value of {FORCE_SSL} for {group.key}")
    status = evidence.apply_status or "not given"
    setting = f"{FORCE_SSL} is {parameter.value} in {group.key}"
    fingerprint = (f"group={group.key.name}", f"value={parameter.value}", f"apply={status}")
    if isinstance(evidence.plaintext, Unseen):
        if evidence.apply_status in {None, IN_SYNC}:
            known = f"{setting}, but the probe did not confirm it on the server"
            return unknown(evidence.plaintext.reason, known=known)
        return warning(
            f"{setting}, but its apply status is {status}, so the server may behave differently; "
            f"the probe did not confirm it on the server: {evidence.plaintext.reason}",
            *fingerprint,
        )
    accepts = evidence.plaintext.value.accepted
    if parameter.value == "1" and accepts:
        return failed(
            f"{setting} but not in effect: the server accepts plaintext (apply status {status})"
            f"{_live(evidence)}",
            *fingerprint,
        )
    if parameter.value == "0" and not accepts:
        return warning(
            f"{setting}, but the server refuses plaintext (apply status {status}); a restart could "
            f"allow plaintext connections again{_live(evidence)}",
            *fingerprint,
        )
    verb = "accepts" if accepts else "refuses"
    return passed(f"{setting}, and the server {verb} plaintext{_live(evidence)}", *fingerprint)


def _live(evidence: DatabaseEvidence) -> str:
    live = evidence.live_setting(FORCE_SSL)
    return "" if live is None else f"; the server shows {FORCE_SSL} = {live or 'empty'}"


_REMEDY_BY_APPLY_STATUS = {
    "pending-reboot": (
        "Reboot the instance: its apply status is pending-reboot, and the maintenance window "
        "doesn't do this."
    ),
    "failed-to-apply": "Correct the parameter group: RDS failed to apply it (failed-to-apply).",
    "applying": "Wait until RDS has applied the parameter group, then audit the database again.",
}


def specific_remedy(evidence: DatabaseEvidence) -> str | None:
    """Say what the apply status requires, or how to keep plaintext refused after a restart."""
    refuses = isinstance(evidence.plaintext, Seen) and not evidence.plaintext.value.accepted
    if refuses and isinstance(evidence.group, Seen):
        return (
            f"Set {FORCE_SSL} to 1 in {evidence.group.value.key}, so that the next restart doesn't "
            "reopen plaintext access."
        )
    return _REMEDY_BY_APPLY_STATUS.get(evidence.apply_status or "")


CHECK = Check(
    id="force-ssl-in-effect",
    position=20,
    severity=Severity.MEDIUM,
    title="the configured rds.force_ssl value should be in effect",
    question="is the configured rds.force_ssl value in effect on the server?",
    remedy=(
        "Check the parameter group's apply status. pending-reboot: reboot the instance; the "
        "maintenance window doesn't do this. failed-to-apply: correct the parameter group. "
        "in-sync, but the server still accepts plaintext: set the parameter again and reboot. If "
        "the server refuses plaintext although rds.force_ssl is 0, set it to 1 so that the next "
        "restart doesn't reopen plaintext access."
    ),
    evaluate=evaluate,
    specific_remedy=specific_remedy,
)
