"""How to force TLS, and how to roll back.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rds_tls_audit.fleet.configuration import FORCE_SSL, GroupKey
from rds_tls_audit.readiness.database_readiness import DatabaseReadiness
from rds_tls_audit.readiness.drivers.driver import BUNDLE
from rds_tls_audit.readiness.status import ReadinessStatus
from rds_tls_audit.text import escape, escape_id

MAX_LISTED = 5
MAX_GROUP = 300
"""Fits a name of 255 characters with its kind in front."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutPlan:
    """What to do, in order, and how to undo it."""

    steps: tuple[str, ...]
    rollback: str


def plan_rollout(
    status: ReadinessStatus, group: GroupKey, databases: Sequence[DatabaseReadiness]
) -> RolloutPlan:
    """Plan the roll-out; its first steps depend on the status."""
    return RolloutPlan(steps=_steps(status, group, databases), rollback=_rollback(group, databases))


def group_name(group: GroupKey) -> str:
    """Name a parameter group by its kind and name, safe to print."""
    return escape(str(group), MAX_GROUP)


def _steps(
    status: ReadinessStatus, group: GroupKey, databases: Sequence[DatabaseReadiness]
) -> tuple[str, ...]:
    if _is_configured(databases):
        return _bring_into_effect(status, group, databases)
    change = _replace_default_group if group.is_default else _edit_group
    return (*_first_step(status), *change(group, databases))


def _is_configured(databases: Sequence[DatabaseReadiness]) -> bool:
    return all(database.enforcement_configured for database in databases)


def _first_step(status: ReadinessStatus) -> tuple[str, ...]:
    if status is ReadinessStatus.CHECK_FIRST:
        step = (
            "First, configure TLS on each client that connects without it. Clients need the RDS CA "
            f"bundle: {BUNDLE} (AWS GovCloud (US) and China Regions have their own bundles)."
        )
        return (step,)
    if status is ReadinessStatus.NOT_KNOWN:
        step = (
            "First, resolve the limitations listed here. Until then, clients that the audit did "
            "not observe may fail."
        )
        return (step,)
    return ()


def _edit_group(group: GroupKey, databases: Sequence[DatabaseReadiness]) -> tuple[str, ...]:
    set_parameter = (
        f"Set {FORCE_SSL} to 1 in {group_name(group)}. The parameter is dynamic, so no reboot is "
        "required. It applies to every database that uses the group."
    )
    pending = [database.id for database in databases if _needs_reboot(database)]
    if not pending:
        return (set_parameter,)
    reboot = (
        f"Reboot {_list(pending)} first: the apply status is pending-reboot, so the parameter "
        "group may not be in effect there yet."
    )
    return (reboot, set_parameter)


def _bring_into_effect(
    status: ReadinessStatus, group: GroupKey, databases: Sequence[DatabaseReadiness]
) -> tuple[str, ...]:
    already = f"{FORCE_SSL} is already 1 in {group_name(group)}."
    accepting = [
        database.id for database in databases if database.history.plaintext_refused is False
    ]
    if not accepting:
        return (already,)
    reboot = (
        f"Reboot {_list(accepting)}: plaintext is still accepted there, and the maintenance window "
        "doesn't bring the parameter group into effect."
    )
    return (already, *_first_step(status), reboot)


def _replace_default_group(
    group: GroupKey, databases: Sequence[DatabaseReadiness]
) -> tuple[str, ...]:
    kind = "DB cluster parameter group" if group.of_cluster else "DB parameter group"
    each = "every member" if group.of_cluster else "each instance"
    create = (
        f"RDS owns {group_name(group)}, so you can't edit it. Create a {kind} in the same family."
    )
    attach = (
        f"Attach the new group to {_list(_owners(databases))}, and reboot {each}. A different "
        "parameter group requires a reboot, even for a dynamic parameter."
    )
    return (create, f"Set {FORCE_SSL} to 1 in the new group.", attach)


def _rollback(group: GroupKey, databases: Sequence[DatabaseReadiness]) -> str:
    if group.is_default and _is_configured(databases):
        undo = (
            f"RDS owns {group_name(group)}, so you can't edit it. Create a group in the same "
            f"family, set {FORCE_SSL} to 0 there, attach it, and reboot."
        )
    else:
        where = "the new group" if group.is_default else group_name(group)
        undo = (
            f"Set {FORCE_SSL} to 0 in {where}. New plaintext connections are then accepted again "
            "without a reboot."
        )
    return (
        f"{undo} Plaintext sessions that are open when TLS is forced continue, so a client fails "
        "only when it reconnects. Watch for failures for longer than the longest session lasts."
    )


def _owners(databases: Sequence[DatabaseReadiness]) -> list[str]:
    """Name what the group is attached to: clusters or DB instances."""
    names = (escape_id(database.history.database.parameter_group_owner) for database in databases)
    return list(dict.fromkeys(names))


def _needs_reboot(database: DatabaseReadiness) -> bool:
    return database.history.database.apply_status == "pending-reboot"


def _list(names: Sequence[str]) -> str:
    listed = ", ".join(names[:MAX_LISTED])
    more = len(names) - MAX_LISTED
    return f"{listed} and {more} more" if more > 0 else listed
