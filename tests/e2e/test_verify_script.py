"""The verification script for a real account, run against the emulated account."""

import os
import subprocess
import sys

import pytest

from tests.e2e.conftest import Deployment
from tests.support.repository import ROOT

SCRIPT = ROOT / "docs" / "verify_on_aws.py"


# Not `seal`, which resolves an address on the internet, and not `lock`: with so few databases, the
# first run has often ended before the second one starts.
@pytest.mark.parametrize("check", ["run", "findings", "alarm", "rights"])
def test_a_check_of_the_script_passes_on_a_good_stack(deployment: Deployment, check: str) -> None:
    script = subprocess.run(
        [sys.executable, SCRIPT, "--stack", deployment.stack.name, "--only", check],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | deployment.emulator.environment(),
        timeout=500,
    )

    assert (script.returncode, script.stderr) == (0, "")
    assert "audits configuration, wire and sessions" in script.stdout
    assert f"{check:10} ok" in script.stdout
