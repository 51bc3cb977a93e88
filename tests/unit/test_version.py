"""The version that findings and the HTML report show."""

import tomllib

from rds_tls_audit import VERSION
from tests.support.repository import ROOT

PROJECT = ROOT / "pyproject.toml"


def test_the_package_has_the_version_of_the_project() -> None:
    assert tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["version"] == VERSION
