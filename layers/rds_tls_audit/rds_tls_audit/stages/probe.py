"""Probe: observe the databases of a batch, several at a time."""

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
    "the function's time ran out before the probe reached it; audit fewer databases at once, or "
    "raise PROBE_CONCURRENCY or the function's timeout"
)


def probe_batch(
    run: Run, request: ProbeRequest, settings: Settings, ports: ProbePorts
) -> ProbeResult:
    """Probe a batch; the result is trimmed to the size that a state may return."""
    probed = probe_databases(run, request.chosen, settings, ports)
    return trim(ProbeResult(run=run, batch=request.batch, part=request.part, witnessed=probed))


def probe_databases(
    run: Run, targets: Sequence[Target], settings: Settings, ports: ProbePorts
) -> tuple[ProbedTarget, ...]:
    """Probe all targets, several at a time.

    Returns:
        What was observed of each target, in the order of `targets`.
    """
    if run.kind is RunKind.SAMPLE:
        settings = replace(settings, wire_probe=False, wake_paused_databases=False, samples=1)
    if not targets:
        return ()
    pool = ThreadPoolExecutor(max_workers=min(settings.probe_concurrency, len(targets)))
    left = ports.time_left()
    # Even if the whole invocation is shorter than the deadline, the first databases are probed.
    needed = min(settings.probe_deadline_seconds, left / 2)
    probes = [pool.submit(_probe_one, target, settings, ports, needed) for target in targets]
    wait(probes, timeout=None if isinf(left) else max(left, 0))
    pool.shutdown(wait=False, cancel_futures=True)
    return tuple(
        ProbedTarget(target=target, observation=_observation_of(probe))
        for target, probe in zip(targets, probes, strict=True)
    )


def _observation_of(probe: Future[Observation]) -> Observation:
    # A probe keeps to its own deadline, but some of its calls cannot be interrupted.
    return probe.result() if probe.done() and not probe.cancelled() else NOT_REACHED


def _probe_one(target: Target, settings: Settings, ports: ProbePorts, needed: float) -> Observation:
    left = ports.time_left()
    if left <= 0 or left < needed:
        return NOT_REACHED
    try:
        return probe_database(target, settings, ports)
    except Exception as error:  # noqa: BLE001 - one bad database never hides the others
        # Only the place is reported: the text of an unexpected error could contain a secret.
        frame = traceback.extract_tb(error.__traceback__)[-1]
        return Observation.unseen(
            f"the probe failed with an unexpected error ({type(error).__name__} at "
            f"{PurePath(frame.filename).name}:{frame.lineno}); report it as a bug of the audit"
        )
