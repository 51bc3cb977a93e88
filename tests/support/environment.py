"""What of the caller's environment reaches the tests, and what they start: next to nothing."""

import atexit
import locale
import os
import shutil
import tempfile
import time
from contextlib import suppress

CALLER = dict(os.environ)
"""As it was: for npm, which fetches from wherever this machine is configured to."""

_KEPT = {
    *("PATH", "LD_LIBRARY_PATH", "TMPDIR"),
    *("TERM", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "PY_COLORS"),
    "REGENERATE_GOLDEN",
}
_KEPT_BEGIN = ("CI", "GITHUB_", "PYTEST_", "COV_", "COVERAGE_")
_LOCALE = "C.UTF-8"


def isolate() -> None:
    """Leave out all else: profiles, proxies, languages, and every setting of the tool's own."""
    os.umask(0o022)
    # A worker of xdist has inherited the isolated one.
    if "PYTEST_XDIST_WORKER" not in os.environ:
        for name in os.environ.keys() - _KEPT:
            if not name.startswith(_KEPT_BEGIN):
                del os.environ[name]
        os.environ |= {
            "AWS_EC2_METADATA_DISABLED": "true",  # no credentials of the machine's either
            "HOME": _empty_home(),
            "LC_ALL": _LOCALE,
            "TZ": "UTC",
        }
    time.tzset()
    with suppress(locale.Error):  # where there is none of this name, they are UTF-8 anyway
        locale.setlocale(locale.LC_ALL, _LOCALE)


def _empty_home() -> str:
    """Give a home without anybody's ~/.aws, ~/.pgpass and the like."""
    home = tempfile.mkdtemp(prefix="home-of-tests-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    return home
