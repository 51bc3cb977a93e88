"""Leads boto3 to a server of the test's own, and lets botocore wait a fraction of its time."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import SimpleNamespace

import pytest

from tests.integration.rds_api.rds_server import Fault, Fleet, RdsServer, environment, serving

type Serve = Callable[..., AbstractContextManager[RdsServer]]

HASTE = 20
"""How many times faster than RDS and botocore's retries the clock of these tests runs."""


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Serve a fleet, with faults, where boto3 looks for AWS."""

    @contextmanager
    def served(fleet: Fleet, *faults: Fault, heeds_filters: bool = True) -> Iterator[RdsServer]:
        with serving(fleet, *faults, heeds_filters=heeds_filters) as server:
            for name, value in environment(server.url).items():
                monkeypatch.setenv(name, value)
            yield server

    return served


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the waits between botocore's attempts; a server's bucket is sped up alike."""
    clock = SimpleNamespace(sleep=lambda seconds: time.sleep(seconds / HASTE))
    monkeypatch.setattr("botocore.endpoint.time", clock)
