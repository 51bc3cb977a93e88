"""Fetches axe-core, the accessibility checker: once by npm, verified, and cached in .axe/."""

import base64
import hashlib
import shutil
import subprocess
import tarfile

from tests.support.environment import CALLER
from tests.support.repository import ROOT

VERSION = "4.14.1"
SHA512 = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
CACHE = ROOT / ".axe"


class AxeNotFoundError(Exception):
    """axe-core is neither cached nor can it be fetched."""


def source() -> str:
    """Return the script.

    Raises:
        AxeNotFoundError: if it is not cached and can't be fetched.
        ValueError: if the package is not the expected one.
    """
    package = CACHE / f"axe-core-{VERSION}.tgz"
    if not package.exists():
        _fetch()
    digest = base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode()
    if digest != SHA512:
        package.unlink()
        raise ValueError(f"{package} must be axe-core {VERSION}; its SHA-512 is {digest}")
    with tarfile.open(package) as archive:
        script = archive.extractfile("package/axe.min.js")
        assert script is not None
        return script.read().decode()


def _fetch() -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise AxeNotFoundError("axe-core cannot be fetched because npm is not installed")
    CACHE.mkdir(exist_ok=True)
    outcome = subprocess.run(
        [npm, "pack", f"axe-core@{VERSION}", "--pack-destination", str(CACHE)],
        capture_output=True,
        text=True,
        check=False,
        env=CALLER,
    )
    if outcome.returncode:
        raise AxeNotFoundError(f"npm could not fetch axe-core: {outcome.stderr.strip()[-300:]}")
