"""Discover: write the manifest of a run."""

import os
from typing import Any

from aws_lambda_powertools import Logger

from rds_tls_audit.ports.clock import new_run
from rds_tls_audit.ports.wiring import discover_ports
from rds_tls_audit.request import parse_discover
from rds_tls_audit.settings import read_settings
from rds_tls_audit.stages import discover

logger = Logger()


def handler(event: object, _context: object) -> dict[str, Any]:
    """Answer with where the manifest lies and how much it holds."""
    request = parse_discover(event)
    settings = read_settings(os.environ, require=("RUN_BUCKET",))
    run = new_run(request.kind, request.run_id)
    found = discover.run(run, request.databases, settings.probe_function, discover_ports(settings))
    logger.info("discovered", run_id=run.id, databases=found.databases, complete=found.complete)
    return {
        "run_id": run.id,
        "kind": run.kind.value,
        "bucket": settings.run_bucket,
        "key": found.key,
        "databases": found.databases,
        "batches": found.batches,
        "complete": found.complete,
    }
