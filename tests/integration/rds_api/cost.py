"""What a full run of the discover function costs, as its process and the server count it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.integration.rds_api.rds_server import Fleet, environment, serving

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 500


def cost(fleet: Fleet) -> dict[str, float]:
    """Run the discover function once, in a process of its own."""
    with serving(fleet) as server:
        ended = subprocess.run(
            [sys.executable, "-m", "tests.integration.rds_api.single_run"],
            cwd=ROOT,
            env={
                "HOME": os.environ["HOME"],
                "PATH": os.environ["PATH"],
                "PYTHONPATH": os.pathsep.join(
                    [str(ROOT), *(str(ROOT / "layers" / it) for it in ("rds_tls_audit", "rds_ca"))]
                ),
                "POWERTOOLS_LOG_LEVEL": "CRITICAL",
                "RUN_BUCKET": "runs",
                **environment(server.url),
            },
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        spent: dict[str, float] = json.loads(ended.stdout)
        assert spent["databases"] == len(fleet.instances)
        (manifest,) = [it for key, it in server.put.items() if key.endswith("/batches.json")]
        return spent | {"calls": len(server.calls), "manifest_bytes": len(manifest)}
