"""Over a thousand findings: none that breaks a rule passes, none that keeps them is held back."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC

from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from emulation.strict_hub import problems
from rds_tls_audit.findings.asff_rules import rule_violations
from tests.support.invalid_findings import SPOILED, Spoil, fields, put, spoiled
from tests.support.valid_finding import NAME, TYPE

type Path = tuple[str | int, ...]
type Broken = tuple[str, Spoil]

LETTERS = st.characters(categories=["L", "N"])
TIMES = ("CreatedAt", "UpdatedAt", "FirstObservedAt", "LastObservedAt")
TEXTS: Mapping[str, tuple[int, Path]] = {
    "Id has 1 to 512 characters": (512, ("Id",)),
    "GeneratorId has 1 to 512 characters": (512, ("GeneratorId",)),
    "Description has 1 to 1024 characters": (1024, ("Description",)),
    "FindingProviderFields.Severity.Original has 1 to 64 characters": (
        64,
        ("FindingProviderFields", "Severity", "Original"),
    ),
    "Compliance.RelatedRequirements are at most 32 of 64 characters": (
        64,
        ("Compliance", "RelatedRequirements", 0),
    ),
    "Remediation.Recommendation has a Text of 1 to 512 characters or a public Url": (
        512,
        ("Remediation", "Recommendation", "Text"),
    ),
    "ProductFields have values of at most 2048 characters": (2048, ("ProductFields", "field")),
    "Resource Tags are 1 to 50, with values of at most 256, or left out": (
        256,
        ("Resources", 0, "Tags", "Owner"),
    ),
    "Resource Details.Other are at most 50 short strings": (
        1023,
        ("Resources", 0, "Details", "Other", "a"),
    ),
}
"""How long a text may be, and where it stands."""
NUMBERS: Mapping[str, tuple[int, int, Callable[[int], object], Path]] = {
    "FindingProviderFields.Confidence and Criticality are 0 to 100": (
        0,
        100,
        lambda number: number,
        ("FindingProviderFields", "Confidence"),
    ),
    "Types are 1 to 50 of ours": (1, 50, lambda number: [TYPE] * number, ("Types",)),
    "ProductFields are at most 50": (0, 50, fields, ("ProductFields",)),
    "Resource Tags are 1 to 50, with values of at most 256, or left out": (
        1,
        50,
        fields,
        ("Resources", 0, "Tags"),
    ),
}
"""Least and most, what is made of a number, and where it stands."""


def texts(least: int, most: int) -> st.SearchStrategy[str]:
    """As long as that, without a draw for each letter."""
    return st.builds(
        lambda some, length: (some * (length // len(some) + 1))[:length],
        st.text(LETTERS, min_size=1, max_size=8),
        st.integers(least, most),
    )


def placed(values: st.SearchStrategy[object], path: Path) -> st.SearchStrategy[Spoil]:
    return values.map(lambda value: put(value, *path))


def named(rule: str, spoils: st.SearchStrategy[Spoil]) -> st.SearchStrategy[Broken]:
    return spoils.map(lambda spoil: (rule, spoil))


moments = st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.isoformat())
kept = st.one_of(
    *(placed(texts(1, most), path) for most, path in TEXTS.values()),
    *(
        placed(st.integers(least, most).map(make), path)
        for least, most, make, path in NUMBERS.values()
    ),
    placed(texts(1, 256 - len(f": {NAME}")).map(lambda text: f"{text}: {NAME}"), ("Title",)),
    *(placed(moments, (field,)) for field in TIMES),
    placed(st.sampled_from(["PASSED", "WARNING", "NOT_AVAILABLE"]), ("Compliance", "Status")),
    placed(st.just("ARCHIVED"), ("RecordState",)),
)
"""Changes that no rule forbids."""

broken = st.one_of(
    st.sampled_from([(rule, spoil) for rule, spoils in SPOILED.items() for spoil in spoils]),
    *(
        named(rule, placed(texts(most + 1, most + 99), path))
        for rule, (most, path) in TEXTS.items()
    ),
    *(
        named(rule, placed(st.integers(most + 1, most + 99).map(make), path))
        for rule, (_, most, make, path) in NUMBERS.items()
    ),
)
"""Changes that break a rule, with its name."""


@examples(derandomize=True, deadline=None, max_examples=1000)
@given(changes=st.lists(kept, max_size=4), fault=broken)
def test_a_finding_is_held_back_where_it_breaks_a_rule_and_only_there(
    changes: Sequence[Spoil], fault: Broken
) -> None:
    rule, spoil = fault

    assert problems(spoiled(*changes)) == ()
    assert rule in rule_violations(spoiled(*changes, spoil))
