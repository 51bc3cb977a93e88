"""Publish's hub in memory: the port itself, with a strict hub behind its client."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Self, cast

import botocore.session
from botocore.exceptions import ClientError
from botocore.model import ServiceModel

from emulation.strict_hub import GET, IMPORT, UPDATE, HubError, MemoryHub
from emulation.strict_hub_server import (
    Call,
    get_findings,
    import_findings,
    status_of,
    update_findings,
)
from rds_tls_audit.adapters.security_hub.client import ATTEMPTS, SecurityHub
from rds_tls_audit.findings.asff import Finding
from rds_tls_audit.findings.import_result import ImportResult

if TYPE_CHECKING:
    from mypy_boto3_securityhub import SecurityHubClient

_TRIED_AGAIN = {"InternalException", "LimitExceededException", "TooManyRequestsException"}


@dataclass
class StrictHub(MemoryHub):
    """A hub, and the port that leads to it."""

    calls: list[list[Finding]] = field(default_factory=list)
    """The findings of each `import_findings`."""

    def import_findings(self, findings: Sequence[Finding]) -> ImportResult:
        self.calls.append(list(findings))
        # The port sets these aside: nobody should hand them to it.
        times = Counter(str(finding.get("Id", "")) for finding in findings)
        self.violations += sorted(f"{it} sent twice at once" for it in times if times[it] > 1)
        return self._port.import_findings(findings)

    def resolve(self, findings: Sequence[Finding]) -> frozenset[str]:
        return self._port.resolve(findings)

    @property
    def _port(self) -> SecurityHub:
        return SecurityHub(cast("Callable[[], SecurityHubClient]", partial(_Client, self)))


class _Client:
    """What the port asks of botocore's: asks a hub, and again where that one would."""

    def __init__(self, hub: MemoryHub) -> None:
        self._hub = hub
        self.meta = SimpleNamespace(service_model=_service_model())

    def batch_import_findings(self, **asked: object) -> Mapping[str, Any]:
        return self._ask(IMPORT, import_findings, asked)

    def batch_update_findings(self, **asked: object) -> Mapping[str, Any]:
        return self._ask(UPDATE, update_findings, asked)

    def get_paginator(self, operation: str) -> Self:
        assert operation == "get_findings"
        return self

    def paginate(
        self,
        *,
        Filters: object,  # noqa: N803 - botocore's names
        PaginationConfig: Mapping[str, int],  # noqa: N803
    ) -> Iterator[Mapping[str, Any]]:
        asked = {"Filters": Filters, "MaxResults": PaginationConfig["PageSize"]}
        while True:
            page = self._ask(GET, get_findings, asked)
            yield page
            if "NextToken" not in page:
                return
            asked["NextToken"] = page["NextToken"]

    def _ask(self, operation: str, call: Call, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        attempts = 0
        while True:
            attempts += 1
            try:
                return call(self._hub, asked)
            except HubError as error:
                if error.code not in _TRIED_AGAIN or attempts == ATTEMPTS:
                    raise _told(error, operation, attempts) from error


@cache
def _service_model() -> ServiceModel:
    return botocore.session.get_session().get_service_model("securityhub")


def _told(error: HubError, operation: str, attempts: int) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": error.code, "Message": str(error)},
            "ResponseMetadata": {
                "HTTPStatusCode": status_of(error),
                "RetryAttempts": attempts - 1,
                "RequestId": "",
                "HTTPHeaders": {},
                "HostId": "",
            },
        },
        operation,
    )
