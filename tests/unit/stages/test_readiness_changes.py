"""Each change of the readiness to force TLS is reported to each topic."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from rds_tls_audit.codec import encode
from rds_tls_audit.digest.delivery import MAX_READINESS_KEYS
from rds_tls_audit.findings.change import Change
from rds_tls_audit.pipeline.run import Run, RunKind
from rds_tls_audit.readiness.status import ReadinessStatus, ReadinessSummary
from rds_tls_audit.stages.steps.deliver_digests import DigestNotDeliveredError, deliver_digests
from tests.support.builders import NOW
from tests.support.digest_cases import QUIET
from tests.support.in_memory_stores import Outbox, Topic
from tests.unit.stages.report_helpers import CHANGE

PG16, PG17 = "parameter group pg16", "parameter group pg17"
SAFE, CHECK_FIRST, NOT_KNOWN, ALREADY_FORCED = (
    ReadinessStatus.SAFE,
    ReadinessStatus.CHECK_FIRST,
    ReadinessStatus.NOT_KNOWN,
    ReadinessStatus.ALREADY_FORCED,
)
MAX_ITEM = 400_000


@dataclass
class DigestHarness:
    """Two topics that receive a digest every hour."""

    topics: dict[str, Topic] = field(default_factory=lambda: {"digest": Topic(), "chat": Topic()})
    outbox: Outbox = field(default_factory=Outbox)
    hours: int = 0

    def end(
        self,
        readiness: Mapping[str, ReadinessStatus],
        *,
        kind: RunKind = RunKind.FULL,
        text: str = "because",
        changes: tuple[Change, ...] = (),
    ) -> None:
        """End a run with this readiness of the groups."""
        self.hours += 1
        at = NOW + timedelta(hours=self.hours)
        run = Run(id=f"{kind}-{self.hours}", kind=kind, observed_at=at)
        deliver_digests(
            replace(QUIET, run=run, weekly=False, changes=changes),
            None,
            {
                group: ReadinessSummary(form=form, text=f"{form}: {text}", at=at)
                for group, form in readiness.items()
            },
            self.topics,
            self.outbox,
        )

    def readiness_lines(self, topic: str = "digest") -> list[str]:
        """Return all readiness lines that a topic received, without the explanation."""
        lines = [line for digest in self.topics[topic].digests for line in digest.readiness_changes]
        return [line.removesuffix(": because") for line in lines]


@pytest.fixture
def harness() -> DigestHarness:
    return DigestHarness()


def test_a_readiness_is_reported_once_to_each_topic(harness: DigestHarness) -> None:
    for _ in range(3):
        harness.end({PG16: CHECK_FIRST, PG17: SAFE})

    for topic in harness.topics:
        assert harness.readiness_lines(topic) == [f"{PG16}: check-first", f"{PG17}: safe"]
        assert len(harness.topics[topic].digests) == 1


@pytest.mark.parametrize("form", [NOT_KNOWN, ALREADY_FORCED])
def test_a_new_group_that_needs_no_action_is_not_reported(
    harness: DigestHarness, form: ReadinessStatus
) -> None:
    harness.end({PG16: form})
    harness.end({PG16: form})

    assert [topic.digests for topic in harness.topics.values()] == [[], []]


@pytest.mark.parametrize(
    "forms",
    [
        [SAFE, CHECK_FIRST, SAFE],
        [SAFE, NOT_KNOWN, SAFE],
        [CHECK_FIRST, ALREADY_FORCED, CHECK_FIRST, ALREADY_FORCED],
    ],
    ids=str,
)
def test_a_group_whose_readiness_changes_back_and_forth_is_reported_each_time(
    harness: DigestHarness, forms: list[ReadinessStatus]
) -> None:
    for form in forms:
        harness.end({PG16: form, PG17: SAFE})

    lines = [line for line in harness.readiness_lines() if PG16 in line]
    assert lines == [f"{PG16}: {form}" for form in forms]
    assert len(harness.readiness_lines()) == len(forms) + 1


@pytest.mark.parametrize("first", [NOT_KNOWN, ALREADY_FORCED])
@pytest.mark.parametrize("then", ReadinessStatus)
def test_a_change_from_a_readiness_that_was_not_reported_is_reported(
    harness: DigestHarness, first: ReadinessStatus, then: ReadinessStatus
) -> None:
    harness.end({PG16: first})
    harness.end({PG16: then})

    assert harness.readiness_lines() == ([] if then is first else [f"{PG16}: {then}"])


def test_a_change_of_the_explanation_alone_is_not_reported(harness: DigestHarness) -> None:
    harness.end({PG16: SAFE})
    harness.end({PG16: SAFE}, text="other numbers")

    assert harness.readiness_lines() == [f"{PG16}: safe"]


def test_the_next_full_run_reports_only_to_the_topic_that_was_unavailable(
    harness: DigestHarness,
) -> None:
    harness.topics["chat"].unavailable = True
    with pytest.raises(DigestNotDeliveredError):
        harness.end({PG16: SAFE})
    harness.topics["chat"].unavailable = False
    harness.end({}, kind=RunKind.SAMPLE)
    harness.end({}, kind=RunKind.NAMED)
    assert harness.readiness_lines("chat") == []

    harness.end({PG16: SAFE})

    assert [harness.readiness_lines(topic) for topic in ("digest", "chat")] == [
        [f"{PG16}: safe"]
    ] * 2


def test_a_topic_that_was_unavailable_receives_only_the_current_readiness(
    harness: DigestHarness,
) -> None:
    harness.end({PG16: SAFE})
    harness.topics["chat"].unavailable = True
    with pytest.raises(DigestNotDeliveredError):
        harness.end({PG16: CHECK_FIRST})
    harness.topics["chat"].unavailable = False

    harness.end({PG16: SAFE})

    reported = [f"{PG16}: {form}" for form in (SAFE, CHECK_FIRST, SAFE)]
    assert harness.readiness_lines("digest") == reported
    assert harness.readiness_lines("chat") == [f"{PG16}: safe"]


def test_a_new_topic_receives_everything_that_needs_action(harness: DigestHarness) -> None:
    chat = harness.topics.pop("chat")
    harness.end({PG16: SAFE, PG17: NOT_KNOWN})
    harness.topics["chat"] = chat
    harness.end({PG16: SAFE, PG17: NOT_KNOWN})

    assert harness.readiness_lines("chat") == [f"{PG16}: safe"]
    assert harness.readiness_lines("digest") == [f"{PG16}: safe"]


@pytest.mark.parametrize("kind", [RunKind.SAMPLE, RunKind.NAMED, RunKind.FULL])
def test_a_run_without_assessments_keeps_the_reported_readiness(
    harness: DigestHarness, kind: RunKind
) -> None:
    """This includes a full run whose assessment failed."""
    harness.end({PG16: SAFE})
    harness.end({}, kind=kind, changes=(CHANGE,))
    harness.end({PG16: SAFE})

    assert harness.readiness_lines() == [f"{PG16}: safe"]
    assert len(harness.topics["digest"].digests) == 2


def test_a_group_that_reappears_is_reported_again(harness: DigestHarness) -> None:
    harness.end({PG16: SAFE, PG17: SAFE})
    harness.end({PG16: SAFE})
    harness.end({PG16: SAFE, PG17: SAFE})

    assert harness.readiness_lines() == [f"{PG16}: safe", f"{PG17}: safe", f"{PG17}: safe"]


def test_groups_with_similar_names_are_reported_separately(harness: DigestHarness) -> None:
    harness.end({PG16: SAFE, f"cluster {PG16}": CHECK_FIRST})
    harness.end({PG16: CHECK_FIRST, f"cluster {PG16}": CHECK_FIRST})

    assert harness.readiness_lines()[2:] == [f"{PG16}: check-first"]


@pytest.mark.thorough
def test_the_keys_of_any_number_of_groups_fit_into_an_item(harness: DigestHarness) -> None:
    many = {f"parameter group pg-{number:05}": SAFE for number in range(MAX_READINESS_KEYS + 500)}
    harness.end(many)
    keys = harness.outbox.read_progress("digest").answers
    assert len(keys) == MAX_READINESS_KEYS
    assert len(str(encode(harness.outbox.read_progress("digest")))) < MAX_ITEM / 4

    harness.end(many)

    # The groups beyond the limit are reported again, because twice is better than never.
    assert len(harness.readiness_lines()) == MAX_READINESS_KEYS + 500 + 500
