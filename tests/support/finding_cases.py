"""Findings as reviewers read them: how each comes about, by check and status."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from rds_tls_audit.evidence.observation import Observation, Trust
from rds_tls_audit.evidence.observed import Unseen
from rds_tls_audit.findings.asff import Finding
from rds_tls_audit.fleet.configuration import MIN_PROTOCOL, GroupUsers
from rds_tls_audit.fleet.database import TAG_ACCEPT, Database
from rds_tls_audit.pipeline.messages import ProbedTarget
from tests.scenarios.simulated_account import COVERAGE_FINDING, DAY, SimulatedAccount, unreachable
from tests.support.builders import (
    GOOD,
    OPEN,
    bad,
    certificate,
    cluster,
    database,
    days,
    good,
    offer_outcome,
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


def with_shared_group(probed: ProbedTarget) -> ProbedTarget:
    """Make other databases use the same parameter group."""
    sharing = GroupUsers(names=("billing", "shop"), more=2)
    configuration = replace(probed.target.configuration, sharing=sharing)
    return replace(probed, target=replace(probed.target, configuration=configuration))


def enforcing(database: Database, observation: Observation) -> ProbedTarget:
    """Build a database whose parameter group forces TLS, with this observation."""
    return replace(good(database), observation=observation)


FAILED: Mapping[str, ProbedTarget] = {
    "force-ssl": with_shared_group(bad(ORDERS)),
    "force-ssl-in-effect": enforcing(PENDING, OPEN),
    "plaintext-refused": with_shared_group(bad(ORDERS)),
    "sessions-encrypted": bad(ORDERS),
    "sessions-modern-tls": enforcing(ORDERS, replace(GOOD, sessions=seen(session_view(OLD_TLS)))),
    "minimum-protocol": enforcing(
        ORDERS, replace(GOOD, settings=seen({MIN_PROTOCOL: setting("TLSv1")}))
    ),
    "legacy-tls-refused": enforcing(
        ORDERS,
        replace(
            GOOD,
            legacy_tls=seen(offer_outcome(accepted=True, detail="TLSv1 with ECDHE-RSA-AES256-SHA")),
            settings=seen({MIN_PROTOCOL: setting("TLSv1")}),
        ),
    ),
    "weak-ciphers-refused": enforcing(
        ORDERS,
        replace(
            GOOD,
            weak_ciphers=seen(offer_outcome(accepted=True, detail="TLSv1.2 with DES-CBC3-SHA")),
        ),
    ),
    "certificate-trusted": enforcing(
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
    "certificate-current": enforcing(
        ORDERS, replace(GOOD, certificate=seen(certificate(not_after=days(-3))))
    ),
}
WARNING: Mapping[str, ProbedTarget] = {
    "force-ssl-in-effect": replace(bad(ORDERS), observation=GOOD),
    "sessions-modern-tls": enforcing(ORDERS, replace(GOOD, sessions=seen(session_view(CBC)))),
    "certificate-current": enforcing(
        ORDERS, replace(GOOD, certificate=seen(certificate(not_after=days(20))))
    ),
}


def _finding_after(
    check: str, first: ProbedTarget, then: Callable[[SimulatedAccount], None] | None = None
) -> Finding:
    account = SimulatedAccount()
    account.set_databases(first)
    account.run_full()
    if then is not None:
        then(account)
    return account.get_finding(check, first.target.database.resource_id)


def _passes(account: SimulatedAccount) -> None:
    account.advance_clock(DAY)
    account.set_databases(good(ORDERS))
    account.run_full()


def _cannot_be_assessed(account: SimulatedAccount) -> None:
    probed = unreachable(good(ORDERS), "no answer within the deadline")
    denied = Unseen(reason="parameter group pg16 could not be read: AccessDenied")
    configuration = replace(probed.target.configuration, group=denied, authority=denied)
    account.set_databases(
        replace(probed, target=replace(probed.target, configuration=configuration))
    )
    for _ in range(2):
        account.advance_clock(DAY)
        account.run_full()


def _is_deleted(account: SimulatedAccount) -> None:
    account.delete_databases(ORDERS.id)
    for _ in range(2):
        account.advance_clock(DAY)
        account.run_full()


def _leaves_the_scope(account: SimulatedAccount) -> None:
    account.advance_clock(DAY)
    account.out_of_scope = {ORDERS.id}
    account.run_full()


def _is_accepted(account: SimulatedAccount) -> None:
    account.advance_clock(DAY)
    accepted = replace(ORDERS, tags={TAG_ACCEPT: "force-ssl until=2026-12-31 ref=RISK-7"})
    account.set_databases(bad(accepted))
    account.run_full()


def _is_disabled(account: SimulatedAccount) -> None:
    account.advance_clock(DAY)
    account.settings = settings(DISABLED_CHECKS="force-ssl")
    account.run_full()


def _cluster_finding() -> Finding:
    account = SimulatedAccount(settings=settings(DOCS_BASE_URL="https://wiki.example.com/rds-tls/"))
    account.set_databases(bad(LEDGER))
    account.run_full()
    return account.get_finding("force-ssl", "cluster-LEDGER")


def _finding_without_readiness() -> Finding:
    account = SimulatedAccount()
    account.set_databases(bad(ORDERS))
    account.run_named(ORDERS.id)
    return account.get_finding("force-ssl", ORDERS.resource_id)


def _public_finding() -> Finding:
    public = replace(ORDERS, publicly_accessible=True)
    return _finding_after("plaintext-refused", bad(public))


def _coverage_finding(then: Callable[[SimulatedAccount], None] | None = None) -> Finding:
    account = SimulatedAccount()
    reason = "orders-prod.example.com:5432 refused the connection; check the port"
    account.set_databases(unreachable(good(ORDERS), reason), good(database("billing")))
    account.run_full()
    if then is not None:
        then(account)
    return account.hub.findings[COVERAGE_FINDING]


FINDINGS: Mapping[str, Callable[[], Finding]] = {
    **{
        f"{check}-FAILED": partial(_finding_after, check, probed)
        for check, probed in FAILED.items()
    },
    **{
        f"{check}-WARNING": partial(_finding_after, check, probed)
        for check, probed in WARNING.items()
    },
    **{
        f"{check}-{name}": partial(_finding_after, check, probed, then)
        for check, probed in FAILED.items()
        for name, then in {
            "PASSED": _passes,
            "NOT_AVAILABLE": _cannot_be_assessed,
            "ARCHIVED": _is_deleted,
        }.items()
    },
    "force-ssl-ARCHIVED-accepted": partial(_finding_after, "force-ssl", bad(ORDERS), _is_accepted),
    "force-ssl-ARCHIVED-disabled": partial(_finding_after, "force-ssl", bad(ORDERS), _is_disabled),
    "force-ssl-ARCHIVED-left-out": partial(
        _finding_after, "force-ssl", bad(ORDERS), _leaves_the_scope
    ),
    "force-ssl-FAILED-of-a-cluster": _cluster_finding,
    "force-ssl-FAILED-not-answered-yet": _finding_without_readiness,
    "plaintext-refused-FAILED-public": _public_finding,
    "coverage-WARNING": _coverage_finding,
    "coverage-PASSED": partial(_coverage_finding, _passes),
}
"""How to produce each finding, by the name of its golden file."""
