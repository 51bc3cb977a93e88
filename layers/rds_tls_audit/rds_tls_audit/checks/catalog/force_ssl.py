"""Does the deciding parameter group force TLS?"""

from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Severity, Verdict, failed, passed, unknown
from rds_tls_audit.evidence.observed import Unseen
from rds_tls_audit.fleet.configuration import (
    FORCE_SSL,
    GroupKey,
    GroupUsers,
    Parameter,
    describe_babelfish_limitation,
)


def evaluate(evidence: DatabaseEvidence) -> Verdict:
    """Evaluate the value that RDS returns; a missing value is not taken for the default."""
    if isinstance(evidence.group, Unseen):
        return unknown(evidence.group.reason)
    group = evidence.group.value
    parameter = group.parameters.get(FORCE_SSL)
    if parameter is None or parameter.value is None:
        return unknown(f"RDS returns no value of {FORCE_SSL} for {group.key}")
    setting = (
        f"{FORCE_SSL} is {parameter.value} in {group.key} "
        f"({_source(parameter, evidence.force_ssl_default)})"
        f"{_also_used_by(evidence.group_users)}{describe_babelfish_limitation(group)}"
    )
    fingerprint = (f"group={group.key.name}", f"value={parameter.value}")
    if parameter.value == "1":
        return passed(setting, *fingerprint)
    if parameter.value == "0":
        return failed(
            f"{setting}: clients can connect without TLS; {_how_to_change(group.key)}", *fingerprint
        )
    return unknown(f"{setting}, but the value must be 0 or 1")


def _source(parameter: Parameter, default: str | None) -> str:
    if default is None:
        return f"source {parameter.source}"
    return f"source {parameter.source}; the default for this version is {default}"


def _also_used_by(users: GroupUsers | None) -> str:
    if users is None or not users.names:
        return ""
    more = f" and {users.more} more" if users.more else ""
    return f", which is also used by {', '.join(users.names)}{more}"


def _how_to_change(key: GroupKey) -> str:
    if key.is_default:
        return (
            "a default group can't be edited, so create a group in the same family, set the "
            "parameter to 1 there, attach the group, and reboot"
        )
    return "set it to 1, which applies immediately to every database that uses the group"


def specific_remedy(evidence: DatabaseEvidence) -> str | None:
    """Name the group to change and the other databases that the change affects."""
    if isinstance(evidence.group, Unseen):
        return None
    key = evidence.group.value.key
    return f"{_CLIENTS_FIRST} Then {_change(key, evidence.group_users)}. {_ROLL_BACK}"


_CLIENTS_FIRST = (
    "First find the clients that connect without TLS: their next connection fails unless they use "
    "sslmode=allow."
)
_ROLL_BACK = "To roll back, set the parameter to 0."


def _change(key: GroupKey, users: GroupUsers | None) -> str:
    if key.is_default:
        return (
            f"create a group in the same family, set {FORCE_SSL} to 1 there, attach the group, and "
            f"reboot, because {key} is a default group, which you can't edit"
        )
    if users is None:
        return (
            f"check which other databases use {key}, and set {FORCE_SSL} to 1 there, which applies "
            "immediately"
        )
    others = _also_used_by(users) or ", which no other database uses"
    return f"set {FORCE_SSL} to 1 in {key}{others}. The change applies immediately"


CHECK = Check(
    id="force-ssl",
    position=10,
    severity=Severity.MEDIUM,
    title="the parameter group should require TLS (rds.force_ssl)",
    question="does the deciding parameter group force TLS?",
    remedy=(
        "First find the clients that still connect without TLS: their next connection fails unless "
        "they use sslmode=allow. Then set rds.force_ssl to 1 in the deciding parameter group (the "
        "DB cluster parameter group for cluster members, otherwise the DB parameter group). The "
        "change applies immediately to every database that uses the group. You can't edit a "
        "default.* group: create a group in the same family, set the parameter there, attach it, "
        "and reboot. To roll back, set the parameter to 0."
    ),
    evaluate=evaluate,
    specific_remedy=specific_remedy,
    fault_in_parameter_group=True,
    reports_readiness=True,
    per_cluster=True,
    covered_by_rds38=True,
)
