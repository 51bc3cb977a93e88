"""A run judges the checks whose evidence it asked for, and no other."""

from dataclasses import replace

import pytest

from rds_tls_audit.checks.evaluation import evaluate_database
from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.pipeline.messages import ProbedTarget
from rds_tls_audit.pipeline.run import RunKind
from tests.support.builders import bad, database, good, run, settings

OF_SESSIONS = ["sessions-encrypted", "sessions-modern-tls"]


@pytest.mark.parametrize("kind", [RunKind.FULL, RunKind.NAMED])
def test_full_and_named_runs_judge_every_check_in_order(kind: RunKind) -> None:
    evaluations = evaluate_database(good(database()), run(kind), settings())

    assert [evaluation.check for evaluation in evaluations] == list(all_checks())


@pytest.mark.parametrize("witnessed", [good(database()), bad(database())], ids=["good", "bad"])
def test_a_sample_run_judges_the_session_checks_alone_and_as_a_full_run_would(
    witnessed: ProbedTarget,
) -> None:
    sampled = evaluate_database(witnessed, run(RunKind.SAMPLE), settings())

    assert [evaluation.check.id for evaluation in sampled] == OF_SESSIONS
    in_full = [
        it for it in evaluate_database(witnessed, run(), settings()) if it.check.id in OF_SESSIONS
    ]
    for one, other in zip(sampled, in_full, strict=True):
        # The cause may be a check that a sample run does not judge.
        assert replace(one, cause=other.cause) == other


@pytest.mark.parametrize(
    ("hours", "status"),
    [(299 * 24, Status.WARNING), (301 * 24, Status.FAILED), (0, Status.PASSED)],
    ids=["a-day-before", "a-day-after", "long-before"],
)
def test_dates_are_compared_with_the_time_of_the_run(hours: float, status: Status) -> None:
    evaluations = evaluate_database(good(database()), run(hours=hours), settings())

    (current,) = [it for it in evaluations if it.check.id == "certificate-current"]
    assert current.verdict.status is status
