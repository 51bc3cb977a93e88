"""A force-ssl failure reports whether forcing TLS is safe, as the latest full run assessed it."""

from dataclasses import replace

import pytest

from rds_tls_audit.fleet.database import TAG_ACCEPT, Database
from rds_tls_audit.fleet.scope import Scope
from rds_tls_audit.pipeline.run import RunKind
from rds_tls_audit.readiness.sampling.observed_client import MAX_CLIENTS, client_key
from rds_tls_audit.stages.steps.find_targets import find_targets
from tests.scenarios.readiness_helpers import (
    MEMBERS,
    NEW,
    ORDERS,
    readiness_of,
    record_five_weeks_of_samples,
    without_plaintext_clients,
)
from tests.scenarios.simulated_account import (
    DAY,
    HOUR,
    SimulatedAccount,
    check_ids,
    finding_id,
    findings_sent_by,
    readiness_in,
)
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
from tests.unit.readiness.history_builder import plaintext_client

ACCEPTED = database("orders-prod", tags={TAG_ACCEPT: "force-ssl until=2026-12-31 ref=RISK-7"})


def test_the_finding_contains_the_readiness_of_the_digest_with_its_date(
    safe_account: SimulatedAccount,
) -> None:
    (line,) = safe_account.topics["digest"].digest.readiness_changes
    text = line.removeprefix("parameter group pg16: ")

    description = safe_account.get_finding("force-ssl", ORDERS.resource_id)["Description"]

    assert description.endswith(f". Is it safe to force TLS? As of 2026-03-01, {text}.")
    assert text.startswith("safe: ")


def test_only_findings_that_ask_to_force_tls_report_the_readiness(
    safe_account: SimulatedAccount,
) -> None:
    force_ssl = finding_id("force-ssl", ORDERS.resource_id)

    assert [key for key, finding in safe_account.hub.findings.items() if readiness_in(finding)] == [
        force_ssl
    ]
    assert len(safe_account.hub.findings) > 1


def test_a_new_database_in_a_safe_parameter_group_is_not_reported_as_safe(
    safe_account: SimulatedAccount,
) -> None:
    safe_account.advance_clock(HOUR)
    safe_account.set_databases(bad(NEW))

    safe_account.run_named("new")
    assert readiness_of(safe_account, NEW) is None

    safe_account.advance_clock(DAY)
    safe_account.run_full()
    assert [readiness_of(safe_account, database) for database in (ORDERS, NEW)] == [
        "check-first"
    ] * 2


def test_a_parameter_group_without_databases_for_months_is_assessed_again(
    safe_account: SimulatedAccount,
) -> None:
    safe_account.delete_databases("orders-prod")
    for _ in range(3):
        safe_account.advance_clock(DAY)
        safe_account.run_full()
    assert readiness_of(safe_account, ORDERS) is None
    safe_account.advance_clock(200 * DAY)
    safe_account.set_databases(without_plaintext_clients(NEW))

    safe_account.run_named("new")
    assert readiness_of(safe_account, NEW) is None

    safe_account.run_full()
    assert readiness_of(safe_account, NEW) == "not-known"


def test_a_parameter_group_that_no_longer_forces_tls_is_not_already_forced(
    safe_account: SimulatedAccount,
) -> None:
    safe_account.set_databases(good(ORDERS))
    safe_account.advance_clock(DAY)
    safe_account.run_full()
    assert readiness_of(safe_account, ORDERS) is None

    safe_account.set_databases(without_plaintext_clients(ORDERS))
    safe_account.advance_clock(HOUR)
    safe_account.run_named("orders-prod")
    assert readiness_of(safe_account, ORDERS) is None

    safe_account.advance_clock(DAY)
    record_five_weeks_of_samples(safe_account, ORDERS)
    safe_account.run_full()
    assert readiness_of(safe_account, ORDERS) == "safe"


def test_a_plaintext_client_of_a_sample_run_counts_in_the_next_full_run(
    safe_account: SimulatedAccount,
) -> None:
    safe_account.set_databases(bad(ORDERS))
    safe_account.advance_clock(HOUR)
    safe_account.run_sample()
    safe_account.set_databases(without_plaintext_clients(ORDERS))
    assert readiness_of(safe_account, ORDERS) == "safe"
    assert (
        "As of 2026-03-01"
        in safe_account.get_finding("force-ssl", ORDERS.resource_id)["Description"]
    )

    safe_account.advance_clock(DAY)
    safe_account.run_full()

    assert readiness_of(safe_account, ORDERS) == "check-first"
    assert (
        "As of 2026-03-02"
        in safe_account.get_finding("force-ssl", ORDERS.resource_id)["Description"]
    )


