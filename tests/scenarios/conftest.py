from collections.abc import Iterator

import pytest

from tests.scenarios.readiness_helpers import (
    ORDERS,
    readiness_of,
    record_five_weeks_of_samples,
    without_plaintext_clients,
)
from tests.scenarios.simulated_account import SimulatedAccount


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    """An account without databases; everything that it sends to Security Hub must be valid."""
    account = SimulatedAccount()
    yield account
    assert account.hub.violations == []


@pytest.fixture
def safe_account(account: SimulatedAccount) -> SimulatedAccount:
    """An account with one database that a full run has just assessed as safe to force TLS."""
    account.set_databases(without_plaintext_clients(ORDERS))
    record_five_weeks_of_samples(account, ORDERS)
    account.run_full()
    assert readiness_of(account, ORDERS) == "safe"
    return account
