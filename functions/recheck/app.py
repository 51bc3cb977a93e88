"""Recheck: fold a burst of changes into one run."""

import os
from typing import Any

from aws_lambda_powertools import Logger

from rds_tls_audit.adapters.change_events import read_changes
from rds_tls_audit.adapters.environment import read_settings
from rds_tls_audit.stages import recheck
from rds_tls_audit.wiring.recheck import recheck_ports

logger = Logger()


def handler(event: object, _context: object) -> dict[str, Any]:
    """Answer with the messages that nobody could read: they come again, then are put aside."""
    received = read_changes(event)
    settings = read_settings(os.environ, require=("RUN_BUCKET", "STATE_MACHINE"))
    started = recheck.start_recheck(received.changes, recheck_ports(settings))
    logger.info(
        "rechecked",
        changes=len(received.changes.messages),
        ignored=received.ignored,
        malformed=len(received.malformed),
        execution=started and started.execution,
        asked=started and started.asked,
    )
    return {"batchItemFailures": [{"itemIdentifier": it} for it in received.malformed]}
