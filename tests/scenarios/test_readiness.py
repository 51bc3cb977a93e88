"""A failure to force TLS says whether forcing is safe: by the full run that has just ended."""

from dataclasses import replace

import pytest

from rds_tls_audit.fleet.database import TAG_ACCEPT, Database
from rds_tls_audit.fleet.scope import Scope
from rds_tls_audit.pipeline.run import RunKind
from rds_tls_audit.readiness.sampling.observed_client import MAX_CLIENTS, client_key
from rds_tls_audit.stages.steps.find_targets import find_targets
from tests.scenarios.readiness_helpers import MEMBERS, NEW, ORDERS, answer_of, quiet, sampled
from tests.scenarios.simulated_account import DAY, HOUR, World, checks, finding_id, said, since
from tests.support.builders import (
    bad,
    cluster,
    database,
    good,
    gss_session,
    seen,
    session_view,
    settings,
)
from tests.support.in_memory_stores import Rds
from tests.unit.readiness.history_builder import clear_client

ACCEPTED = database("orders-prod", tags={TAG_ACCEPT: "force-ssl until=2026-12-31 ref=RISK-7"})


def test_the_finding_reads_what_the_digest_tells_and_since_when(safe: World) -> None:
    (line,) = safe.topics["digest"].letter.answers
    text = line.removeprefix("parameter group pg16: ")

    told = safe.finding("force-ssl", ORDERS.resource_id)["Description"]

    assert told.endswith(f". Is it safe to force TLS? As of 2026-03-01, {text}.")
    assert text.startswith("safe: ")


def test_only_what_asks_for_forcing_says_whether_it_is_safe(safe: World) -> None:
    force_ssl = finding_id("force-ssl", ORDERS.resource_id)

    assert [key for key, it in safe.hub.findings.items() if said(it)] == [force_ssl]
    assert len(safe.hub.findings) > 1


def test_a_new_database_in_a_safe_group_is_not_told_that_it_is_safe(safe: World) -> None:
    safe.later(HOUR)
    safe.put(bad(NEW))

    safe.named("new")
    assert answer_of(safe, NEW) is None

    safe.later(DAY)
    safe.full()
    assert [answer_of(safe, it) for it in (ORDERS, NEW)] == ["check-first"] * 2


def test_a_group_that_was_empty_for_long_is_answered_for_anew(safe: World) -> None:
    safe.remove("orders-prod")
    for _ in range(3):
        safe.later(DAY)
        safe.full()
    assert answer_of(safe, ORDERS) is None
    safe.later(200 * DAY)
    safe.put(quiet(NEW))

    safe.named("new")
    assert answer_of(safe, NEW) is None

    safe.full()
    assert answer_of(safe, NEW) == "not-known"


def test_a_group_that_was_forced_and_is_set_back_is_not_already_forced(safe: World) -> None:
    safe.put(good(ORDERS))
    safe.later(DAY)
    safe.full()
    assert answer_of(safe, ORDERS) is None

    safe.put(quiet(ORDERS))
    safe.later(HOUR)
    safe.named("orders-prod")
    assert answer_of(safe, ORDERS) is None

    safe.later(DAY)
    sampled(safe, ORDERS)
    safe.full()
    assert answer_of(safe, ORDERS) == "safe"


def test_a_client_that_a_sample_saw_in_clear_counts_in_the_next_full_run(safe: World) -> None:
    safe.put(bad(ORDERS))
    safe.later(HOUR)
    safe.sample()
    safe.put(quiet(ORDERS))
    assert answer_of(safe, ORDERS) == "safe"
    assert "As of 2026-03-01" in safe.finding("force-ssl", ORDERS.resource_id)["Description"]

    safe.later(DAY)
    safe.full()

    assert answer_of(safe, ORDERS) == "check-first"
    assert "As of 2026-03-02" in safe.finding("force-ssl", ORDERS.resource_id)["Description"]


@pytest.mark.parametrize("kind", [RunKind.NAMED, RunKind.SAMPLE])
def test_only_a_full_run_answers(safe: World, kind: RunKind) -> None:
    safe.put(bad(ORDERS))
    safe.later(8 * DAY)

    sent = since(safe, safe.sample if kind is RunKind.SAMPLE else lambda: safe.named("orders-prod"))

    assert "force-ssl" not in checks(sent)
    assert answer_of(safe, ORDERS) == "safe"


