"""Point boto3 to the server of a test, and shorten the waits of botocore."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import SimpleNamespace

import pytest

from tests.integration.rds_api.rds_server import Fault, Fleet, RdsServer, environment, serving

type Serve = Callable[..., AbstractContextManager[RdsServer]]

SPEEDUP = 20
"""The factor by which the waits of RDS and of botocore's retries are shortened."""


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Serve a fleet, with faults, to boto3."""

    @contextmanager
    def served(fleet: Fleet, *faults: Fault, applies_filters: bool = True) -> Iterator[RdsServer]:
        with serving(fleet, *faults, applies_filters=applies_filters) as server:
            for name, value in environment(server.url).items():
                monkeypatch.setenv(name, value)
            yield server

    return served


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the waits between the attempts of botocore; the throttle runs faster alike."""
    clock = SimpleNamespace(sleep=lambda seconds: time.sleep(seconds / SPEEDUP))
    monkeypatch.setattr("botocore.endpoint.time", clock)