@pytest.mark.parametrize("kind", [RunKind.NAMED, RunKind.SAMPLE])
def test_only_a_full_run_reports_the_readiness(
    safe_account: SimulatedAccount, kind: RunKind
) -> None:
    safe_account.set_databases(bad(ORDERS))
    safe_account.advance_clock(8 * DAY)

    sent = findings_sent_by(
        safe_account,
        safe_account.run_sample
        if kind is RunKind.SAMPLE
        else lambda: safe_account.run_named("orders-prod"),
    )

    assert "force-ssl" not in check_ids(sent)
    assert readiness_of(safe_account, ORDERS) == "safe"


def test_without_samples_the_readiness_is_not_known_even_after_five_weeks_of_full_runs(
    account: SimulatedAccount,
) -> None:
    account.set_databases(without_plaintext_clients(ORDERS))
    for _ in range(40):
        account.run_full()
        account.advance_clock(DAY)

    finding = account.get_finding("force-ssl", ORDERS.resource_id)
    assert readiness_in(finding) == "not-known"
    assert "no sample was taken in the 35 days before today" in finding["Description"]


def test_a_plaintext_client_that_only_a_named_run_observed_counts(
    account: SimulatedAccount,
) -> None:
    account.set_databases(without_plaintext_clients(ORDERS))
    record_five_weeks_of_samples(account, ORDERS)
    account.set_databases(bad(ORDERS))
    account.run_named("orders-prod")
    account.set_databases(without_plaintext_clients(ORDERS))
    account.advance_clock(HOUR)

    account.run_full()

    assert readiness_of(account, ORDERS) == "check-first"


def test_the_readiness_of_a_cluster_is_reported_once_in_the_finding_of_the_cluster(
    account: SimulatedAccount,
) -> None:
    account.set_databases(without_plaintext_clients(MEMBERS[0]), bad(MEMBERS[1]))

    sent = [
        finding
        for finding in findings_sent_by(account, account.run_full)
        if readiness_in(finding) is not None
    ]

    assert [finding["Id"].rpartition("/")[2] for finding in sent] == ["cluster-LEDGER"]
    assert readiness_of(account, MEMBERS[0]) == "check-first"


@pytest.mark.parametrize("group", ["aurora16", "default.aurora-postgresql16"])
def test_a_cluster_with_a_member_out_of_scope_is_not_safe(
    account: SimulatedAccount, group: str
) -> None:
    of_one = cluster(parameter_group=group)
    members = [replace(database, cluster=of_one) for database in MEMBERS]
    scope = Scope(exclude_names=(members[1].id,))
    (found,) = find_targets((), Rds(members), scope).targets
    in_scope = without_plaintext_clients(members[0])
    configuration = replace(in_scope.target.configuration, sharing=found.configuration.sharing)
    account.set_databases(
        replace(in_scope, target=replace(in_scope.target, configuration=configuration))
    )
    record_five_weeks_of_samples(account, members[0])

    account.run_full()

    assert readiness_of(account, members[0]) == "not-known"
    text = account.get_finding("force-ssl", "cluster-LEDGER")["Description"]
    assert "1 of its 2 databases (ledger-2: it is out of scope" in text


def test_many_old_plaintext_clients_do_not_hide_a_client_encrypted_by_gss(
    account: SimulatedAccount,
) -> None:
    with_gss = without_plaintext_clients(ORDERS)
    sessions = seen(session_view(gss_session()))
    account.set_databases(
        replace(with_gss, observation=replace(with_gss.observation, sessions=sessions))
    )
    record_five_weeks_of_samples(account, ORDERS)
    for number in range(MAX_CLIENTS):
        client = plaintext_client(90, network=f"pod-{number}")
        account.client_history.clients[ORDERS.resource_id][client_key(client)] = client

    account.run_full()

    assert readiness_of(account, ORDERS) == "not-known"


WITHHOLDING = pytest.mark.parametrize(
    ("database", "environment"),
    [
        pytest.param(ACCEPTED, {}, id="accepted"),
        pytest.param(ORDERS, {"DISABLED_CHECKS": "force-ssl"}, id="disabled"),
        pytest.param(ORDERS, {"DEFER_TO_RDS38": "true"}, id="left-to-awss-control"),
    ],
)


@WITHHOLDING
def test_a_withheld_finding_is_not_sent_because_of_its_readiness(
    account: SimulatedAccount, database: Database, environment: dict[str, str]
) -> None:
    account.settings = settings(**environment)
    account.set_databases(bad(database))

    for _ in range(2):
        assert "force-ssl" not in check_ids(findings_sent_by(account, account.run_full))
        account.advance_clock(8 * DAY)


@WITHHOLDING
def test_a_finding_that_is_withheld_later_loses_its_readiness(
    safe_account: SimulatedAccount, database: Database, environment: dict[str, str]
) -> None:
    safe_account.settings = settings(**environment)
    safe_account.set_databases(bad(database))
    safe_account.advance_clock(DAY)

    sent = [
        finding
        for finding in findings_sent_by(safe_account, safe_account.run_full)
        if check_ids([finding]) == ["force-ssl"]
    ]

    assert [(finding["RecordState"], readiness_in(finding)) for finding in sent] == [
        ("ARCHIVED", None)
    ]
