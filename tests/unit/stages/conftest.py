import pytest

from tests.unit.stages.publish_helpers import World
from tests.unit.stages.report_helpers import ReportHarness


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def desk() -> ReportHarness:
    return ReportHarness()
