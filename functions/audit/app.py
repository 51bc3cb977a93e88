"""Audit named databases, or all of them, in one invocation."""

import os
from typing import Any

from aws_lambda_powertools import Logger

from rds_tls_audit.adapters.clock import start_run, time_left
from rds_tls_audit.adapters.environment import STORES, read_settings
from rds_tls_audit.pipeline.requests import parse_audit
from rds_tls_audit.pipeline.run import RunKind
from rds_tls_audit.stages import audit
from rds_tls_audit.wiring.audit import audit_ports

logger = Logger()

RESERVE_SECONDS = 60
"""The time kept to evaluate and, if requested, publish up to 500 databases."""


def handler(event: object, context: object) -> dict[str, Any]:
    """Return the verdict of every check for every database."""
    request = parse_audit(event)
    settings = read_settings(os.environ, require=STORES if request.publish else ())
    run = start_run(RunKind.NAMED if request.databases else RunKind.FULL)
    left = time_left(context, reserve=RESERVE_SECONDS)
    response = audit.audit_databases(
        run, request, settings, audit_ports(settings, left, publish=request.publish)
    )
    logger.info("audited", run_id=run.id, totals=response["totals"])
    return response
