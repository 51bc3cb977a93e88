"""Isolate the tests, and the processes that they start, from the caller's environment."""

import atexit
import locale
import os
import shutil
import tempfile
import time
from contextlib import suppress

CALLER = dict(os.environ)
"""The environment before isolation: npm needs the registry settings of the machine."""

_KEPT = {
    *("PATH", "LD_LIBRARY_PATH", "TMPDIR"),
    *("TERM", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "PY_COLORS"),
    "REGENERATE_GOLDEN",
}
_KEPT_BEGIN = ("CI", "GITHUB_", "PYTEST_", "COV_", "COVERAGE_")
_LOCALE = "C.UTF-8"


def isolate() -> None:
    """Remove profiles, proxies, locales, and all settings of the audit from the environment."""
    os.umask(0o022)
    # A worker of xdist inherits the isolated environment.
    if "PYTEST_XDIST_WORKER" not in os.environ:
        for name in os.environ.keys() - _KEPT:
            if not name.startswith(_KEPT_BEGIN):
                del os.environ[name]
        os.environ |= {
            "AWS_EC2_METADATA_DISABLED": "true",  # no credentials of the machine
            "HOME": _empty_home(),
            "LC_ALL": _LOCALE,
            "TZ": "UTC",
        }
    time.tzset()
    with suppress(locale.Error):  # systems without this locale use UTF-8 anyway
        locale.setlocale(locale.LC_ALL, _LOCALE)


def _empty_home() -> str:
    """Create a home directory without files such as ~/.aws and ~/.pgpass."""
    home = tempfile.mkdtemp(prefix="home-of-tests-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    return home
