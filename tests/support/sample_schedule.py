"""What discover answers to whoever starts an execution, and what the schedules ask for."""

import json
from typing import Any

from rds_tls_audit.pipeline.requests import parse_discover
from rds_tls_audit.pipeline.run import Run
from rds_tls_audit.stages import discover
from rds_tls_audit.stages.discover import DiscoveryResult, Skipped
from tests.support.builders import NOW, settings
from tests.support.template import RESOURCES

SCHEDULED = {
    name: json.loads(event["Properties"]["Input"])
    for name, event in RESOURCES["AuditStateMachine"]["Properties"]["Events"].items()
}
"""The inputs of the schedules, by their names."""


def found(batches: int) -> DiscoveryResult:
    return DiscoveryResult(key="k", databases=batches, batches=batches, complete=False)


def in_execution(asked: object, execution: str = "8a1f7e2c") -> dict[str, object]:
    """The event that the state machine makes of an input."""
    return {"execution": execution, "input": asked}


def answered(
    event: object, what: DiscoveryResult | Skipped | None = None, minutes: int = 15
) -> dict[str, Any]:
    """What discover answers to an event, where it found one batch unless it is said otherwise."""
    request = parse_discover(event)
    run = Run(id=request.run_id or "mine", kind=request.kind, observed_at=NOW)
    return discover.response(run, what or found(1), request, settings(SAMPLE_MINUTES=str(minutes)))
