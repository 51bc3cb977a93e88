"""What a note and a progress are made of: short marks, the same for the same."""

from rds_tls_audit.digest.outbox import OutboxEntry, fingerprint
from tests.unit.stages.report_helpers import CHANGE


def test_the_mark_of_a_note_is_short_and_its_own() -> None:
    marks = {OutboxEntry(key=str(number), change=CHANGE).entry_key for number in range(10_000)}

    assert len(marks) == 10_000
    assert {len(mark) for mark in marks} == {16}


def test_no_trouble_has_no_fingerprint() -> None:
    assert fingerprint([]) is None


def test_the_same_troubles_in_any_order_and_number_have_one() -> None:
    assert fingerprint(["a", "b", "a"]) == fingerprint(iter(["b", "a"])) is not None


def test_other_troubles_have_another() -> None:
    assert len({fingerprint(it) for it in (["a"], ["b"], ["a", "b"], ["ab"])}) == 4
