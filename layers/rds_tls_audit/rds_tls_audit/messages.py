"""What the states of the pipeline hand on: the probe's work, its evidence, and the end of a run."""

from dataclasses import dataclass

from rds_tls_audit.configuration import Target
from rds_tls_audit.observation import Observation
from rds_tls_audit.run import Run, RunKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeOrder:
    """What `probe` is asked for: an item of the manifest, and the kind of the run."""

    run_id: str
    batch: int
    targets: tuple[Target, ...]
    kind: RunKind = RunKind.NAMED
    """The least that a run may change, where nobody says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnessed:
    """A target with what was seen of it."""

    target: Target
    observation: Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What `probe` answers and `publish` is asked to judge."""

    run: Run
    batch: int
    witnessed: tuple[Witnessed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOrder:
    """What `report` is asked to close: the answer of `discover`."""

    run_id: str
    kind: RunKind
    complete: bool
