from collections.abc import Iterator

import pytest

from tests.scenarios.readiness_helpers import ORDERS, answer_of, quiet, sampled
from tests.scenarios.simulated_account import World


@pytest.fixture
def world() -> Iterator[World]:
    """An account without databases; whatever it is told must be in order."""
    world = World()
    yield world
    assert world.hub.violations == []


@pytest.fixture
def safe(world: World) -> World:
    """An account with one database, of which a full run has just said that forcing is safe."""
    world.put(quiet(ORDERS))
    sampled(world, ORDERS)
    world.full()
    assert answer_of(world, ORDERS) == "safe"
    return world
