"""The messages between the states of the pipeline: requests to the functions, and their results."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from rds_tls_audit.evidence.observation import Observation
from rds_tls_audit.fleet.configuration import Target
from rds_tls_audit.pipeline.packing import unpack
from rds_tls_audit.pipeline.run import Run, RunKind

NOT_PROBED = (
    "the probe did not connect: the stack has no VPC; set the parameters VpcId and VpcSubnetIds"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeRequest:
    """The event of `probe`: a batch of the manifest, and the kind of the run.

    Field names are the stored format.
    """

    run_id: str
    batch: int
    targets: tuple[Target, ...]
    """All targets of the batch."""
    part: int | None = None
    """The position of the only target to probe, if the batch is retried one by one."""
    kind: RunKind = RunKind.NAMED
    """The kind of the run; by default the one that may change the least."""

    @property
    def chosen(self) -> tuple[Target, ...]:
        """The targets to probe."""
        return _chosen(self.targets, self.part)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbedTarget:
    """A target with what the probe observed. Field names are the stored format."""

    target: Target
    observation: Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult:
    """The response of `probe` and the event of `publish`. Field names are the stored format."""

    run: Run
    batch: int
    part: int | None = None
    witnessed: tuple[ProbedTarget, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnprobedBatch:
    """The event of `publish` if there is no probe, or if the probe failed.

    Field names are the stored format.
    """

    run_id: str
    batch: int
    targets: tuple[Target, ...]
    part: int | None = None
    kind: RunKind = RunKind.NAMED
    error: Mapping[str, str] | None = None
    """`Error` and `Cause` as caught by Step Functions; None if there is no probe."""

    def unprobed_result(self, now: datetime) -> ProbeResult:
        """Return a probe result without any observation, and with the reason."""
        observation = Observation.unseen(self._reason())
        return ProbeResult(
            run=Run(id=self.run_id, kind=self.kind, observed_at=now),
            batch=self.batch,
            part=self.part,
            witnessed=tuple(
                ProbedTarget(target=target, observation=observation)
                for target in _chosen(self.targets, self.part)
            ),
        )

    def _reason(self) -> str:
        if self.error is None:
            return NOT_PROBED
        # Only the name: the message of an unforeseen error might contain a secret.
        name = self.error.get("Error", "unknown error")
        return f"the probe failed ({name}); see the log of the probe function"


def _chosen(targets: tuple[Target, ...], part: int | None) -> tuple[Target, ...]:
    return targets if part is None else targets[part : part + 1]


def read_probe_result(event: object, now: datetime) -> ProbeResult:
    """Read the event of `publish`, whether the batch was probed or not.

    Raises:
        MalformedError: the event is neither a ProbeResult nor an UnprobedBatch.
    """
    if isinstance(event, Mapping) and "witnessed" not in event:
        return unpack(event, UnprobedBatch, "the event").unprobed_result(now)
    return unpack(event, ProbeResult, "the event")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRequest:
    """The event of `report`: the response of `discover`. Field names are the stored format."""

    run_id: str
    kind: RunKind
    databases: int
    complete: bool
    left_out: int = 0
    """The number of databases that are out of scope."""
