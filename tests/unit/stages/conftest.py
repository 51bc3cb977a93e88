import pytest

from tests.unit.fakes import Topic
from tests.unit.stages.publishing import World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def topic() -> Topic:
    return Topic()
