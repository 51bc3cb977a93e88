"""The answers of a run: one for each deciding group, from what was remembered of its databases."""

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
from rds_tls_audit.results.batch_result import DatabaseResult
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
from tests.unit.readiness.history_builder import absent, clear_client, last_days, tls_client

ORDERS, BILLING = database("orders"), database("billing")
MEMBERS = [database(f"ledger-{number}", cluster=cluster()) for number in (1, 2)]
PG16 = GroupKey(name="pg16", of_cluster=False)
AURORA16 = GroupKey(name="aurora16", of_cluster=True)
PROXY = tls_session(role="rdsproxyadmin")


def remembered(*databases: Database) -> in_memory_stores.ClientHistory:
    """Every day as planned, and one client with TLS on each."""
    table = in_memory_stores.ClientHistory()
    client = tls_client()
    for one in databases:
        table.clients[one.resource_id] = {client_key(client): client}
        table.days[one.resource_id] = {day.day: day for day in last_days()}
    return table


def witnessed(of: Database, observation: Observation = OPEN) -> ProbedTarget:
    sessions = seen(session_view(tls_session()))
    return replace(bad(of), observation=replace(observation, sessions=sessions))


def answered(
    *all_of_it: ProbedTarget,
    table: in_memory_stores.ClientHistory,
    targets: Sequence[Target] | None = None,
    complete: bool = True,
) -> Mapping[GroupKey, ReadinessAssessment]:
    results = [database_result(one) for one in all_of_it]
    return by_group(results, targets or [one.target for one in all_of_it], table, complete=complete)


def by_group(
    results: Sequence[DatabaseResult],
    targets: Sequence[Target],
    table: in_memory_stores.ClientHistory,
    *,
    complete: bool = True,
) -> Mapping[GroupKey, ReadinessAssessment]:
    found = assess_groups(run(), targets, results, settings(), table, complete=complete)
    return {answer.group: answer for answer in found}


def test_each_deciding_group_has_one_answer_for_all_its_databases() -> None:
    fleet = [ORDERS, BILLING, *MEMBERS]
    unlisted = database("lost-1", cluster=unlisted_cluster())

    found = answered(*(witnessed(one) for one in [*fleet, unlisted]), table=remembered(*fleet))

    assert {key: answer.databases for key, answer in found.items()} == {
        PG16: ("orders", "billing"),
        AURORA16: ("ledger-1", "ledger-2"),
    }
    assert {answer.status for answer in found.values()} == {ReadinessStatus.SAFE}


def test_a_client_in_clear_on_one_member_decides_for_the_cluster() -> None:
    table = remembered(*MEMBERS)
    table.clients[MEMBERS[1].resource_id]["x"] = clear_client(application="psql")

    found = answered(*(witnessed(one) for one in MEMBERS), table=table)[AURORA16]

    assert found.status is ReadinessStatus.CHECK_FIRST
    assert [(one.who, one.database) for one in found.clients] == [("orders_app (psql)", "ledger-2")]


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
def test_what_this_run_saw_keeps_it_from_safe(observation: Observation, part: str) -> None:
    of = ProbedTarget(target=target(ORDERS, force_ssl="0"), observation=observation)

    found = answered(of, witnessed(BILLING), table=remembered(ORDERS, BILLING))[PG16]

    assert found.status is ReadinessStatus.NOT_KNOWN
    assert absent((f"orders: {part}",), found.because) == []


def test_a_database_without_a_result_is_named() -> None:
    table = remembered(ORDERS, BILLING)
    targets = [target(one, force_ssl="0") for one in (ORDERS, BILLING)]

    found = answered(witnessed(ORDERS), table=table, targets=targets)[PG16]

    assert found.status is ReadinessStatus.NOT_KNOWN
    assert absent(("billing: its batch was lost",), found.because) == []


@pytest.mark.parametrize(
    ("observation", "form"),
    [
        pytest.param(GOOD, ReadinessStatus.ALREADY_FORCED, id="in-effect"),
        pytest.param(OPEN, ReadinessStatus.SAFE, id="not-in-effect"),
        pytest.param(
            replace(GOOD, plaintext=unseen("turned off")),
            ReadinessStatus.SAFE,
            id="not-seen-on-the-wire",
        ),
    ],
)
def test_already_forced_is_said_only_of_what_is_in_effect(
    observation: Observation, form: ReadinessStatus
) -> None:
    of = ProbedTarget(target=target(ORDERS), observation=observation)
    clear = replace(of, observation=replace(observation, sessions=GOOD.sessions))

    assert answered(clear, table=remembered(ORDERS))[PG16].status is form


def shared(
    of: Database, *names: str, more: int = 0, members_left_out: tuple[str, ...] = ()
) -> ProbedTarget:
    one = witnessed(of)
    sharing = GroupUsers(names=names, more=more, members_left_out=members_left_out)
    configuration = replace(one.target.configuration, sharing=sharing)
    return replace(one, target=replace(one.target, configuration=configuration))


@pytest.mark.parametrize(
    ("fleet", "missing"),
    [
        pytest.param([shared(ORDERS, "billing"), shared(BILLING, "orders")], (), id="nobody-else"),
        pytest.param(
            [shared(ORDERS, "billing", "vault"), shared(BILLING, "orders", "vault")],
            ("vault: out of scope, so not looked at",),
            id="one-out-of-scope",
        ),
        pytest.param(
            [shared(ORDERS, "billing", "a", "b", more=5)],
            (
                "a: out of scope, so not looked at",
                "b: out of scope, so not looked at",
                "billing: out of scope, so not looked at",
                "5 more users of the group are out of scope",
            ),
            id="many-out-of-scope",
        ),
        pytest.param(
            [shared(one, more=0) for one in MEMBERS], (), id="members-are-one-user-of-the-group"
        ),
        pytest.param(
            [shared(one, "vault", members_left_out=("ledger-3",)) for one in MEMBERS],
            (
                "ledger-3: out of scope, so not looked at",
                "vault: out of scope, so not looked at",
            ),
            id="a-member-out-of-scope-once-for-all-others",
        ),
    ],
)
def test_whoever_shares_the_group_out_of_scope_is_missing(
    fleet: list[ProbedTarget], missing: tuple[str, ...]
) -> None:
    table = remembered(*(one.target.database for one in fleet))

    (found,) = answered(*fleet, table=table).values()

    assert found.missing == missing
    assert found.status is (ReadinessStatus.NOT_KNOWN if missing else ReadinessStatus.SAFE)


def test_where_rds_did_not_list_everything_nothing_is_called_safe() -> None:
    found = answered(witnessed(ORDERS), table=remembered(ORDERS), complete=False)[PG16]

    assert found.status is ReadinessStatus.NOT_KNOWN


def test_one_database_that_cannot_be_read_is_told_and_hides_no_other() -> None:
    table = replace(remembered(ORDERS, *MEMBERS), spoiled=BILLING.resource_id)

    found = answered(*(witnessed(one) for one in (ORDERS, BILLING, *MEMBERS)), table=table)

    assert found[AURORA16].status is ReadinessStatus.SAFE
    assert found[PG16].status is ReadinessStatus.NOT_KNOWN
    part = "billing: what was remembered of it cannot be read: the item db#db-BILLING is"
    assert absent((part,), *found[PG16].missing) == []
