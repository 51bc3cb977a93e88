"""How long an invocation may go on: less than Lambda gives it, so that it can still answer."""

import math
from dataclasses import dataclass

import pytest

from rds_tls_audit.adapters.clock import time_left


@dataclass
class Context:
    """Lambda's context, of which nothing else is asked."""

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
def test_a_tenth_is_kept_and_no_more_than_the_reserve(seconds: float, left: float) -> None:
    tell = time_left(Context(milliseconds=int(seconds * 1000)), reserve=5)

    assert tell() == pytest.approx(left)


def test_what_is_kept_stays_the_same_as_time_goes_by() -> None:
    context = Context(milliseconds=30_000)
    tell = time_left(context, reserve=5)
    context.milliseconds = 10_000

    assert tell() == pytest.approx(7)

    context.milliseconds = 1_000

    assert tell() == pytest.approx(-2)


@pytest.mark.parametrize("context", [None, {}, object()], ids=["none", "dict", "object"])
def test_where_there_is_no_lambda_there_is_no_end(context: object) -> None:
    assert time_left(context, reserve=5)() == math.inf
