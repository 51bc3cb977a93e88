"""Measure the cost of a full run of the discover function in a separate process."""

import json
import os
import subprocess
import sys

from tests.integration.rds_api.rds_server import Fleet, environment, serving
from tests.support.repository import ROOT

TIMEOUT_SECONDS = 500


def cost(fleet: Fleet) -> dict[str, float]:
    """Run the discover function once in a separate process, and return its costs."""
    with serving(fleet) as server:
        ended = subprocess.run(
            [sys.executable, "-m", "tests.integration.rds_api.single_run"],
            cwd=ROOT,
            env={
                "HOME": os.environ["HOME"],
                "PATH": os.environ["PATH"],
                "PYTHONPATH": os.pathsep.join(
                    [
                        str(ROOT),
                        *(str(ROOT / "layers" / name) for name in ("rds_tls_audit", "rds_ca")),
                    ]
                ),
                "POWERTOOLS_LOG_LEVEL": "CRITICAL",
                "RUN_BUCKET": "runs",
                **environment(server.url),
            },
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        costs: dict[str, float] = json.loads(ended.stdout)
        assert costs["databases"] == len(fleet.instances)
        (manifest,) = [
            body for key, body in server.objects.items() if key.endswith("/batches.json")
        ]
        return costs | {"calls": len(server.calls), "manifest_bytes": len(manifest)}
