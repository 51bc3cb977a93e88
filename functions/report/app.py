"""Close a run."""

import os

from aws_lambda_powertools import Logger

from rds_tls_audit.adapters.clock import start_run
from rds_tls_audit.adapters.environment import STORES, read_settings
from rds_tls_audit.adapters.metrics import count
from rds_tls_audit.codec import decode, encode
from rds_tls_audit.pipeline.messages import ReportRequest
from rds_tls_audit.stages import report
from rds_tls_audit.wiring.report import report_ports

logger = Logger()


def handler(event: object, _context: object) -> object:
    """Return how the run ended, with the databases that have no result."""
    request = decode(event, ReportRequest, "the event")
    settings = read_settings(os.environ, require=STORES)
    run = start_run(request.kind, request.run_id)
    ended = report.close_run(run, request, settings, report_ports(settings))
    count(
        Databases=ended.databases,
        DatabasesLost=ended.lost,
        DatabasesNotAssessed=ended.not_assessed,
    )
    logger.info("reported", run_id=run.id, digest_sent=ended.digest_sent, lost=ended.lost)
    return encode(ended)
