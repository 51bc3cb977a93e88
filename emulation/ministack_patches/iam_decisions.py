"""Records each decision of ministack's IAM, which AWS would record in CloudTrail.

The file contains one JSON object per line: `{"principal", "action", "resource", "allowed"}` for a
decision, and `{"access_key", "principal"}` for temporary credentials that were issued.
"""

import json
import threading
from importlib import import_module
from pathlib import Path
from typing import Any


class DecisionLog:
    """The file of IAM decisions."""

    def __init__(self, path: Path) -> None:
        """Append to the file at this path."""
        self._path = path
        self._lock = threading.Lock()

    def write_decision(self, principal: str, action: str, resource: str, *, allowed: bool) -> None:
        """Append a decision."""
        self._append(principal=principal, action=action, resource=resource, allowed=allowed)

    def write_credentials(self, access_key: str, principal: str) -> None:
        """Append the principal of an access key."""
        self._append(access_key=access_key, principal=principal)

    def _append(self, **entry: object) -> None:
        with self._lock, self._path.open("a") as file:
            file.write(json.dumps(entry) + "\n")


def apply(decisions: DecisionLog) -> None:
    """Apply the patch, which writes to this log."""
    evaluator: Any = import_module("ministack.core.iam_evaluator")
    responses: Any = import_module("ministack.core.responses")
    sessions: Any = import_module("ministack.services.sts")
    decide, register = evaluator.enforce, sessions.register_session

    def enforce(access_key: str, action: str, *rest: Any, **context: Any) -> Any:  # noqa: ANN401 - ministack's
        error = decide(access_key, action, *rest, **context)
        caller = evaluator.resolve_credential(access_key or "", responses.get_account_id())
        principal = getattr(caller, "principal_arn", "")
        resource = context.get("resource_arn", "*")
        decisions.write_decision(principal, action, resource, allowed=error is None)
        return error

    def register_session(access_key: str, session: dict[str, Any]) -> None:
        decisions.write_credentials(access_key, session["Arn"])
        register(access_key, session)

    evaluator.enforce = enforce
    sessions.register_session = register_session
