"""The checks of the catalog: ids, severities, and texts that fit into a finding."""

import pkgutil

import pytest

from rds_tls_audit.checks import catalog
from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.evaluation import MAX_REMEDY
from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.checks.verdict import Severity

TABLE = [
    ("force-ssl", Severity.MEDIUM),
    ("force-ssl-in-effect", Severity.MEDIUM),
    ("plaintext-refused", Severity.HIGH),
    ("sessions-encrypted", Severity.HIGH),
    ("sessions-modern-tls", Severity.MEDIUM),
    ("minimum-protocol", Severity.MEDIUM),
    ("legacy-tls-refused", Severity.MEDIUM),
    ("weak-ciphers-refused", Severity.MEDIUM),
    ("certificate-trusted", Severity.HIGH),
    ("certificate-current", Severity.HIGH),
]
EACH = pytest.mark.parametrize(
    "check", [pytest.param(check, id=check.id) for check in all_checks()]
)


def test_ids_severities_and_order_do_not_change() -> None:
    assert [(check.id, check.severity) for check in all_checks()] == TABLE


def test_every_module_of_the_catalog_is_registered_as_the_check_it_is_named_after() -> None:
    modules = {module.name.replace("_", "-") for module in pkgutil.iter_modules(catalog.__path__)}

    assert modules == {check.id for check in all_checks()}


def test_ids_positions_and_titles_are_unique() -> None:
    for values in (
        {check.id for check in all_checks()},
        {check.position for check in all_checks()},
        {check.title for check in all_checks()},
    ):
        assert len(values) == len(TABLE)


def test_two_checks_are_based_on_sessions() -> None:
    session_based = [check.id for check in all_checks() if check.session_based]

    assert session_based == ["sessions-encrypted", "sessions-modern-tls"]


def test_only_force_ssl_has_one_finding_for_a_cluster_and_is_covered_by_rds38() -> None:
    assert [check.id for check in all_checks() if check.per_cluster] == ["force-ssl"]
    assert [check.id for check in all_checks() if check.covered_by_rds38] == ["force-ssl"]


@EACH
def test_a_remedy_fits_into_a_finding(check: Check) -> None:
    assert 0 < len(check.remedy) <= MAX_REMEDY == 512


@EACH
def test_a_title_fits_into_a_finding_and_states_what_is_required(check: Check) -> None:
    assert 0 < len(check.title) <= 200
    assert " should " in check.title


@EACH
def test_a_check_asks_a_question(check: Check) -> None:
    assert check.question.endswith("?")


@EACH
def test_exactly_the_session_based_checks_say_whether_a_fault_can_recur(check: Check) -> None:
    assert (check.cannot_recur is not None) is check.session_based
