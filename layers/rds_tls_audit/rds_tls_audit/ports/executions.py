"""Where runs are started: the state machine's executions."""

from collections.abc import Mapping
from typing import Protocol


class Executions(Protocol):
    """The executions of the audit's state machine."""

    def start(self, name: str, asked: Mapping[str, object]) -> None:
        """Start an execution with this input; does nothing if the name has been used before."""
