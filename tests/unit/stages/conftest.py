import pytest

from tests.unit.stages.publish_helpers import PublishHarness
from tests.unit.stages.report_helpers import ReportHarness


@pytest.fixture
def publisher() -> PublishHarness:
    return PublishHarness()


@pytest.fixture
def reporter() -> ReportHarness:
    return ReportHarness()
