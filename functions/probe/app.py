"""Probe the databases of one batch."""

import os

from aws_lambda_powertools import Logger

from rds_tls_audit.adapters.clock import start_run, time_left
from rds_tls_audit.adapters.environment import read_settings
from rds_tls_audit.pipeline.messages import ProbeRequest
from rds_tls_audit.pipeline.packing import pack, unpack
from rds_tls_audit.stages import probe
from rds_tls_audit.wiring.probe import probe_ports

logger = Logger()

RESERVE_SECONDS = 5
"""The time kept to return the result."""


def handler(event: object, context: object) -> object:
    """Return the probe result for `publish`."""
    request = unpack(event, ProbeRequest, "the event")
    settings = read_settings(os.environ)
    run = start_run(request.kind, request.run_id)
    ports = probe_ports(settings, time_left(context, reserve=RESERVE_SECONDS))
    result = probe.probe_batch(run, request, settings, ports)
    logger.info("probed", run_id=run.id, batch=request.batch, databases=len(request.chosen))
    return pack(result)
