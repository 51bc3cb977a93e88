"""Discover databases with the real adapter against the server of a test."""

from collections.abc import Mapping

from rds_tls_audit.adapters.rds.api import RdsApi
from rds_tls_audit.checks.evaluation import evaluate_database
from rds_tls_audit.checks.verdict import Verdict
from rds_tls_audit.evidence.observation import Observation
from rds_tls_audit.evidence.observed import Observed, Unseen
from rds_tls_audit.fleet.configuration import ParameterGroup, Target
from rds_tls_audit.fleet.scope import Scope
from rds_tls_audit.pipeline.messages import ProbedTarget
from rds_tls_audit.stages.steps.find_targets import DiscoveredTargets, find_targets
from tests.support.builders import run, settings

CONFIGURED = ("force-ssl", "force-ssl-in-effect", "minimum-protocol")
"""The checks that can be evaluated from the configuration alone."""


def find(*names: str, ignore_missing: bool = False) -> DiscoveredTargets:
    """Find these databases, or all."""
    return find_targets(names, RdsApi(), Scope(), ignore_missing=ignore_missing)


def deciding_groups(discovery: DiscoveredTargets) -> dict[str, Observed[ParameterGroup]]:
    """Return the deciding group of each database, by its identifier."""
    return {target.database.id: target.configuration.group for target in discovery.targets}


def values(discovery: DiscoveredTargets, parameter: str = "rds.force_ssl") -> dict[str, str | None]:
    """Return the value of a parameter for each database, or the reason why it is not known."""
    return {
        name: group.value.parameters[parameter].value
        if not isinstance(group, Unseen)
        else group.reason
        for name, group in deciding_groups(discovery).items()
    }


def verdicts(target: Target) -> Mapping[str, Verdict]:
    """Return the verdicts of a database of which only the configuration is known."""
    reason = target.database.reason_not_connectable() or "the server did not respond"
    unprobed = ProbedTarget(target=target, observation=Observation.unseen(reason))
    evaluations = evaluate_database(unprobed, run(), settings())
    return {evaluation.check.id: evaluation.verdict for evaluation in evaluations}
