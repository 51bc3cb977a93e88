"""Hosts that never reply cost a run one deadline, not one deadline each."""

import contextlib
import time
from dataclasses import replace
from pathlib import Path

from emulation.pki import IssuedCertificate
from emulation.postgresql import PostgresServer
from rds_tls_audit.adapters.postgres.limits import DEADLINE_EXCEEDED
from rds_tls_audit.evidence.observation import Trust
from rds_tls_audit.stages.probe import probe_databases
from tests.integration.postgres.probe_helpers import (
    DATABASE,
    FULL,
    PHRASE,
    ROLE,
    Prober,
    reason,
    target,
    value,
)
from tests.integration.postgres.proxy import DeadHost
from tests.support.waiting import seconds_of

DEAD, REACHABLE = 20, 12


def test_twenty_dead_hosts_among_others_take_one_deadline(
    certificate: IssuedCertificate, bundle: Path
) -> None:
    patient = {"PROBE_DEADLINE_SECONDS": "120", "PROBE_CONCURRENCY": "32"}
    prober = Prober(bundle=bundle, role=ROLE, environment=patient)
    role = f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PHRASE}'"
    lines = ["hostssl all all 127.0.0.1/32 scram-sha-256"]
    with contextlib.ExitStack() as stack:
        dead = [stack.enter_context(DeadHost()).port for _ in range(DEAD)]
        server = PostgresServer(
            hba=lines,
            certificate=certificate,
            settings={"max_connections": "60"},
            setup_sql=[role, f"GRANT pg_monitor TO {ROLE}"],
        )
        ports = [*dead, *[stack.enter_context(server).port] * REACHABLE]
        # The dead hosts come first, so that they occupy the threads.
        targets = [
            target(port, replace(DATABASE, id=f"db-{number}")) for number, port in enumerate(ports)
        ]
        alone = seconds_of(
            lambda: probe_databases(FULL, targets[DEAD:], prober.settings, prober.ports())
        )
        deadline = max(2, 10 * alone)
        hasty = replace(prober, environment=patient | {"PROBE_DEADLINE_SECONDS": str(deadline)})
        settings, probe_ports = hasty.settings, hasty.ports()
        begin = time.monotonic()
        seen = probe_databases(FULL, targets, settings, probe_ports)
        seconds = time.monotonic() - begin
    assert seconds < 2 * deadline
    assert [each.target for each in seen] == targets
    for each in seen[:DEAD]:
        assert reason(each.observation.plaintext) == DEADLINE_EXCEEDED
    for each in seen[DEAD:]:
        assert value(each.observation.certificate).trust is Trust.VERIFIED
        assert value(each.observation.sessions).why_partial is None
