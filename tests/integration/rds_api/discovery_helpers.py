"""How these tests look for databases: the real port, against a server of theirs."""

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
"""The checks that have something to say where nothing but the configuration is known."""


def find(*names: str, ignore_missing: bool = False) -> DiscoveredTargets:
    """Discover these databases, or all."""
    return find_targets(names, RdsApi(), Scope(), ignore_missing=ignore_missing)


def groups(discovery: DiscoveredTargets) -> dict[str, Observed[ParameterGroup]]:
    """Give the deciding group of each database, by its id."""
    return {it.database.id: it.configuration.group for it in discovery.targets}


def values(discovery: DiscoveredTargets, parameter: str = "rds.force_ssl") -> dict[str, str | None]:
    """Give a parameter's value for each database; the reason where its group was not seen."""
    return {
        id_: group.value.parameters[parameter].value
        if not isinstance(group, Unseen)
        else group.reason
        for id_, group in groups(discovery).items()
    }


def verdicts(target: Target) -> Mapping[str, Verdict]:
    """Judge a database of which nothing but the configuration was seen."""
    why = target.database.reason_not_connectable() or "nobody answered"
    witnessed = ProbedTarget(target=target, observation=Observation.unseen(why))
    return {it.check.id: it.verdict for it in evaluate_database(witnessed, run(), settings())}
