"""The assessments of a run: one for each deciding group, from the stored clients and samples."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from rds_tls_audit.evidence.observation import Observation
from rds_tls_audit.fleet.configuration import GroupKey, GroupUsers, Target
from rds_tls_audit.fleet.database import Database
from rds_tls_audit.pipeline.messages import ProbedTarget
from rds_tls_audit.readiness.assessment import ReadinessAssessment
from rds_tls_audit.readiness.sampling.observed_client import client_key
from rds_tls_audit.readiness.status import ReadinessStatus
from rds_tls_audit.results.gaps import BATCH_FAILED
from rds_tls_audit.stages.steps.assess_readiness import assess_groups
from tests.support import in_memory_stores
from tests.support.builders import (
    GOOD,
    OPEN,
    bad,
    cluster,
    database,
    database_result,
    run,
    seen,
    session_view,
    settings,
    target,
    tls_session,
    unlisted_cluster,
    unseen,
)
from tests.unit.readiness.history_builder import absent, last_days, plaintext_client, tls_client

ORDERS, BILLING = database("orders"), database("billing")
MEMBERS = [database(f"ledger-{number}", cluster=cluster()) for number in (1, 2)]
PG16 = GroupKey(name="pg16", of_cluster=False)
AURORA16 = GroupKey(name="aurora16", of_cluster=True)
PROXY = tls_session(role="rdsproxyadmin")


def stored(*databases: Database) -> in_memory_stores.ClientHistory:
    """Store a full set of samples, and one client with TLS, for each database."""
    table = in_memory_stores.ClientHistory()
    client = tls_client()
    for sampled in databases:
        table.clients[sampled.resource_id] = {client_key(client): client}
        table.days[sampled.resource_id] = {day.day: day for day in last_days()}
    return table


def probed(of: Database, observation: Observation = OPEN) -> ProbedTarget:
    sessions = seen(session_view(tls_session()))
    return replace(bad(of), observation=replace(observation, sessions=sessions))


def assessed(
    *everything: ProbedTarget,
    table: in_memory_stores.ClientHistory,
    targets: Sequence[Target] | None = None,
    complete: bool = True,
) -> Mapping[GroupKey, ReadinessAssessment]:
    """Assess the groups of everything that was probed, by group."""
    found = assess_groups(
        run(),
        targets or [probe.target for probe in everything],
        [database_result(probe) for probe in everything],
        settings(),
        table,
        complete=complete,
    )
    return {assessment.group: assessment for assessment in found}


def test_each_deciding_group_has_one_assessment_for_all_its_databases() -> None:
    fleet = [ORDERS, BILLING, *MEMBERS]
    unlisted = database("lost-1", cluster=unlisted_cluster())

    found = assessed(*map(probed, [*fleet, unlisted]), table=stored(*fleet))

    assert {group: assessment.databases.shown for group, assessment in found.items()} == {
        PG16: ("orders", "billing"),
        AURORA16: ("ledger-1", "ledger-2"),
    }
    assert {assessment.status for assessment in found.values()} == {ReadinessStatus.SAFE}


def test_a_plaintext_client_on_one_member_decides_for_the_cluster() -> None:
    table = stored(*MEMBERS)
    table.clients[MEMBERS[1].resource_id]["x"] = plaintext_client(application="psql")

    found = assessed(*map(probed, MEMBERS), table=table)[AURORA16]

    assert found.status is ReadinessStatus.CHECK_FIRST
    assert [(client.name, client.database) for client in found.clients.shown] == [
        ("orders_app (psql)", "ledger-2")
    ]


@pytest.mark.parametrize(
    ("observation", "part"),
    [
        pytest.param(Observation.unseen("no login: no secret tag"), "no login", id="no-login"),
        pytest.param(
            replace(OPEN, sessions=seen(session_view(tls_session(), rds_own=(PROXY,)))),
            "an RDS Proxy targets it",
            id="a-proxy",
        ),
    ],
)
def test_what_this_run_observed_prevents_safe(observation: Observation, part: str) -> None:
    of = ProbedTarget(target=target(ORDERS, force_ssl="0"), observation=observation)

    found = assessed(of, probed(BILLING), table=stored(ORDERS, BILLING))[PG16]

    assert found.status is ReadinessStatus.NOT_KNOWN
    assert absent((f"orders: {part}",), *found.limitations.shown) == []


def test_a_database_without_a_result_is_named() -> None:
    table = stored(ORDERS, BILLING)
    targets = [target(one, force_ssl="0") for one in (ORDERS, BILLING)]

    found = assessed(probed(ORDERS), table=table, targets=targets)[PG16]

    assert found.status is ReadinessStatus.NOT_KNOWN
    assert absent((f"billing: {BATCH_FAILED}",), found.because) == []


@pytest.mark.parametrize(
    ("observation", "status"),
    [
        pytest.param(GOOD, ReadinessStatus.ALREADY_FORCED, id="in-effect"),
        pytest.param(OPEN, ReadinessStatus.SAFE, id="not-in-effect"),
        pytest.param(
            replace(GOOD, plaintext=unseen("turned off")),
            ReadinessStatus.SAFE,
            id="unknown-on-the-wire",
        ),
    ],
)
def test_already_forced_requires_that_tls_is_forced_in_effect(
    observation: Observation, status: ReadinessStatus
) -> None:
    of = ProbedTarget(target=target(ORDERS), observation=observation)
    with_sessions = replace(of, observation=replace(observation, sessions=GOOD.sessions))

    assert assessed(with_sessions, table=stored(ORDERS))[PG16].status is status


def shared(
    of: Database, *names: str, more: int = 0, members_left_out: tuple[str, ...] = ()
) -> ProbedTarget:
    probe = probed(of)
    sharing = GroupUsers(names=names, more=more, members_left_out=members_left_out)
    configuration = replace(probe.target.configuration, sharing=sharing)
    return replace(probe, target=replace(probe.target, configuration=configuration))


@pytest.mark.parametrize(
    ("fleet", "users"),
    [
        pytest.param([shared(ORDERS, "billing"), shared(BILLING, "orders")], (), id="no-other"),
        pytest.param(
            [shared(ORDERS, "billing", "vault"), shared(BILLING, "orders", "vault")],
            ("vault: ",),
            id="one-out-of-scope",
        ),
        pytest.param(
            [shared(ORDERS, "billing", "a", "b", more=5)],
            ("a: ", "b: ", "billing: ", "5 more users"),
            id="many-out-of-scope",
        ),
        pytest.param(
            [shared(member, more=0) for member in MEMBERS],
            (),
            id="members-are-one-user-of-the-group",
        ),
        pytest.param(
            [shared(member, "vault", members_left_out=("ledger-3",)) for member in MEMBERS],
            ("ledger-3: ", "vault: "),
            id="a-member-out-of-scope-once-for-all-others",
        ),
    ],
)
def test_users_of_the_group_that_are_out_of_scope_are_limitations(
    fleet: list[ProbedTarget], users: tuple[str, ...]
) -> None:
    table = stored(*(probe.target.database for probe in fleet))

    (found,) = assessed(*fleet, table=table).values()

    limitations = found.limitations.shown
    assert len(limitations) == len(users)
    assert all(map(str.startswith, limitations, users))
    assert all("out of scope" in limitation for limitation in limitations)
    assert found.status is (ReadinessStatus.NOT_KNOWN if users else ReadinessStatus.SAFE)


def test_no_group_is_safe_if_rds_did_not_list_every_database() -> None:
    found = assessed(probed(ORDERS), table=stored(ORDERS), complete=False)[PG16]

    assert found.status is ReadinessStatus.NOT_KNOWN


def test_a_database_with_malformed_samples_is_reported_and_hides_no_other() -> None:
    table = replace(stored(ORDERS, *MEMBERS), malformed_resource=BILLING.resource_id)

    found = assessed(*map(probed, (ORDERS, BILLING, *MEMBERS)), table=table)

    assert found[AURORA16].status is ReadinessStatus.SAFE
    assert found[PG16].status is ReadinessStatus.NOT_KNOWN
    assert absent(("billing: ", BILLING.resource_id), *found[PG16].limitations.shown) == []
