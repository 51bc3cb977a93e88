"""Probe: look at the databases of a batch, several at a time."""

import traceback
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import PurePath

from rds_tls_audit.configuration import Target
from rds_tls_audit.messages import Evidence, ProbeOrder, Witnessed
from rds_tls_audit.observation import Observation
from rds_tls_audit.run import Run, RunKind
from rds_tls_audit.settings import Settings
from rds_tls_audit.stages.look import ProbePorts, look_at
from rds_tls_audit.trimming import trimmed


def run(this_run: Run, order: ProbeOrder, settings: Settings, ports: ProbePorts) -> Evidence:
    """Look at a batch; the evidence is trimmed to what a state may hand on."""
    witnessed = look_at_all(this_run, order.chosen, settings, ports)
    return trimmed(Evidence(run=this_run, batch=order.batch, part=order.part, witnessed=witnessed))


def look_at_all(
    this_run: Run, targets: Sequence[Target], settings: Settings, ports: ProbePorts
) -> tuple[Witnessed, ...]:
    """Look at every target, several at a time; the order stays."""
    if this_run.kind is RunKind.SAMPLE:
        settings = replace(settings, wire_probe=False, wake_paused_databases=False, samples=1)
    if not targets:
        return ()
    with ThreadPoolExecutor(max_workers=min(settings.probe_concurrency, len(targets))) as pool:
        seen = pool.map(lambda target: _guarded(target, settings, ports), targets)
        return tuple(
            Witnessed(target=target, observation=observation)
            for target, observation in zip(targets, seen, strict=True)
        )


def _guarded(target: Target, settings: Settings, ports: ProbePorts) -> Observation:
    try:
        return look_at(target, settings, ports)
    except Exception as error:  # noqa: BLE001 - one bad database never hides the others
        # The place alone: the text of an error that nobody foresaw might hold a secret.
        place = traceback.extract_tb(error.__traceback__)[-1]
        return Observation.unseen(
            f"the probe itself failed on it: {type(error).__name__} at "
            f"{PurePath(place.filename).name}:{place.lineno}; please report this"
        )
