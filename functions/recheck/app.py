"""Combine a burst of change events into one run."""

import os
from typing import Any

from aws_lambda_powertools import Logger

from rds_tls_audit.adapters.change_events import read_changes
from rds_tls_audit.adapters.environment import read_settings
from rds_tls_audit.stages import recheck
from rds_tls_audit.wiring.recheck import recheck_ports

logger = Logger()


def handler(event: object, _context: object) -> dict[str, Any]:
    """Return the messages that cannot be parsed, so that SQS delivers them again.

    After five attempts, SQS moves them to the dead-letter queue.
    """
    received = read_changes(event)
    settings = read_settings(os.environ, require=("RUN_BUCKET", "STATE_MACHINE"))
    started = recheck.start_recheck(received.changes, recheck_ports(settings))
    logger.info(
        "rechecked",
        changes=len(received.changes.messages),
        ignored=received.ignored,
        malformed=len(received.malformed),
        execution=started and started.execution,
        input=started and started.execution_input,
    )
    return {
        "batchItemFailures": [{"itemIdentifier": message_id} for message_id in received.malformed]
    }