def test_five_weeks_of_full_runs_without_a_sample_answer_nothing(world: World) -> None:
    world.put(quiet(ORDERS))
    for _ in range(40):
        world.full()
        world.later(DAY)

    told = world.finding("force-ssl", ORDERS.resource_id)
    assert said(told) == "not-known"
    assert "no sample was taken on the 35 days before today" in told["Description"]


def test_whoever_a_named_run_sees_in_clear_counts_without_a_sample(world: World) -> None:
    world.put(quiet(ORDERS))
    sampled(world, ORDERS)
    world.put(bad(ORDERS))
    world.named("orders-prod")
    world.put(quiet(ORDERS))
    world.later(HOUR)

    world.full()

    assert answer_of(world, ORDERS) == "check-first"


def test_the_members_of_a_cluster_say_it_once_on_the_finding_of_the_cluster(world: World) -> None:
    world.put(quiet(MEMBERS[0]), bad(MEMBERS[1]))

    sent = [it for it in since(world, world.full) if said(it) is not None]

    assert [it["Id"].rpartition("/")[2] for it in sent] == ["cluster-LEDGER"]
    assert answer_of(world, MEMBERS[0]) == "check-first"


@pytest.mark.parametrize("group", ["aurora16", "default.aurora-postgresql16"])
def test_a_cluster_of_which_a_member_is_out_of_scope_is_not_safe(world: World, group: str) -> None:
    of_one = cluster(parameter_group=group)
    members = [replace(it, cluster=of_one) for it in MEMBERS]
    scope = Scope(exclude_names=(members[1].id,))
    (found,) = find_targets((), Rds(members), scope).targets
    in_scope = quiet(members[0])
    configuration = replace(in_scope.target.configuration, sharing=found.configuration.sharing)
    world.put(replace(in_scope, target=replace(in_scope.target, configuration=configuration)))
    sampled(world, members[0])

    world.full()

    assert answer_of(world, members[0]) == "not-known"
    text = world.finding("force-ssl", "cluster-LEDGER")["Description"]
    assert "1 of its 2 databases: ledger-2: out of scope" in text


def test_crowds_of_long_ago_do_not_hide_a_client_that_gss_encrypts(world: World) -> None:
    with_gss = quiet(ORDERS)
    sessions = seen(session_view(gss_session()))
    world.put(replace(with_gss, observation=replace(with_gss.observation, sessions=sessions)))
    sampled(world, ORDERS)
    for number in range(MAX_CLIENTS):
        gone = clear_client(90, network=f"pod-{number}")
        world.sightings.clients[ORDERS.resource_id][client_key(gone)] = gone

    world.full()

    assert answer_of(world, ORDERS) == "not-known"


WITHHOLDING = pytest.mark.parametrize(
    ("of", "environment"),
    [
        pytest.param(ACCEPTED, {}, id="accepted"),
        pytest.param(ORDERS, {"DISABLED_CHECKS": "force-ssl"}, id="disabled"),
        pytest.param(ORDERS, {"DEFER_TO_RDS38": "true"}, id="left-to-awss-control"),
    ],
)


@WITHHOLDING
def test_what_is_withheld_is_not_sent_for_the_sake_of_its_answer(
    world: World, of: Database, environment: dict[str, str]
) -> None:
    world.settings = settings(**environment)
    world.put(bad(of))

    for _ in range(2):
        assert "force-ssl" not in checks(since(world, world.full))
        world.later(8 * DAY)


@WITHHOLDING
def test_what_is_withheld_later_loses_its_answer_and_gets_no_other(
    safe: World, of: Database, environment: dict[str, str]
) -> None:
    safe.settings = settings(**environment)
    safe.put(bad(of))
    safe.later(DAY)

    sent = [it for it in since(safe, safe.full) if checks([it]) == ["force-ssl"]]

    assert [(it["RecordState"], said(it)) for it in sent] == [("ARCHIVED", None)]
