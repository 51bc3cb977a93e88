"""An invocation has less time than Lambda gives it, so that it can still return its result."""

import math
from dataclasses import dataclass

import pytest

from rds_tls_audit.adapters.clock import time_left


@dataclass
class Context:
    """The part of the Lambda context that is used."""

    milliseconds: int

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


@pytest.mark.parametrize(
    ("seconds", "left"),
    [
        pytest.param(900, 895, id="no-more-than-the-reserve"),
        pytest.param(50, 45, id="a-tenth-is-the-reserve"),
        pytest.param(49.99, 44.991, id="a-tenth-is-less-than-the-reserve"),
        pytest.param(3, 2.7, id="short"),
        pytest.param(0, 0, id="none-left"),
    ],
)
def test_a_tenth_is_reserved_and_no_more_than_the_maximum(seconds: float, left: float) -> None:
    seconds_left = time_left(Context(milliseconds=int(seconds * 1000)), reserve=5)

    assert seconds_left() == pytest.approx(left)


def test_the_reserved_time_does_not_change_as_time_passes() -> None:
    context = Context(milliseconds=30_000)
    seconds_left = time_left(context, reserve=5)
    context.milliseconds = 10_000

    assert seconds_left() == pytest.approx(7)

    context.milliseconds = 1_000

    assert seconds_left() == pytest.approx(-2)


@pytest.mark.parametrize("context", [None, {}, object()], ids=["none", "dict", "object"])
def test_without_a_lambda_context_the_time_is_unlimited(context: object) -> None:
    assert time_left(context, reserve=5)() == math.inf
