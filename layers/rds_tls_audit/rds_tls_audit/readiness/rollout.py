"""How forcing TLS is turned on, and off again.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html
"""

from collections.abc import Sequence

from rds_tls_audit.fleet.configuration import FORCE_SSL, GroupKey
from rds_tls_audit.readiness.database_readiness import DatabaseReadiness
from rds_tls_audit.readiness.drivers.driver import BUNDLE
from rds_tls_audit.readiness.status import ReadinessStatus
from rds_tls_audit.text import escape, escape_id

MAX_LISTED = 5
MAX_GROUP = 300
"""A name of 255 characters with its kind before it."""


def name_of(group: GroupKey) -> str:
    """Call a group by its kind and name."""
    return escape(str(group), MAX_GROUP)


def rollout_steps(
    form: ReadinessStatus, group: GroupKey, standings: Sequence[DatabaseReadiness]
) -> tuple[str, ...]:
    """Tell how to turn it on, step by step; what comes first depends on the answer."""
    if _is_configured(standings):
        return _confirm(form, group, standings)
    how = _with_another_group if group.is_default else _in_its_group
    return (*_first(form), *how(group, standings))


def _is_configured(standings: Sequence[DatabaseReadiness]) -> bool:
    return all(one.configured for one in standings)


def _first(form: ReadinessStatus) -> tuple[str, ...]:
    if form is ReadinessStatus.CHECK_FIRST:
        change = (
            "First give each client in clear its setting for TLS, with the CA bundle of RDS: "
            f"{BUNDLE} (GovCloud and China have their own)."
        )
        return (change,)
    if form is ReadinessStatus.NOT_KNOWN:
        return ("First get what is missing: until then a client that nobody saw may break.",)
    return ()


def _in_its_group(group: GroupKey, standings: Sequence[DatabaseReadiness]) -> tuple[str, ...]:
    set_it = (
        f"Set {FORCE_SSL} to 1 in {name_of(group)}: it is dynamic, so no reboot is needed, and "
        "it reaches every database that uses the group."
    )
    waiting = [one.id for one in standings if _waits(one)]
    if not waiting:
        return (set_it,)
    return (f"Reboot {_listed(waiting)} first: until then the group may not reach it.", set_it)


def rollback_instructions(group: GroupKey, standings: Sequence[DatabaseReadiness]) -> str:
    """Tell how to undo it, and when breakage shows."""
    if group.is_default and _is_configured(standings):
        how = (
            f"{name_of(group)} belongs to RDS and cannot be changed: the way back is a group of "
            f"one's own with {FORCE_SSL} 0, attached, and a reboot."
        )
    else:
        where = "the new group" if group.is_default else name_of(group)
        how = (
            f"Set {FORCE_SSL} to 0 in {where}: new connections in clear are taken again without a "
            "reboot."
        )
    return (
        f"{how} Sessions that are open in clear survive forcing, so a client breaks only when it "
        "connects anew: watch for longer than the longest session lasts."
    )


def _confirm(
    form: ReadinessStatus, group: GroupKey, standings: Sequence[DatabaseReadiness]
) -> tuple[str, ...]:
    already = f"{FORCE_SSL} is 1 in {name_of(group)} already."
    accepting = [one.id for one in standings if one.history.plaintext_refused is False]
    if not accepting:
        return (already,)
    reboot = (
        f"Reboot {_listed(accepting)}, where plaintext is still accepted: the maintenance window "
        "does not bring the group into effect."
    )
    return (already, *_first(form), reboot)


def _with_another_group(group: GroupKey, standings: Sequence[DatabaseReadiness]) -> tuple[str, ...]:
    kind = "DB cluster parameter group" if group.of_cluster else "DB parameter group"
    each = "every member" if group.of_cluster else "each"
    create = (
        f"{name_of(group)} belongs to RDS and cannot be changed: create a {kind} of the same "
        "family."
    )
    attach = (
        f"Attach it to {_listed(_owners(standings))} and reboot {each}: another group "
        "takes a reboot, even for a dynamic parameter."
    )
    return (create, f"Set {FORCE_SSL} to 1 in the new group.", attach)


def _owners(standings: Sequence[DatabaseReadiness]) -> list[str]:
    """Name what a group is attached to: clusters, or instances."""
    names = (escape_id(one.history.database.parameter_group_owner) for one in standings)
    return list(dict.fromkeys(names))


def _waits(standing: DatabaseReadiness) -> bool:
    return standing.history.database.apply_status == "pending-reboot"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MAX_LISTED])
    rest = len(names) - MAX_LISTED
    return f"{shown} and {rest} more" if rest > 0 else shown
