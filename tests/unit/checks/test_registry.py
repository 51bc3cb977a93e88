import pkgutil

import pytest

from rds_tls_audit.checks import catalog
from rds_tls_audit.checks.check import Check
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


def test_the_table_is_the_one_of_the_design() -> None:
    assert [(check.id, check.severity) for check in all_checks()] == TABLE


def test_every_module_of_the_folder_is_found_as_the_check_it_is_named_after() -> None:
    modules = {module.name.replace("_", "-") for module in pkgutil.iter_modules(catalog.__path__)}

    assert modules == {check.id for check in all_checks()}


def test_ids_positions_and_titles_are_unique() -> None:
    for values in (
        {check.id for check in all_checks()},
        {check.position for check in all_checks()},
        {check.title for check in all_checks()},
    ):
        assert len(values) == len(TABLE)


def test_the_checks_about_sessions_are_the_two() -> None:
    about_sessions = [check.id for check in all_checks() if check.session_based]

    assert about_sessions == ["sessions-encrypted", "sessions-modern-tls"]


def test_force_ssl_alone_is_told_once_a_cluster_and_by_aws_too() -> None:
    assert [check.id for check in all_checks() if check.per_cluster] == ["force-ssl"]
    assert [check.id for check in all_checks() if check.covered_by_rds38] == ["force-ssl"]


@EACH
def test_a_remedy_fits_into_a_finding(check: Check) -> None:
    assert 0 < len(check.remedy) <= 512


@EACH
def test_a_title_fits_into_a_finding_and_claims(check: Check) -> None:
    assert 0 < len(check.title) <= 200
    assert " should " in check.title


@EACH
def test_a_check_asks_a_question(check: Check) -> None:
    assert check.question.endswith("?")


@EACH
def test_only_a_check_about_sessions_can_be_settled(check: Check) -> None:
    assert (check.cannot_recur is not None) is check.session_based
