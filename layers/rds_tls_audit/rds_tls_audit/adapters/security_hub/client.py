"""Import findings into Security Hub, and report every failure."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.model import Shape

from rds_tls_audit.adapters.api_errors import API_ERRORS, error_code
from rds_tls_audit.adapters.security_hub.schema import finding_shape, schema_violations
from rds_tls_audit.adapters.security_hub.workflow import resolve
from rds_tls_audit.findings.asff import Finding
from rds_tls_audit.findings.asff_rules import rule_violations
from rds_tls_audit.findings.import_batches import split_into_calls
from rds_tls_audit.findings.import_result import ImportResult, Rejection
from rds_tls_audit.text import escape

if TYPE_CHECKING:
    from mypy_boto3_securityhub import SecurityHubClient

_INVALID = "SetAside"
"""The code of a finding that failed validation and was not sent."""
_NOT_SENT = "NotSent"
"""The code of a finding that was not sent because Security Hub is off."""
_UNCONFIRMED = "Unconfirmed"
"""The code of a finding that may have been imported: the response does not say."""
ATTEMPTS = 6
"""The attempts of one call. A throttled call waits 15 s in total on average; a call that fails with
a 5xx status, less than 1 s."""

# BatchImportFindings: 10 calls/s, burst 30. The standard mode backs off with jitter:
# https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
_RETRYING = Config(retries={"mode": "standard", "total_max_attempts": ATTEMPTS})
_DISABLED_CODES = {"InvalidAccess", "InvalidAccessException"}


class SecurityHub:
    """Security Hub in the account and Region that the function runs in."""

    def __init__(self, client: "Callable[[], SecurityHubClient] | None" = None) -> None:
        """Create the client when it is first needed, by default in the Region of the function."""
        self._make_client = client or _retrying_client

    def import_findings(self, findings: Sequence[Finding]) -> ImportResult:
        """Import the valid findings; the others are rejected without being sent."""
        checked = list(zip(findings, self._problems(findings), strict=True))
        rejected = [
            _rejection(finding, _INVALID, "; ".join(problems))
            for finding, problems in checked
            if problems
        ]
        disabled, unconfirmed = None, set[str]()
        for call in split_into_calls(finding for finding, problems in checked if not problems):
            if disabled:
                rejected += [
                    _rejection(finding, _NOT_SENT, "Security Hub is off") for finding in call
                ]
                continue
            failures, is_final = self._import(call)
            rejected += failures
            unconfirmed |= set() if is_final else {failure.id for failure in failures}
            if any(map(_says_disabled, failures)):
                disabled = _disabled_reason(call[0])
        return ImportResult(
            ids=frozenset(map(_id, findings)) - {rejection.id for rejection in rejected},
            rejected=tuple(rejected),
            unconfirmed=frozenset(unconfirmed),
            hub_disabled=disabled,
        )

    def resolve(self, findings: Sequence[Finding]) -> frozenset[str]:
        """Set the workflow status of findings to RESOLVED, unless they are suppressed.

        The id of a finding that Security Hub does not return yet is left out, too.
        """
        return resolve(self._client, findings)

    @cached_property
    def _client(self) -> "SecurityHubClient":
        return self._make_client()

    @cached_property
    def _shape(self) -> Shape:
        return finding_shape(self._client.meta.service_model)

    def _problems(self, findings: Sequence[Finding]) -> list[tuple[str, ...]]:
        times = Counter(map(_id, findings))
        return [
            (
                *rule_violations(finding),
                *schema_violations(self._shape, finding),
                *(["Id is unique"] if times[_id(finding)] > 1 else []),
            )
            for finding in findings
        ]

    def _import(self, call: Sequence[Finding]) -> tuple[list[Rejection], bool]:
        """Send one call.

        Returns:
            The findings that were not imported, and whether Security Hub has confirmed that.
        """
        try:
            response = self._client.batch_import_findings(
                Findings=list(call)  # type: ignore[arg-type]  # ASFF is built as plain dicts
            )
        except API_ERRORS as error:
            failures = [_rejection(finding, error_code(error), str(error)) for finding in call]
            return failures, _is_refusal(error)
        # A response with status 200 may contain failures.
        failures = [
            Rejection(
                id=failed["Id"], code=failed["ErrorCode"], message=escape(failed["ErrorMessage"])
            )
            for failed in response.get("FailedFindings", ())
        ]
        if response.get("FailedCount") == len(failures):
            return failures, True
        # The response is not complete: for example, a proxy returned a page with status 200.
        listed = {failure.id for failure in failures}
        message = "the response does not say whether the finding was imported"
        failures += [
            _rejection(finding, _UNCONFIRMED, message)
            for finding in call
            if finding["Id"] not in listed
        ]
        return failures, False


def _is_refusal(error: Exception) -> bool:
    """Whether Security Hub imported nothing: it refused the only request that was made."""
    if not isinstance(error, ClientError):
        return False
    metadata = error.response.get("ResponseMetadata", {})
    status = metadata.get("HTTPStatusCode", HTTPStatus.INTERNAL_SERVER_ERROR)
    return status < HTTPStatus.INTERNAL_SERVER_ERROR and not metadata.get("RetryAttempts")


def _disabled_reason(finding: Finding) -> str:
    """Explain where Security Hub is off for this finding, and how to turn it on."""
    region = finding["ProductArn"].split(":")[3]
    return (
        "Security Hub or its integration of this product is off in account "
        f"{finding['AwsAccountId']} and Region {region}; turn it on "
        f"(aws securityhub enable-security-hub --region {region})"
    )


def _retrying_client() -> "SecurityHubClient":
    client: SecurityHubClient = boto3.client("securityhub", config=_RETRYING)
    client.meta.events.register("before-parse.securityhub", _name_throttling)
    return client


def _says_disabled(rejection: Rejection) -> bool:
    return rejection.code in _DISABLED_CODES or "not subscribed" in rejection.message


def _rejection(finding: Finding, code: str, message: str) -> Rejection:
    return Rejection(id=_id(finding), code=code, message=escape(message))


def _id(finding: Finding) -> str:
    return str(finding.get("Id", ""))


def _name_throttling(response_dict: Mapping[str, Any], **_: object) -> None:
    # The standard mode recognizes throttling only by its code; a 429 that a proxy sends has none.
    if response_dict["status_code"] == HTTPStatus.TOO_MANY_REQUESTS:
        response_dict["headers"].setdefault("x-amzn-errortype", "TooManyRequestsException")
