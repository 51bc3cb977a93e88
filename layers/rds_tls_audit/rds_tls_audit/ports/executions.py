"""The executions of the state machine, which start runs."""

from collections.abc import Mapping
from typing import Protocol


class Executions(Protocol):
    """The executions of the audit's state machine."""

    def start(self, name: str, execution_input: Mapping[str, object]) -> None:
        """Start an execution; do nothing if one of this name was started in the last 90 days."""
