"""axe-core, the accessibility rules: fetched once by npm, checked, and kept in .axe/."""

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
    """There is no axe-core, and no way to get it."""


def source() -> str:
    """Give the script.

    Raises:
        AxeNotFoundError: says why there is none.
    """
    package = CACHE / f"axe-core-{VERSION}.tgz"
    if not package.exists():
        _fetch()
    digest = base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode()
    if digest != SHA512:
        package.unlink()
        raise ValueError(f"{package} is not axe-core {VERSION}: its SHA-512 is {digest}")
    with tarfile.open(package) as archive:
        script = archive.extractfile("package/axe.min.js")
        assert script is not None
        return script.read().decode()


def _fetch() -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise AxeNotFoundError("npm is not installed: axe-core cannot be fetched")
    CACHE.mkdir(exist_ok=True)
    outcome = subprocess.run(
        [npm, "pack", f"axe-core@{VERSION}", "--pack-destination", str(CACHE)],
        capture_output=True,
        text=True,
        check=False,
        env=CALLER,
    )
    if outcome.returncode:
        raise AxeNotFoundError(f"npm cannot fetch axe-core: {outcome.stderr.strip()[-300:]}")
