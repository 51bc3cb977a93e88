"""The property behind every verdict: missing evidence never counts for or against a database."""

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
from tests.support.empty_evidence import NOT_PROBED, empty_evidence
from tests.support.generated_evidence import REMOVED, database_evidence

pytestmark = pytest.mark.thorough

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


def without(evidence: DatabaseEvidence, *fields: str) -> DatabaseEvidence:
    changes: dict[str, Any] = dict.fromkeys(fields, REMOVED)
    return replace(evidence, **changes)


def with_less(evidence: DatabaseEvidence) -> Iterator[DatabaseEvidence]:
    """Yield the evidence without each subset of the fields that are seen."""
    present = [field for field in FIELDS if isinstance(getattr(evidence, field), Seen)]
    for size in range(1, len(present) + 1):
        for removed in combinations(present, size):
            yield without(evidence, *removed)


def with_less_inside(evidence: DatabaseEvidence) -> Iterator[DatabaseEvidence]:
    """Yield the evidence with one value missing within a field that is seen."""
    yield replace(evidence, apply_status=None)
    if isinstance(evidence.group, Seen):
        for name in evidence.group.value.parameters:
            yield replace(evidence, group=Seen(value=without_parameter(evidence.group.value, name)))
    if isinstance(evidence.settings, Seen):
        for name in evidence.settings.value:
            rest = {key: value for key, value in evidence.settings.value.items() if key != name}
            yield replace(evidence, settings=Seen(value=rest))
    if isinstance(evidence.sessions, Seen):
        yield replace(
            evidence,
            sessions=Seen(value=replace(evidence.sessions.value, why_partial="the rest is hidden")),
        )
        yield replace(evidence, sessions=Seen(value=replace(evidence.sessions.value, groups_cut=1)))


def without_parameter(group: ParameterGroup, name: str) -> ParameterGroup:
    rest = {key: value for key, value in group.parameters.items() if key != name}
    return replace(group, parameters=rest)


def statuses(evidence: DatabaseEvidence) -> dict[str, Status]:
    return {check.id: check.evaluate(evidence).status for check in all_checks()}


def reversed_verdicts(before: dict[str, Status], after: dict[str, Status]) -> list[str]:
    return [
        f"{check}: {status} becomes {after[check]}"
        for check, status in before.items()
        if after[check] is OPPOSITE.get(status)
    ]


@exhaustively
@given(database_evidence())
def test_without_any_of_its_evidence_passed_never_becomes_failed_nor_failed_passed(
    evidence: DatabaseEvidence,
) -> None:
    before = statuses(evidence)

    for less in with_less(evidence):
        assert reversed_verdicts(before, statuses(less)) == [], less


@widely
@given(database_evidence())
def test_without_one_value_of_a_field_passed_never_becomes_failed_nor_failed_passed(
    evidence: DatabaseEvidence,
) -> None:
    before = statuses(evidence)

    for less in with_less_inside(evidence):
        assert reversed_verdicts(before, statuses(less)) == [], less


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
@given(database_evidence())
def test_a_fallback_source_never_makes_a_check_pass(evidence: DatabaseEvidence) -> None:
    for check in all_checks():
        status = check.evaluate(without(evidence, PRIMARY[check.id])).status

        assert status is not Status.PASSED
        assert check.id in FALLS_BACK or status is Status.UNKNOWN


CAN_WARN = {"force-ssl-in-effect", "sessions-modern-tls", "minimum-protocol", "certificate-current"}


def test_the_generated_evidence_reaches_every_status_of_every_check() -> None:
    reached: set[tuple[str, Status]] = set()

    @examples(derandomize=True, deadline=None, max_examples=500)
    @given(database_evidence())
    def collect(evidence: DatabaseEvidence) -> None:
        reached.update(statuses(evidence).items())

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
def test_without_any_evidence_every_check_is_unknown_with_the_reason(
    check: Check, major_version: int, apply_status: str | None
) -> None:
    verdict = check.evaluate(empty_evidence(major_version=major_version, apply_status=apply_status))

    assert verdict.status is Status.UNKNOWN
    assert major_version in range(1, 12) or NOT_PROBED.reason in verdict.because


@widely
@given(database_evidence())
def test_every_verdict_explains_itself_in_one_clause(evidence: DatabaseEvidence) -> None:
    for check in all_checks():
        verdict = check.evaluate(evidence)

        assert isinstance(verdict, Verdict)
        assert verdict.because
        assert verdict.because == verdict.because.strip()
        assert verdict.because.isprintable()
        assert ". " not in verdict.because
        assert not verdict.because.endswith(".")


@widely
@given(database_evidence())
def test_a_fingerprint_contains_no_count_address_or_application(evidence: DatabaseEvidence) -> None:
    if not isinstance(evidence.sessions, Seen):
        return
    view = evidence.sessions.value
    other_clients = tuple(
        replace(group, count=group.count + 1, network="10.9.9.9", application="another")
        for group in view.groups
    )
    later = session_view(*other_clients, why_partial=view.why_partial, groups_cut=view.groups_cut)
    other = replace(evidence, sessions=Seen(value=later))

    for check in all_checks():
        assert check.evaluate(other).fingerprint == check.evaluate(evidence).fingerprint


@widely
@given(database_evidence())
def test_a_database_gets_one_evaluation_for_each_check_in_order(evidence: DatabaseEvidence) -> None:
    evaluations = evaluate_database(probed_target(evidence), run(), settings())

    assert [evaluation.check for evaluation in evaluations] == list(all_checks())


def probed_target(evidence: DatabaseEvidence) -> ProbedTarget:
    return ProbedTarget(
        target=Target(
            database=database(
                engine_version=f"{evidence.major_version}.4", apply_status=evidence.apply_status
            ),
            configuration=Configuration(group=evidence.group, authority=evidence.authority),
        ),
        observation=replace(
            GOOD,
            plaintext=evidence.plaintext,
            legacy_tls=evidence.legacy_tls,
            weak_ciphers=evidence.weak_ciphers,
            certificate=evidence.certificate,
            settings=evidence.settings,
            sessions=evidence.sessions,
        ),
    )


def test_every_field_that_can_be_unseen_is_removed_in_turn() -> None:
    fields = [
        field
        for field in DatabaseEvidence.__dataclass_fields__
        if isinstance(getattr(empty_evidence(), field), Unseen)
    ]

    assert set(fields) == set(FIELDS)
