"""Does the server do what the parameter group says?"""

from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Severity, Verdict, failed, passed, unknown, warning
from rds_tls_audit.evidence.observed import Seen, Unseen
from rds_tls_audit.fleet.configuration import FORCE_SSL

IN_SYNC = "in-sync"


def evaluate(case: DatabaseEvidence) -> Verdict:
    """Lay the configured value beside the server's answer to a plaintext connection."""
    if isinstance(case.group, Unseen):
        return unknown(case.group.reason)
    group = case.group.value
    parameter = group.parameters.get(FORCE_SSL)
    if parameter is None or parameter.value not in {"0", "1"}:
        return unknown(f"{group.key} shows no usable value for {FORCE_SSL}")
    status = case.apply_status or "not given"
    said = f"{FORCE_SSL} is {parameter.value} in {group.key}"
    fingerprint = (f"group={group.key.name}", f"value={parameter.value}", f"apply={status}")
    if isinstance(case.plaintext, Unseen):
        if case.apply_status in {None, IN_SYNC}:
            known = f"configured so, not confirmed: {said}"
            return unknown(case.plaintext.reason, known=known)
        return warning(
            f"{said}, but its apply status is {status}, so the server may do otherwise; the wire "
            f"was not seen: {case.plaintext.reason}",
            *fingerprint,
        )
    accepts = case.plaintext.value.accepted
    does = "accepts" if accepts else "refuses"
    if parameter.value == "1" and accepts:
        return failed(
            f"set, not in effect: {said}, but the server accepts a plaintext connection "
            f"(apply status {status}){_shown(case)}",
            *fingerprint,
        )
    if parameter.value == "0" and not accepts:
        return warning(
            f"{said}, yet the server refuses plaintext (apply status {status}): the next restart "
            f"may drop that{_shown(case)}",
            *fingerprint,
        )
    return passed(f"{said}, and the server {does} plaintext{_shown(case)}", *fingerprint)


def _shown(case: DatabaseEvidence) -> str:
    live = case.live_setting(FORCE_SSL)
    return "" if live is None else f"; the server itself shows {FORCE_SSL} = {live or 'empty'}"


_ADVICE = {
    "pending-reboot": (
        "Reboot the instance: its apply status is pending-reboot, and the maintenance window does "
        "not apply that."
    ),
    "failed-to-apply": "Correct the parameter group: RDS failed to apply it (failed-to-apply).",
    "applying": "Wait and look again: RDS is still applying the group.",
}


def specific_remedy(case: DatabaseEvidence) -> str | None:
    """Say what the apply status asks for, or how to keep what the group does not say."""
    refuses = isinstance(case.plaintext, Seen) and not case.plaintext.value.accepted
    if refuses and isinstance(case.group, Seen):
        return f"Set {FORCE_SSL} to 1 in {case.group.value.key}, so that a restart keeps it."
    return _ADVICE.get(case.apply_status or "")


CHECK = Check(
    id="force-ssl-in-effect",
    position=20,
    severity=Severity.MEDIUM,
    title="the server should do what the parameter group says",
    question="does the server do what the group says?",
    remedy=(
        "Look at the parameter group's apply status. pending-reboot: reboot the instance, since "
        "the maintenance window does not apply it. failed-to-apply: correct the group. in-sync "
        "but not in effect: set the value again and reboot. Where the server refuses plaintext "
        "though the group says 0, set rds.force_ssl to 1, so that the next restart keeps it."
    ),
    evaluate=evaluate,
    specific_remedy=specific_remedy,
)
