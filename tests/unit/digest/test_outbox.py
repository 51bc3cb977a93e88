"""Keys and fingerprints in the outbox are short, and equal for equal values only."""

from rds_tls_audit.digest.outbox import OutboxEntry, fingerprint
from tests.unit.stages.report_helpers import CHANGE


def test_each_outbox_entry_has_its_own_short_key() -> None:
    keys = {OutboxEntry(key=str(number), change=CHANGE).entry_key for number in range(10_000)}

    assert len(keys) == 10_000
    assert {len(key) for key in keys} == {16}


def test_no_lines_have_no_fingerprint() -> None:
    assert fingerprint([]) is None


def test_the_same_lines_in_any_order_and_number_have_the_same_fingerprint() -> None:
    assert fingerprint(["a", "b", "a"]) == fingerprint(iter(["b", "a"])) is not None


def test_different_lines_have_different_fingerprints() -> None:
    assert len({fingerprint(lines) for lines in (["a"], ["b"], ["a", "b"], ["ab"])}) == 4
