"""Paths of the repository, for tests that read its files."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
GOLDEN_DIGESTS = ROOT / "tests" / "golden" / "digest"
GOLDEN_FINDINGS = ROOT / "tests" / "golden" / "findings"
