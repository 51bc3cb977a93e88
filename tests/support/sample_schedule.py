"""The events of the schedules, and the responses of discover to them."""

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
"""The inputs of the scheduled executions, by the names of the schedules."""


def found(batches: int) -> DiscoveryResult:
    return DiscoveryResult(key="k", databases=batches, batches=batches, complete=False)


def in_execution(execution_input: object, execution: str = "8a1f7e2c") -> dict[str, object]:
    """Return the event that discover receives in an execution with this input."""
    return {"execution": execution, "input": execution_input}


def discover_response(
    event: object, what: DiscoveryResult | Skipped | None = None, minutes: int = 15
) -> dict[str, Any]:
    """Return the response of discover to an event; by default it found one batch."""
    request = parse_discover(event)
    run = Run(id=request.run_id or "mine", kind=request.kind, observed_at=NOW)
    return discover.response(run, what or found(1), request, settings(SAMPLE_MINUTES=str(minutes)))
