"""What the states of the pipeline hand on: the probe's work, its evidence, and the end of a run."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from rds_tls_audit.evidence.observation import Observation
from rds_tls_audit.fleet.configuration import Target
from rds_tls_audit.pipeline.packing import unpack
from rds_tls_audit.pipeline.run import Run, RunKind

NOT_PROBED = "not connected to: the stack has no VPC to probe from (VpcId, VpcSubnetIds)"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeRequest:
    """What `probe` is asked for: an item of the manifest, and the kind of the run."""

    run_id: str
    batch: int
    targets: tuple[Target, ...]
    """Of the whole batch."""
    part: int | None = None
    """Which of them alone, where each is tried alone."""
    kind: RunKind = RunKind.NAMED
    """The least that a run may change, where nobody says."""

    @property
    def chosen(self) -> tuple[Target, ...]:
        """The targets to look at."""
        return _chosen(self.targets, self.part)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbedTarget:
    """A target with what was seen of it."""

    target: Target
    observation: Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult:
    """What `probe` answers and `publish` is asked to judge."""

    run: Run
    batch: int
    part: int | None = None
    witnessed: tuple[ProbedTarget, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnprobedBatch:
    """What `publish` is asked to judge where there was no probe, or where it failed."""

    run_id: str
    batch: int
    targets: tuple[Target, ...]
    part: int | None = None
    kind: RunKind = RunKind.NAMED
    error: Mapping[str, str] | None = None
    """`Error` and `Cause`, as Step Functions catches them."""

    def evidence(self, now: datetime) -> ProbeResult:
        """Evidence in which nothing was seen on the wire, with the reason."""
        observation = Observation.unseen(self._why())
        return ProbeResult(
            run=Run(id=self.run_id, kind=self.kind, observed_at=now),
            batch=self.batch,
            part=self.part,
            witnessed=tuple(
                ProbedTarget(target=it, observation=observation)
                for it in _chosen(self.targets, self.part)
            ),
        )

    def _why(self) -> str:
        if self.error is None:
            return NOT_PROBED
        # The name alone: the text of an error that nobody foresaw might hold a secret.
        return f"the probe failed on it ({self.error.get('Error', 'unknown error')}): see its log"


def _chosen(targets: tuple[Target, ...], part: int | None) -> tuple[Target, ...]:
    return targets if part is None else targets[part : part + 1]


def read_probe_result(event: object, now: datetime) -> ProbeResult:
    """Read what `publish` is asked to judge, probed or not.

    Raises:
        MalformedError: the event is neither.
    """
    if isinstance(event, Mapping) and "witnessed" not in event:
        return unpack(event, UnprobedBatch, "the event").evidence(now)
    return unpack(event, ProbeResult, "the event")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRequest:
    """What `report` is asked to close: the answer of `discover`."""

    run_id: str
    kind: RunKind
    databases: int
    complete: bool
    left_out: int = 0
    """How many databases are out of scope."""
