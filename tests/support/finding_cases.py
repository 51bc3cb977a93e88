"""How findings come to be that reviewers read: one story for each check and status."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from rds_tls_audit.evidence.observation import Observation, Trust
from rds_tls_audit.evidence.observed import Unseen
from rds_tls_audit.findings.asff import Finding
from rds_tls_audit.fleet.configuration import MIN_PROTOCOL, GroupUsers
from rds_tls_audit.fleet.database import TAG_ACCEPT, Database
from rds_tls_audit.pipeline.messages import ProbedTarget
from tests.scenarios.simulated_account import COVERAGE, DAY, World, unseen
from tests.support.builders import (
    GOOD,
    OPEN,
    answer,
    bad,
    certificate,
    cluster,
    database,
    days,
    good,
    seen,
    session_view,
    setting,
    settings,
    tls_session,
)

ORDERS = database("orders-prod", tags={"Owner": "orders team", "Stage": "prod"})
PENDING = replace(ORDERS, apply_status="pending-reboot")
LEDGER = database("ledger-1", cluster=replace(cluster(), endpoints=("ledger.cluster-c9.example",)))
OLD_TLS = tls_session(
    role="erp", application="erp-connector", tls_version="TLSv1", cipher="ECDHE-RSA-AES256-SHA"
)
CBC = tls_session(role="erp", tls_version="TLSv1.2", cipher="ECDHE-RSA-AES256-SHA")


def shared(of: ProbedTarget) -> ProbedTarget:
    """Let its parameter group decide for others too."""
    sharing = GroupUsers(names=("billing", "shop"), more=2)
    configuration = replace(of.target.configuration, sharing=sharing)
    return replace(of, target=replace(of.target, configuration=configuration))


def seen_so(of: Database, observation: Observation) -> ProbedTarget:
    """A database whose group forces TLS."""
    return replace(good(of), observation=observation)


FAILED: Mapping[str, ProbedTarget] = {
    "force-ssl": shared(bad(ORDERS)),
    "force-ssl-in-effect": seen_so(PENDING, OPEN),
    "plaintext-refused": shared(bad(ORDERS)),
    "sessions-encrypted": bad(ORDERS),
    "sessions-modern-tls": seen_so(ORDERS, replace(GOOD, sessions=seen(session_view(OLD_TLS)))),
    "minimum-protocol": seen_so(
        ORDERS, replace(GOOD, settings=seen({MIN_PROTOCOL: setting("TLSv1")}))
    ),
    "legacy-tls-refused": seen_so(
        ORDERS,
        replace(
            GOOD,
            legacy_tls=seen(answer(accepted=True, detail="TLSv1 with ECDHE-RSA-AES256-SHA")),
            settings=seen({MIN_PROTOCOL: setting("TLSv1")}),
        ),
    ),
    "weak-ciphers-refused": seen_so(
        ORDERS,
        replace(GOOD, weak_ciphers=seen(answer(accepted=True, detail="TLSv1.2 with DES-CBC3-SHA"))),
    ),
    "certificate-trusted": seen_so(
        ORDERS,
        replace(
            GOOD,
            certificate=seen(
                certificate(
                    trust=Trust.UNKNOWN_CA, detail="self-signed certificate in certificate chain"
                )
            ),
        ),
    ),
    "certificate-current": seen_so(
        ORDERS, replace(GOOD, certificate=seen(certificate(not_after=days(-3))))
    ),
}
WARNING: Mapping[str, ProbedTarget] = {
    "force-ssl-in-effect": replace(bad(ORDERS), observation=GOOD),
    "sessions-modern-tls": seen_so(ORDERS, replace(GOOD, sessions=seen(session_view(CBC)))),
    "certificate-current": seen_so(
        ORDERS, replace(GOOD, certificate=seen(certificate(not_after=days(20))))
    ),
}


def _told(check: str, first: ProbedTarget, then: Callable[[World], None] | None = None) -> Finding:
    world = World()
    world.put(first)
    world.full()
    if then is not None:
        then(world)
    return world.finding(check, first.target.database.resource_id)


def _passes(world: World) -> None:
    world.later(DAY)
    world.put(good(ORDERS))
    world.full()


def _is_not_seen(world: World) -> None:
    nothing = unseen(good(ORDERS), "no answer within the deadline")
    denied = Unseen(reason="parameter group pg16 could not be read: AccessDenied")
    configuration = replace(nothing.target.configuration, group=denied, authority=denied)
    world.put(replace(nothing, target=replace(nothing.target, configuration=configuration)))
    for _ in range(2):
        world.later(DAY)
        world.full()


def _is_gone(world: World) -> None:
    world.remove(ORDERS.id)
    for _ in range(2):
        world.later(DAY)
        world.full()


def _is_left_out(world: World) -> None:
    world.later(DAY)
    world.out_of_scope = {ORDERS.id}
    world.full()


def _is_accepted(world: World) -> None:
    world.later(DAY)
    risk = replace(ORDERS, tags={TAG_ACCEPT: "force-ssl until=2026-12-31 ref=RISK-7"})
    world.put(bad(risk))
    world.full()


def _is_disabled(world: World) -> None:
    world.later(DAY)
    world.settings = settings(DISABLED_CHECKS="force-ssl")
    world.full()


def _of_cluster() -> Finding:
    world = World(settings=settings(DOCS_BASE_URL="https://wiki.example.com/rds-tls/"))
    world.put(bad(LEDGER))
    world.full()
    return world.finding("force-ssl", "cluster-LEDGER")


def _not_answered_yet() -> Finding:
    world = World()
    world.put(bad(ORDERS))
    world.named(ORDERS.id)
    return world.finding("force-ssl", ORDERS.resource_id)


def _public() -> Finding:
    public = replace(ORDERS, publicly_accessible=True)
    return _told("plaintext-refused", bad(public))


def _coverage(then: Callable[[World], None] | None = None) -> Finding:
    world = World()
    reason = "orders-prod.example.com:5432 refuses the connection: is the port right?"
    world.put(unseen(good(ORDERS), reason), good(database("billing")))
    world.full()
    if then is not None:
        then(world)
    return world.hub.findings[COVERAGE]


FINDINGS: Mapping[str, Callable[[], Finding]] = {
    **{f"{check}-FAILED": partial(_told, check, it) for check, it in FAILED.items()},
    **{f"{check}-WARNING": partial(_told, check, it) for check, it in WARNING.items()},
    **{
        f"{check}-{name}": partial(_told, check, it, then)
        for check, it in FAILED.items()
        for name, then in {
            "PASSED": _passes,
            "NOT_AVAILABLE": _is_not_seen,
            "ARCHIVED": _is_gone,
        }.items()
    },
    "force-ssl-ARCHIVED-accepted": partial(_told, "force-ssl", bad(ORDERS), _is_accepted),
    "force-ssl-ARCHIVED-disabled": partial(_told, "force-ssl", bad(ORDERS), _is_disabled),
    "force-ssl-ARCHIVED-left-out": partial(_told, "force-ssl", bad(ORDERS), _is_left_out),
    "force-ssl-FAILED-of-a-cluster": _of_cluster,
    "force-ssl-FAILED-not-answered-yet": _not_answered_yet,
    "plaintext-refused-FAILED-public": _public,
    "coverage-WARNING": _coverage,
    "coverage-PASSED": partial(_coverage, _passes),
}
"""By name, how to come by each."""
