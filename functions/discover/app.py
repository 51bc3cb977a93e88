"""Discover: write the manifest of a run."""

import os
from typing import Any

from aws_lambda_powertools import Logger

from rds_tls_audit.adapters.clock import start_run
from rds_tls_audit.adapters.environment import read_settings
from rds_tls_audit.pipeline.requests import parse_discover
from rds_tls_audit.stages import discover
from rds_tls_audit.wiring.discover import discover_ports

logger = Logger()


def handler(event: object, _context: object) -> dict[str, Any]:
    """Return where the manifest is stored, and what it contains."""
    request = parse_discover(event)
    stores = ("RUN_BUCKET", "STATE_TABLE") if request.in_execution else ("RUN_BUCKET",)
    settings = read_settings(os.environ, require=stores)
    run = start_run(request.kind, request.run_id)
    ports = discover_ports(settings, lock=request.in_execution)
    found = discover.discover_databases(run, request, settings, ports)
    response = discover.response(run, found, request, settings)
    logger.info("discovered", **response)
    return response
