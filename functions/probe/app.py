"""Probe: look at the databases of one batch."""

import os

from aws_lambda_powertools import Logger

from rds_tls_audit.adapters.clock import new_run, time_left
from rds_tls_audit.adapters.environment import read_settings
from rds_tls_audit.pipeline.messages import ProbeRequest
from rds_tls_audit.pipeline.packing import pack, unpack
from rds_tls_audit.stages import probe
from rds_tls_audit.wiring.probe import probe_ports

logger = Logger()

RESERVE_SECONDS = 5
"""To hand on what was seen."""


def handler(event: object, context: object) -> object:
    """Answer with the evidence, for `publish`."""
    order = unpack(event, ProbeRequest, "the event")
    settings = read_settings(os.environ)
    run = new_run(order.kind, order.run_id)
    ports = probe_ports(settings, time_left(context, reserve=RESERVE_SECONDS))
    evidence = probe.probe_batch(run, order, settings, ports)
    logger.info("probed", run_id=run.id, batch=order.batch, databases=len(order.chosen))
    return pack(evidence)
