"""Each topic is told whether forcing TLS is safe where that changes, and as often as it does."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from rds_tls_audit.codec import encode
from rds_tls_audit.digest.delivery import MAX_ANSWERS
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
class Room:
    """Two topics that are told hour after hour."""

    topics: dict[str, Topic] = field(default_factory=lambda: {"digest": Topic(), "chat": Topic()})
    outbox: Outbox = field(default_factory=Outbox)
    hours: int = 0

    def end(
        self,
        answers: Mapping[str, ReadinessStatus],
        *,
        kind: RunKind = RunKind.FULL,
        text: str = "because",
        changes: tuple[Change, ...] = (),
    ) -> None:
        """End a run that came to these answers."""
        self.hours += 1
        at = NOW + timedelta(hours=self.hours)
        run = Run(id=f"{kind}-{self.hours}", kind=kind, observed_at=at)
        deliver_digests(
            replace(QUIET, run=run, weekly=False, changes=changes),
            None,
            {
                group: ReadinessSummary(form=form, text=f"{form}: {text}", at=at)
                for group, form in answers.items()
            },
            self.topics,
            self.outbox,
        )

    def told(self, topic: str = "digest") -> list[str]:
        """Give every line on answers that a topic was told, but for the numbers."""
        letters = self.topics[topic].letters
        return [line.removesuffix(": because") for it in letters for line in it.answers]


@pytest.fixture
def room() -> Room:
    return Room()


def test_an_answer_is_told_once_to_each_topic(room: Room) -> None:
    for _ in range(3):
        room.end({PG16: CHECK_FIRST, PG17: SAFE})

    for topic in room.topics:
        assert room.told(topic) == [f"{PG16}: check-first", f"{PG17}: safe"]
        assert len(room.topics[topic].letters) == 1


@pytest.mark.parametrize("form", [NOT_KNOWN, ALREADY_FORCED])
def test_what_is_so_of_most_groups_is_no_news_at_first(room: Room, form: ReadinessStatus) -> None:
    room.end({PG16: form})
    room.end({PG16: form})

    assert [topic.letters for topic in room.topics.values()] == [[], []]


@pytest.mark.parametrize(
    "forms",
    [
        [SAFE, CHECK_FIRST, SAFE],
        [SAFE, NOT_KNOWN, SAFE],
        [CHECK_FIRST, ALREADY_FORCED, CHECK_FIRST, ALREADY_FORCED],
    ],
    ids=str,
)
def test_a_group_whose_answer_goes_to_and_fro_is_told_each_time(
    room: Room, forms: list[ReadinessStatus]
) -> None:
    for form in forms:
        room.end({PG16: form, PG17: SAFE})

    assert [it for it in room.told() if PG16 in it] == [f"{PG16}: {form}" for form in forms]
    assert len(room.told()) == len(forms) + 1


@pytest.mark.parametrize("first", [NOT_KNOWN, ALREADY_FORCED])
@pytest.mark.parametrize("then", ReadinessStatus)
def test_whatever_follows_what_was_no_news_is_told(
    room: Room, first: ReadinessStatus, then: ReadinessStatus
) -> None:
    room.end({PG16: first})
    room.end({PG16: then})

    assert room.told() == ([] if then is first else [f"{PG16}: {then}"])


def test_other_numbers_are_no_news(room: Room) -> None:
    room.end({PG16: SAFE})
    room.end({PG16: SAFE}, text="other numbers")

    assert room.told() == [f"{PG16}: safe"]


def test_a_topic_that_failed_is_told_by_the_next_full_run_and_no_other_is_again(
    room: Room,
) -> None:
    room.topics["chat"].away = True
    with pytest.raises(DigestNotDeliveredError):
        room.end({PG16: SAFE})
    room.topics["chat"].away = False
    room.end({}, kind=RunKind.SAMPLE)
    room.end({}, kind=RunKind.NAMED)
    assert room.told("chat") == []

    room.end({PG16: SAFE})

    assert [room.told(topic) for topic in ("digest", "chat")] == [[f"{PG16}: safe"]] * 2


def test_a_topic_that_failed_is_told_what_holds_by_then_alone(room: Room) -> None:
    room.end({PG16: SAFE})
    room.topics["chat"].away = True
    with pytest.raises(DigestNotDeliveredError):
        room.end({PG16: CHECK_FIRST})
    room.topics["chat"].away = False

    room.end({PG16: SAFE})

    assert room.told("digest") == [f"{PG16}: {form}" for form in (SAFE, CHECK_FIRST, SAFE)]
    assert room.told("chat") == [f"{PG16}: safe"]


def test_a_new_topic_is_told_all_there_is_to_do(room: Room) -> None:
    late = room.topics.pop("chat")
    room.end({PG16: SAFE, PG17: NOT_KNOWN})
    room.topics["chat"] = late
    room.end({PG16: SAFE, PG17: NOT_KNOWN})

    assert room.told("chat") == [f"{PG16}: safe"]
    assert room.told("digest") == [f"{PG16}: safe"]


@pytest.mark.parametrize("kind", [RunKind.SAMPLE, RunKind.NAMED, RunKind.FULL])
def test_a_run_without_answers_forgets_none(room: Room, kind: RunKind) -> None:
    """Also a full run whose answers failed."""
    room.end({PG16: SAFE})
    room.end({}, kind=kind, changes=(CHANGE,))
    room.end({PG16: SAFE})

    assert room.told() == [f"{PG16}: safe"]
    assert len(room.topics["digest"].letters) == 2


def test_a_group_that_comes_back_is_told_anew(room: Room) -> None:
    room.end({PG16: SAFE, PG17: SAFE})
    room.end({PG16: SAFE})
    room.end({PG16: SAFE, PG17: SAFE})

    assert room.told() == [f"{PG16}: safe", f"{PG17}: safe", f"{PG17}: safe"]


def test_groups_with_like_names_are_apart(room: Room) -> None:
    room.end({PG16: SAFE, f"cluster {PG16}": CHECK_FIRST})
    room.end({PG16: CHECK_FIRST, f"cluster {PG16}": CHECK_FIRST})

    assert room.told()[2:] == [f"{PG16}: check-first"]


def test_however_many_groups_there_are_their_marks_fit_into_an_item(room: Room) -> None:
    many = {f"parameter group pg-{number:05}": SAFE for number in range(MAX_ANSWERS + 500)}
    room.end(many)
    marks = room.outbox.read_progress("digest").answers
    assert len(marks) == MAX_ANSWERS
    assert len(str(encode(room.outbox.read_progress("digest")))) < MAX_ITEM / 4

    room.end(many)

    # What is beyond is told again: better twice than never.
    assert len(room.told()) == MAX_ANSWERS + 500 + 500
