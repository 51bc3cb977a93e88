"""Security Hub in memory: the real adapter, with a strict hub behind its client."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Self, cast

import botocore.session
from botocore.exceptions import ClientError
from botocore.model import ServiceModel

from emulation.strict_hub import GET, IMPORT, UPDATE, HubError, InMemoryHub
from emulation.strict_hub_server import (
    Call,
    get_findings,
    http_status,
    import_findings,
    update_findings,
)
from rds_tls_audit.adapters.security_hub.client import ATTEMPTS, SecurityHub
from rds_tls_audit.findings.asff import Finding
from rds_tls_audit.findings.import_result import ImportResult

if TYPE_CHECKING:
    from mypy_boto3_securityhub import SecurityHubClient

_RETRIED = {"InternalException", "LimitExceededException", "TooManyRequestsException"}


@dataclass
class StrictHub(InMemoryHub):
    """A strict hub, used through the real adapter."""

    calls: list[list[Finding]] = field(default_factory=list)
    """The findings of each `import_findings`."""

    def import_findings(self, findings: Sequence[Finding]) -> ImportResult:
        self.calls.append(list(findings))
        # The adapter rejects duplicates, but the stages must not send any.
        times = Counter(str(finding.get("Id", "")) for finding in findings)
        self.violations += sorted(
            f"{finding_id} sent twice in one call" for finding_id in times if times[finding_id] > 1
        )
        return self._adapter.import_findings(findings)

    def resolve(self, findings: Sequence[Finding]) -> frozenset[str]:
        return self._adapter.resolve(findings)

    @property
    def _adapter(self) -> SecurityHub:
        return SecurityHub(cast("Callable[[], SecurityHubClient]", partial(_Client, self)))


class _Client:
    """The part of a botocore client that the adapter uses; it retries as botocore does."""

    def __init__(self, hub: InMemoryHub) -> None:
        self._hub = hub
        self.meta = SimpleNamespace(service_model=_service_model())

    def batch_import_findings(self, **request: object) -> Mapping[str, Any]:
        return self._call(IMPORT, import_findings, request)

    def batch_update_findings(self, **request: object) -> Mapping[str, Any]:
        return self._call(UPDATE, update_findings, request)

    def get_paginator(self, operation: str) -> Self:
        assert operation == "get_findings"
        return self

    def paginate(
        self,
        *,
        Filters: object,  # noqa: N803 - botocore's names
        PaginationConfig: Mapping[str, int],  # noqa: N803
    ) -> Iterator[Mapping[str, Any]]:
        request = {"Filters": Filters, "MaxResults": PaginationConfig["PageSize"]}
        while True:
            page = self._call(GET, get_findings, request)
            yield page
            if "NextToken" not in page:
                return
            request["NextToken"] = page["NextToken"]

    def _call(self, operation: str, operate: Call, request: Mapping[str, Any]) -> Mapping[str, Any]:
        attempts = 0
        while True:
            attempts += 1
            try:
                return operate(self._hub, request)
            except HubError as error:
                if error.code not in _RETRIED or attempts == ATTEMPTS:
                    raise _client_error(error, operation, attempts) from error


@cache
def _service_model() -> ServiceModel:
    return botocore.session.get_session().get_service_model("securityhub")


def _client_error(error: HubError, operation: str, attempts: int) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": error.code, "Message": str(error)},
            "ResponseMetadata": {
                "HTTPStatusCode": http_status(error),
                "RetryAttempts": attempts - 1,
                "RequestId": "",
                "HTTPHeaders": {},
                "HostId": "",
            },
        },
        operation,
    )
