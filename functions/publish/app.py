"""Evaluate the probe result of one batch, and send changed findings to Security Hub."""

import os
from typing import Any

from aws_lambda_powertools import Logger

from rds_tls_audit.adapters.clock import now
from rds_tls_audit.adapters.environment import read_settings
from rds_tls_audit.adapters.metrics import count
from rds_tls_audit.pipeline.messages import read_probe_result
from rds_tls_audit.stages import publish
from rds_tls_audit.wiring.publish import publish_ports

logger = Logger()


def handler(event: object, _context: object) -> dict[str, Any]:
    """Return an empty object; the result is stored in the run bucket."""
    probe_result = read_probe_result(event, now())
    settings = read_settings(os.environ, require=("RUN_BUCKET", "STATE_TABLE"))
    result = publish.publish_batch(probe_result, settings, publish_ports(settings))
    for rejection in result.rejected:
        logger.error(
            "finding was not imported",
            id=rejection.id,
            code=rejection.code,
            reason=rejection.message,
        )
    if result.hub_off:
        logger.error(result.hub_off)
    count(FindingsImported=result.imported, FindingsSetAside=len(result.rejected))
    logger.info(
        "published", run_id=probe_result.run.id, batch=result.batch, imported=result.imported
    )
    return {}
