"""The manifest of a run: its targets, divided into batches.

A batch holds targets of one VPC. The members of a cluster are in the same batch.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rds_tls_audit.codec import json_size
from rds_tls_audit.fleet.configuration import Target

MAX_TARGETS = 25
"""The number of targets in one batch, unless a single cluster has more members."""
MAX_BYTES = 150_000
"""The size of the targets of one batch, which is the input of a state: Step Functions accepts
256 KiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The work of one invocation of the probe. Field names are the stored format."""

    run_id: str
    batch: int
    probe_function: str | None
    targets: tuple[Target, ...]


def divide_into_batches(
    targets: Iterable[Target], *, run_id: str, probe_function: str | None
) -> tuple[Batch, ...]:
    """Divide the targets into batches.

    The order depends on the run id alone, so that a retry of discover writes the same manifest.
    """
    by_vpc: dict[str, list[Target]] = defaultdict(list)
    for target in targets:
        by_vpc[target.database.vpc_id or ""].append(target)
    filled = [batch for vpc in sorted(by_vpc) for batch in _fill(by_vpc[vpc], run_id)]
    return tuple(
        Batch(run_id=run_id, batch=number, probe_function=probe_function, targets=tuple(batch))
        for number, batch in enumerate(filled)
    )


def _fill(targets: Sequence[Target], run_id: str) -> list[list[Target]]:
    filled: list[list[Target]] = []
    size = 0
    for family in _shuffled_families(targets, run_id):
        more = sum(json_size(target) for target in family)
        if not filled or len(filled[-1]) + len(family) > MAX_TARGETS or size + more > MAX_BYTES:
            filled.append([])
            size = 0
        filled[-1] += family
        size += more
    return filled


def _shuffled_families(targets: Sequence[Target], run_id: str) -> list[list[Target]]:
    families: dict[str, list[Target]] = defaultdict(list)
    for target in sorted(targets, key=lambda target: target.database.arn):
        cluster = target.database.cluster
        families[target.database.arn if cluster is None else cluster.arn].append(target)
    shuffled = list(families.values())
    random.Random(run_id).shuffle(shuffled)  # noqa: S311 - an order, not a secret
    return shuffled
