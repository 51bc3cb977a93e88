"""A run evaluates the checks that it collects evidence for, and no others."""

from dataclasses import replace

import pytest

from rds_tls_audit.checks.evaluation import evaluate_database
from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.pipeline.messages import ProbedTarget
from rds_tls_audit.pipeline.run import RunKind
from tests.support.builders import bad, database, good, run, settings

SESSION_CHECKS = ["sessions-encrypted", "sessions-modern-tls"]


@pytest.mark.parametrize("kind", [RunKind.FULL, RunKind.NAMED])
def test_full_and_named_runs_evaluate_every_check_in_order(kind: RunKind) -> None:
    evaluations = evaluate_database(good(database()), run(kind), settings())

    assert [evaluation.check for evaluation in evaluations] == list(all_checks())


@pytest.mark.parametrize("probed", [good(database()), bad(database())], ids=["good", "bad"])
def test_a_sample_run_evaluates_only_the_session_checks_and_as_a_full_run_does(
    probed: ProbedTarget,
) -> None:
    sampled = evaluate_database(probed, run(RunKind.SAMPLE), settings())

    assert [evaluation.check.id for evaluation in sampled] == SESSION_CHECKS
    full = [
        evaluation
        for evaluation in evaluate_database(probed, run(), settings())
        if evaluation.check.id in SESSION_CHECKS
    ]
    for in_sample_run, in_full_run in zip(sampled, full, strict=True):
        # The cause can be a check that a sample run does not evaluate.
        assert replace(in_sample_run, cause=in_full_run.cause) == in_full_run


@pytest.mark.parametrize(
    ("hours", "status"),
    [(299 * 24, Status.WARNING), (301 * 24, Status.FAILED), (0, Status.PASSED)],
    ids=["a-day-before", "a-day-after", "long-before"],
)
def test_dates_are_compared_with_the_time_of_the_run(hours: float, status: Status) -> None:
    evaluations = evaluate_database(good(database()), run(hours=hours), settings())

    statuses = {evaluation.check.id: evaluation.verdict.status for evaluation in evaluations}
    assert statuses["certificate-current"] is status
