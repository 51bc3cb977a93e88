"""Probe: look at the databases of a batch, several at a time."""

import traceback
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from math import isinf
from pathlib import PurePath

from rds_tls_audit.evidence.observation import Observation
from rds_tls_audit.fleet.configuration import Target
from rds_tls_audit.pipeline.messages import ProbedTarget, ProbeRequest, ProbeResult
from rds_tls_audit.pipeline.run import Run, RunKind
from rds_tls_audit.pipeline.trimming import trim
from rds_tls_audit.settings import Settings
from rds_tls_audit.stages.steps.probe_database import ProbePorts, probe_database

NOT_REACHED = Observation.unseen(
    "not reached in time: the invocation had to end before its turn; name fewer databases, or "
    "raise PROBE_CONCURRENCY or the function's timeout"
)


def probe_batch(
    this_run: Run, order: ProbeRequest, settings: Settings, ports: ProbePorts
) -> ProbeResult:
    """Look at a batch; the evidence is trimmed to what a state may hand on."""
    witnessed = probe_databases(this_run, order.chosen, settings, ports)
    return trim(ProbeResult(run=this_run, batch=order.batch, part=order.part, witnessed=witnessed))


def probe_databases(
    this_run: Run, targets: Sequence[Target], settings: Settings, ports: ProbePorts
) -> tuple[ProbedTarget, ...]:
    """Look at every target, several at a time; the order stays."""
    if this_run.kind is RunKind.SAMPLE:
        settings = replace(settings, wire_probe=False, wake_paused_databases=False, samples=1)
    if not targets:
        return ()
    pool = ThreadPoolExecutor(max_workers=min(settings.probe_concurrency, len(targets)))
    left = ports.time_left()
    # Where the whole invocation is shorter than the deadline, something is seen all the same.
    enough = min(settings.probe_deadline_seconds, left / 2)
    looks = [pool.submit(_probe_one, target, settings, ports, enough) for target in targets]
    wait(looks, timeout=None if isinf(left) else max(left, 0))
    pool.shutdown(wait=False, cancel_futures=True)
    return tuple(
        ProbedTarget(target=target, observation=_observation_of(look))
        for target, look in zip(targets, looks, strict=True)
    )


def _observation_of(look: Future[Observation]) -> Observation:
    # A look heeds its own deadline; but some of what runs in it cannot be interrupted.
    return look.result() if look.done() and not look.cancelled() else NOT_REACHED


def _probe_one(target: Target, settings: Settings, ports: ProbePorts, enough: float) -> Observation:
    left = ports.time_left()
    if left <= 0 or left < enough:
        return NOT_REACHED
    try:
        return probe_database(target, settings, ports)
    except Exception as error:  # noqa: BLE001 - one bad database never hides the others
        # The place alone: the text of an error that nobody foresaw might hold a secret.
        place = traceback.extract_tb(error.__traceback__)[-1]
        return Observation.unseen(
            f"the probe itself failed on it: {type(error).__name__} at "
            f"{PurePath(place.filename).name}:{place.lineno}; please report this"
        )
