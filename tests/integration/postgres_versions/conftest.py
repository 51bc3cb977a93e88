"""The matrix of versions: what it needs, and a loud word on what it could not run."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from demo.scene import AUDIT_PASSWORD, SECRET
from emulation.account import LocalAccount
from emulation.pki import Authority
from tests.integration.postgres_versions.binaries import BinariesMissingError, Pin, bin_dir, pins
from tests.integration.postgres_versions.version_fleet import ROLE, Audited, audit

REQUIRED = "CI_MATRIX_REQUIRED"
LEFT_OUT = pytest.StashKey[dict[int, str]]()


class Matrix:
    """Audits the servers of a version once, when a test first asks for it."""

    def __init__(self, account: LocalAccount, authority: Authority) -> None:
        self._account = account
        self._authority = authority
        self._outcomes: dict[int, Audited | Exception] = {}
        with ThreadPoolExecutor(max_workers=4) as pool:
            found = pool.map(_programs, pins().values())
            self._programs = dict(zip(pins(), found, strict=True))

    def audited(self, version: int) -> Audited:
        """Give the outcome, an error too, as often as it is asked for."""
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
        # What is not pinned here is the version of the development environment.
        programs = self._programs.get(version)
        if isinstance(programs, Exception):
            raise programs
        return audit(self._account, self._authority, version, programs)


def _programs(pin: Pin) -> Path | BinariesMissingError:
    try:
        return bin_dir(pin)
    except BinariesMissingError as missing:
        return missing


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    authority = Authority.create("RDS root of the matrix")
    bundle = tmp_path_factory.mktemp("roots") / "roots.pem"
    bundle.write_bytes(authority.certificate_pem)
    with pytest.MonkeyPatch.context() as patch, LocalAccount() as account:
        for name, value in account.environment().items():
            patch.setenv(name, value)
        patch.setenv("RDS_CA_BUNDLE", str(bundle))
        patch.setenv("PROBE_DEADLINE_SECONDS", "120")
        account.put_secret(SECRET, ROLE, AUDIT_PASSWORD)
        yield Matrix(account, authority)


@pytest.fixture
def audited(matrix: Matrix, version: int, pytestconfig: pytest.Config) -> Audited:
    """The outcome for the version that a test is parametrized with."""
    try:
        return matrix.audited(version)
    except BinariesMissingError as missing:
        reason = f"PostgreSQL {version} was not run: {missing}"
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(reason, pytrace=False)
        pytestconfig.stash.setdefault(LEFT_OUT, {})[version] = reason
        pytest.skip(reason)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    left_out = config.stash.get(LEFT_OUT, {})
    if not left_out:
        return
    terminalreporter.section("THE MATRIX IS NOT COMPLETE", yellow=True, bold=True)
    for reason in left_out.values():
        terminalreporter.line(reason, yellow=True)
    terminalreporter.line(f"{REQUIRED}=1 makes this an error.", yellow=True)
