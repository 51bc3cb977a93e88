"""Writes down each decision of ministack's IAM: who asked for which action, and the answer.

One JSON object a line: `{"principal", "action", "resource", "allowed"}` for a decision,
`{"access_key", "principal"}` for credentials that were handed out.
"""

import json
import threading
from importlib import import_module
from pathlib import Path
from typing import Any


class Decisions:
    """A file of them."""

    def __init__(self, path: Path) -> None:
        """Append to this one."""
        self._path = path
        self._lock = threading.Lock()

    def write(self, principal: str, action: str, resource: str, *, allowed: bool) -> None:
        """Add one decision."""
        self._append(principal=principal, action=action, resource=resource, allowed=allowed)

    def record(self) -> None:
        """Add those that ministack takes from now on."""
        evaluator: Any = import_module("ministack.core.iam_evaluator")
        responses: Any = import_module("ministack.core.responses")
        sessions: Any = import_module("ministack.services.sts")
        decide, register = evaluator.enforce, sessions.register_session

        def enforce(access_key: str, action: str, *rest: Any, **about: Any) -> Any:  # noqa: ANN401 - ministack's
            refused = decide(access_key, action, *rest, **about)
            caller = evaluator.resolve_credential(access_key or "", responses.get_account_id())
            principal = getattr(caller, "principal_arn", "")
            self.write(principal, action, about.get("resource_arn", "*"), allowed=refused is None)
            return refused

        def register_session(access_key: str, session: dict[str, Any]) -> None:
            self._append(access_key=access_key, principal=session["Arn"])
            register(access_key, session)

        evaluator.enforce = enforce
        sessions.register_session = register_session

    def _append(self, **entry: object) -> None:
        with self._lock, self._path.open("a") as file:
            file.write(json.dumps(entry) + "\n")
