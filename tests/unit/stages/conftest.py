import pytest

from tests.unit.stages.publishing import World
from tests.unit.stages.reporting import Desk


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def desk() -> Desk:
    return Desk()
