"""The fixtures of the version matrix, and a warning about versions that could not run."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from demo.account import AUDIT_PASSWORD, SECRET
from emulation.account import EmulatedAccount
from emulation.pki import RootAuthority
from tests.integration.postgres_versions.binaries import (
    BinariesMissingError,
    Pin,
    fetch_bin_dir,
    read_pins,
)
from tests.integration.postgres_versions.version_fleet import ROLE, Audited, audit

REQUIRED = "CI_MATRIX_REQUIRED"
NOT_RUN = pytest.StashKey[dict[int, str]]()


class Matrix:
    """Audits the servers of a version once, when the first test needs it."""

    def __init__(self, account: EmulatedAccount, authority: RootAuthority) -> None:
        self._account = account
        self._authority = authority
        self._outcomes: dict[int, Audited | Exception] = {}
        with ThreadPoolExecutor(max_workers=4) as pool:
            found = pool.map(_programs, read_pins().values())
            self._programs = dict(zip(read_pins(), found, strict=True))

    def audited(self, version: int) -> Audited:
        """Return the outcome of a version; an error is raised for every test."""
        if version not in self._outcomes:
            try:
                self._outcomes[version] = self._audit(version)
            except Exception as error:  # noqa: BLE001 - raised again, for every test
                self._outcomes[version] = error
        outcome = self._outcomes[version]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _audit(self, version: int) -> Audited:
        # A version that is not pinned is the one of the development environment.
        programs = self._programs.get(version)
        if isinstance(programs, Exception):
            raise programs
        return audit(self._account, self._authority, version, programs)


def _programs(pin: Pin) -> Path | BinariesMissingError:
    try:
        return fetch_bin_dir(pin)
    except BinariesMissingError as missing:
        return missing


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    authority = RootAuthority.create("RDS root of the matrix")
    bundle = tmp_path_factory.mktemp("roots") / "roots.pem"
    bundle.write_bytes(authority.certificate_pem)
    with pytest.MonkeyPatch.context() as patch, EmulatedAccount() as account:
        for name, value in account.environment().items():
            patch.setenv(name, value)
        patch.setenv("RDS_CA_BUNDLE", str(bundle))
        patch.setenv("PROBE_DEADLINE_SECONDS", "120")
        account.put_secret(SECRET, ROLE, AUDIT_PASSWORD)
        yield Matrix(account, authority)


@pytest.fixture
def audited(matrix: Matrix, version: int, pytestconfig: pytest.Config) -> Audited:
    """The outcome for the version of a parametrized test."""
    try:
        return matrix.audited(version)
    except BinariesMissingError as missing:
        reason = f"PostgreSQL {version} was not run: {missing}"
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(reason, pytrace=False)
        pytestconfig.stash.setdefault(NOT_RUN, {})[version] = reason
        pytest.skip(reason)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    not_run = config.stash.get(NOT_RUN, {})
    if not not_run:
        return
    terminalreporter.section("THE VERSION MATRIX IS INCOMPLETE", yellow=True, bold=True)
    for reason in not_run.values():
        terminalreporter.line(reason, yellow=True)
    terminalreporter.line(f"{REQUIRED}=1 makes this an error.", yellow=True)
