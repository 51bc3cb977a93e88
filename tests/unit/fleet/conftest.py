from collections.abc import Iterator

import pytest

from tests.unit.fleet.world import World


@pytest.fixture
def world() -> Iterator[World]:
    """An account without databases; whatever it is told must be in order."""
    world = World()
    yield world
    assert world.hub.violations == []
