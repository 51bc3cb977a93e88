"""Of generated findings, exactly those that break a rule are rejected."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from emulation.strict_hub import problems
from rds_tls_audit.findings.asff_rules import rule_violations
from tests.support.invalid_findings import BY_RULE, Edit, edited, fields, set_at
from tests.support.valid_finding import NAME, TYPE

pytestmark = pytest.mark.thorough

type Path = tuple[str | int, ...]
type Broken = tuple[str, Edit]

CHARACTERS = st.characters(categories=["L", "N"])
TIMES = ("CreatedAt", "UpdatedAt", "FirstObservedAt", "LastObservedAt")
ONE_OF_MANY = "field 0"
"""A key of `fields`: where there are as many as allowed, it replaces one and adds none."""
TEXTS: Mapping[str, tuple[int, Path]] = {
    "Id has 1 to 512 characters": (512, ("Id",)),
    "GeneratorId has 1 to 512 characters": (512, ("GeneratorId",)),
    "Description has 1 to 1024 characters": (1024, ("Description",)),
    "FindingProviderFields.Severity.Original has 1 to 64 characters": (
        64,
        ("FindingProviderFields", "Severity", "Original"),
    ),
    "Compliance.RelatedRequirements has at most 32 entries of at most 64 characters": (
        64,
        ("Compliance", "RelatedRequirements", 0),
    ),
    "Remediation.Recommendation has a Text of 1 to 512 characters or a public Url": (
        512,
        ("Remediation", "Recommendation", "Text"),
    ),
    "ProductFields has values of at most 2048 characters": (
        2048,
        ("ProductFields", ONE_OF_MANY),
    ),
    "Resource Tags has 1 to 50 values of at most 256 characters, or is omitted": (
        256,
        ("Resources", 0, "Tags", ONE_OF_MANY),
    ),
    "Resource Details.Other has at most 50 short strings": (
        1023,
        ("Resources", 0, "Details", "Other", "a"),
    ),
}
"""The maximum length of a text and its path, by rule."""
NUMBERS: Mapping[str, tuple[int, int, Callable[[int], object], Path]] = {
    "FindingProviderFields.Confidence and Criticality are 0 to 100": (
        0,
        100,
        lambda number: number,
        ("FindingProviderFields", "Confidence"),
    ),
    "Types has 1 to 50 types of AWS Security Best Practices": (
        1,
        50,
        lambda number: [TYPE] * number,
        ("Types",),
    ),
    "ProductFields has at most 50 entries": (0, 50, fields, ("ProductFields",)),
    "Resource Tags has 1 to 50 values of at most 256 characters, or is omitted": (
        1,
        50,
        fields,
        ("Resources", 0, "Tags"),
    ),
}
"""The minimum, the maximum, how to build a value of a size, and its path, by rule."""


def texts(minimum: int, maximum: int) -> st.SearchStrategy[str]:
    """Draw texts of these lengths, without a draw for each character."""
    return st.builds(
        lambda some, length: (some * (length // len(some) + 1))[:length],
        st.text(CHARACTERS, min_size=1, max_size=8),
        st.integers(minimum, maximum),
    )


def placed(values: st.SearchStrategy[object], path: Path) -> st.SearchStrategy[Edit]:
    return values.map(lambda value: set_at(value, *path))


def named(rule: str, edits: st.SearchStrategy[Edit]) -> st.SearchStrategy[Broken]:
    return edits.map(lambda edit: (rule, edit))


moments = st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.isoformat())
valid_changes = st.one_of(
    *(placed(texts(1, maximum), path) for maximum, path in TEXTS.values()),
    *(
        placed(st.integers(minimum, maximum).map(make), path)
        for minimum, maximum, make, path in NUMBERS.values()
    ),
    placed(texts(1, 256 - len(f": {NAME}")).map(lambda text: f"{text}: {NAME}"), ("Title",)),
    *(placed(moments, (field,)) for field in TIMES),
    placed(st.sampled_from(["PASSED", "WARNING", "NOT_AVAILABLE"]), ("Compliance", "Status")),
    placed(st.just("ARCHIVED"), ("RecordState",)),
)
"""Changes that break no rule."""

invalid_changes = st.one_of(
    st.sampled_from([(rule, edit) for rule, edits in BY_RULE.items() for edit in edits]),
    *(
        named(rule, placed(texts(maximum + 1, maximum + 99), path))
        for rule, (maximum, path) in TEXTS.items()
    ),
    *(
        named(rule, placed(st.integers(maximum + 1, maximum + 99).map(make), path))
        for rule, (_, maximum, make, path) in NUMBERS.items()
    ),
)
"""Changes that break a rule, with the name of the rule."""


@examples(derandomize=True, deadline=None, max_examples=1000)
@given(changes=st.lists(valid_changes, max_size=4), fault=invalid_changes)
def test_a_finding_is_rejected_if_and_only_if_it_breaks_a_rule(
    changes: Sequence[Edit], fault: Broken
) -> None:
    rule, edit = fault

    assert problems(edited(*changes)) == ()
    assert rule in rule_violations(edited(*changes, edit))
