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
    babelfish_note,
)


def evaluate(case: DatabaseEvidence) -> Verdict:
    """Read the value that the API returns; a value that is absent is not a default."""
    if isinstance(case.group, Unseen):
        return unknown(case.group.reason)
    group = case.group.value
    parameter = group.parameters.get(FORCE_SSL)
    if parameter is None or parameter.value is None:
        return unknown(f"{group.key} shows no value for {FORCE_SSL}")
    said = (
        f"{FORCE_SSL} is {parameter.value} in {group.key} "
        f"({_source(parameter, case.force_ssl_default)}){_sharing(case.sharing)}"
        f"{babelfish_note(group)}"
    )
    fingerprint = (f"group={group.key.name}", f"value={parameter.value}")
    if parameter.value == "1":
        return passed(said, *fingerprint)
    if parameter.value == "0":
        return failed(
            f"{said}: clients may connect without TLS; {_how_to_change(group.key)}", *fingerprint
        )
    return unknown(f"{said}, which is neither 0 nor 1")


def _source(parameter: Parameter, default: str | None) -> str:
    if default is None:
        return f"source {parameter.source}"
    return f"source {parameter.source}; the default of this version is {default}"


def _sharing(sharing: GroupUsers | None) -> str:
    if sharing is None or not sharing.names:
        return ""
    more = f" and {sharing.more} more" if sharing.more else ""
    return f", shared with {', '.join(sharing.names)}{more}"


def _how_to_change(key: GroupKey) -> str:
    if key.is_default:
        return (
            "a default group cannot be changed: create one of the same family, set it there, "
            "attach it and reboot"
        )
    return "set it to 1 there, which takes effect at once for every database of the group"


def specific_remedy(case: DatabaseEvidence) -> str | None:
    """Say what to change, and whom it touches."""
    if isinstance(case.group, Unseen):
        return None
    key = case.group.value.key
    if key.is_default:
        return (
            f"{key} is RDS's own and cannot be changed: create a group of the same family with "
            f"{FORCE_SSL} = 1, attach it, and reboot. {_CLIENTS_FIRST}"
        )
    change = f"Set {FORCE_SSL} to 1 in {key}{_touching(case.sharing)}."
    return f"{change} It takes effect at once. {_CLIENTS_FIRST}"


_CLIENTS_FIRST = (
    "Before, look for clients in clear: they fail at their next connect unless their own setting "
    "is allow; open sessions survive. To roll back, set 0."
)


def _touching(sharing: GroupUsers | None) -> str:
    if sharing is None:
        return "; look who else uses it"
    if not sharing.names:
        return ", which nobody else uses"
    more = f" and {sharing.more} more" if sharing.more else ""
    return f"; it decides for {', '.join(sharing.names)}{more} too"


CHECK = Check(
    id="force-ssl",
    position=10,
    severity=Severity.MEDIUM,
    title="the deciding parameter group should force TLS",
    question="does the deciding parameter group force TLS?",
    remedy=(
        "Set rds.force_ssl to 1 in the parameter group that decides: the cluster's for a cluster "
        "member, else the instance's. In a custom group this takes effect at once, for every "
        "database that uses it. A default.* group cannot be changed: create a group of the same "
        "family, set it there, attach it and reboot. Look for clients in clear first; they fail "
        "at their next connect. To roll back, set 0."
    ),
    evaluate=evaluate,
    specific_remedy=specific_remedy,
    fault_in_parameter_group=True,
    reports_readiness=True,
    per_cluster=True,
    covered_by_rds38=True,
)
