"""Probe: look at the databases of one batch."""

import os

from aws_lambda_powertools import Logger

from rds_tls_audit.messages import ProbeOrder
from rds_tls_audit.packing import pack, unpack
from rds_tls_audit.ports.clock import new_run
from rds_tls_audit.ports.wiring import probe_ports
from rds_tls_audit.settings import read_settings
from rds_tls_audit.stages import probe

logger = Logger()


def handler(event: object, _context: object) -> object:
    """Answer with the evidence, for `publish`."""
    order = unpack(event, ProbeOrder, "the event")
    settings = read_settings(os.environ)
    run = new_run(order.kind, order.run_id)
    evidence = probe.run(run, order, settings, probe_ports(settings))
    logger.info("probed", run_id=run.id, batch=order.batch, databases=len(order.chosen))
    return pack(evidence)
