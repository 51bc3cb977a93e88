"""Lets a test send events in the name of RDS to EventBridge.

EventBridge, and ministack too, accepts events with a source of `aws.*` only from AWS services. The
patch accepts them from all callers; ministack still matches them to the rules.
"""

from importlib import import_module
from typing import Any


def apply() -> None:
    """Apply the patch."""
    bus: Any = import_module("ministack.services.eventbridge")
    put = bus._put_events  # noqa: SLF001

    def put_events(data: dict[str, Any], **_: bool) -> object:
        return put(data, allow_aws_source=True)

    bus._put_events = put_events  # noqa: SLF001
