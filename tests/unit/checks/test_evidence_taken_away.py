"""The property behind every verdict: what was not seen never counts for or against a database."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples

from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.evaluation import evaluate_database
from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.checks.verdict import Status, Verdict
from rds_tls_audit.evidence.observed import Seen, Unseen
from rds_tls_audit.fleet.configuration import Configuration, ParameterGroup, Target
from rds_tls_audit.pipeline.messages import ProbedTarget
from tests.support.builders import GOOD, database, run, session_view, settings
from tests.support.empty_evidence import blank_case
from tests.support.generated_evidence import TAKEN_AWAY, cases

CHECKS = [pytest.param(check, id=check.id) for check in all_checks()]
FIELDS = (
    "group",
    "plaintext",
    "legacy_tls",
    "weak_ciphers",
    "certificate",
    "certificate_valid_till",
    "authority",
    "settings",
    "tls",
    "sessions",
)
OPPOSITE = {Status.PASSED: Status.FAILED, Status.FAILED: Status.PASSED}

exhaustively = examples(derandomize=True, deadline=None, max_examples=150)
widely = examples(derandomize=True, deadline=None, max_examples=100)


def without(case: DatabaseEvidence, *fields: str) -> DatabaseEvidence:
    changes: dict[str, Any] = dict.fromkeys(fields, TAKEN_AWAY)
    return replace(case, **changes)


def with_less(case: DatabaseEvidence) -> Iterator[DatabaseEvidence]:
    """Yield the case without each subset of what was seen of it."""
    there = [field for field in FIELDS if isinstance(getattr(case, field), Seen)]
    for size in range(1, len(there) + 1):
        for taken in combinations(there, size):
            yield without(case, *taken)


def with_less_inside(case: DatabaseEvidence) -> Iterator[DatabaseEvidence]:
    """Yield the case with one piece of evidence missing inside of what was seen."""
    yield replace(case, apply_status=None)
    if isinstance(case.group, Seen):
        for name in case.group.value.parameters:
            yield replace(case, group=Seen(value=without_parameter(case.group.value, name)))
    if isinstance(case.settings, Seen):
        for name in case.settings.value:
            rest = {key: value for key, value in case.settings.value.items() if key != name}
            yield replace(case, settings=Seen(value=rest))
    if isinstance(case.sessions, Seen):
        yield replace(
            case,
            sessions=Seen(value=replace(case.sessions.value, why_partial="the rest is hidden")),
        )
        yield replace(case, sessions=Seen(value=replace(case.sessions.value, groups_cut=1)))


def without_parameter(group: ParameterGroup, name: str) -> ParameterGroup:
    rest = {key: value for key, value in group.parameters.items() if key != name}
    return replace(group, parameters=rest)


def statuses(case: DatabaseEvidence) -> dict[str, Status]:
    return {check.id: check.evaluate(case).status for check in all_checks()}


def turned(before: dict[str, Status], after: dict[str, Status]) -> list[str]:
    return [
        f"{check}: {status} becomes {after[check]}"
        for check, status in before.items()
        if after[check] is OPPOSITE.get(status)
    ]


@exhaustively
@given(cases())
def test_whatever_is_taken_away_passed_never_becomes_failed_nor_failed_passed(
    case: DatabaseEvidence,
) -> None:
    before = statuses(case)

    for less in with_less(case):
        assert turned(before, statuses(less)) == [], less


@widely
@given(cases())
def test_nor_where_it_is_missing_inside_of_what_was_seen(case: DatabaseEvidence) -> None:
    before = statuses(case)

    for less in with_less_inside(case):
        assert turned(before, statuses(less)) == [], less


PRIMARY = {
    "force-ssl": "group",
    "force-ssl-in-effect": "plaintext",
    "plaintext-refused": "plaintext",
    "sessions-encrypted": "sessions",
    "sessions-modern-tls": "sessions",
    "minimum-protocol": "settings",
    "legacy-tls-refused": "legacy_tls",
    "weak-ciphers-refused": "weak_ciphers",
    "certificate-trusted": "certificate",
    "certificate-current": "certificate",
}
FALLS_BACK = {"force-ssl-in-effect", "minimum-protocol", "certificate-current"}


@widely
@given(cases())
def test_a_source_to_fall_back_on_never_makes_a_check_pass(case: DatabaseEvidence) -> None:
    for check in all_checks():
        status = check.evaluate(without(case, PRIMARY[check.id])).status

        assert status is not Status.PASSED
        assert check.id in FALLS_BACK or status is Status.UNKNOWN


CAN_WARN = {"force-ssl-in-effect", "sessions-modern-tls", "minimum-protocol", "certificate-current"}


def test_the_generated_cases_reach_every_status_of_the_table() -> None:
    reached: set[tuple[str, Status]] = set()

    @examples(derandomize=True, deadline=None, max_examples=500)
    @given(cases())
    def collect(case: DatabaseEvidence) -> None:
        reached.update(statuses(case).items())

    collect()

    assert reached == {
        (check.id, status)
        for check in all_checks()
        for status in Status
        if status is not Status.WARNING or check.id in CAN_WARN
    }


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("major_version", [0, 9, 10, 11, 12, 18])
@pytest.mark.parametrize("apply_status", [None, "in-sync", "pending-reboot"])
def test_without_any_evidence_every_check_is_unknown_for_the_reason(
    check: Check, major_version: int, apply_status: str | None
) -> None:
    verdict = check.evaluate(blank_case(major_version=major_version, apply_status=apply_status))

    assert verdict.status is Status.UNKNOWN
    assert major_version in range(1, 12) or "not looked at" in verdict.because


@widely
@given(cases())
def test_every_check_gives_one_verdict_with_one_sentence(case: DatabaseEvidence) -> None:
    for check in all_checks():
        verdict = check.evaluate(case)

        assert isinstance(verdict, Verdict)
        assert verdict.because
        assert verdict.because == verdict.because.strip()
        assert verdict.because.isprintable()
        assert ". " not in verdict.because
        assert not verdict.because.endswith(".")


@widely
@given(cases())
def test_a_fingerprint_names_no_count_address_or_application(case: DatabaseEvidence) -> None:
    if not isinstance(case.sessions, Seen):
        return
    view = case.sessions.value
    told_otherwise = tuple(
        replace(group, count=group.count + 1, network="10.9.9.9", application="another")
        for group in view.groups
    )
    later = session_view(*told_otherwise, why_partial=view.why_partial, groups_cut=view.groups_cut)
    other = replace(case, sessions=Seen(value=later))

    for check in all_checks():
        assert check.evaluate(other).fingerprint == check.evaluate(case).fingerprint


@widely
@given(cases())
def test_judging_gives_one_judgement_for_each_check_in_order(case: DatabaseEvidence) -> None:
    evaluations = evaluate_database(witnessed_as(case), run(), settings())

    assert [evaluation.check for evaluation in evaluations] == list(all_checks())


def witnessed_as(case: DatabaseEvidence) -> ProbedTarget:
    return ProbedTarget(
        target=Target(
            database=database(
                engine_version=f"{case.major_version}.4", apply_status=case.apply_status
            ),
            configuration=Configuration(group=case.group, authority=case.authority),
        ),
        observation=replace(
            GOOD,
            plaintext=case.plaintext,
            legacy_tls=case.legacy_tls,
            weak_ciphers=case.weak_ciphers,
            certificate=case.certificate,
            settings=case.settings,
            sessions=case.sessions,
        ),
    )


def test_every_piece_of_evidence_of_a_case_is_taken_away() -> None:
    evidence = [
        field
        for field in DatabaseEvidence.__dataclass_fields__
        if isinstance(getattr(blank_case(), field), Unseen)
    ]

    assert set(evidence) == set(FIELDS)
