"""Security Hub: BatchImportFindings, with every failure that it tells."""

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

_SET_ASIDE = "SetAside"
"""The code of a finding that breaks a rule; it is not sent."""
_NOT_SENT = "NotSent"
"""The code of a finding that was not tried, since the hub is off."""
ATTEMPTS = 6
"""At one call. What is throttled waits 15 s on average in all, what fails with 5xx below 1 s."""

# BatchImportFindings: 10 calls/s, burst 30. The mode has backoff with jitter:
# https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
_PATIENT = Config(retries={"mode": "standard", "total_max_attempts": ATTEMPTS})
_OFF = {"InvalidAccess", "InvalidAccessException"}


class SecurityHub:
    """Sends findings to the hub of the account and Region that we run in."""

    def __init__(self, client: "Callable[[], SecurityHubClient] | None" = None) -> None:
        """Ask in the Region of the environment, by a client that is made when it is needed."""
        self._make_client = client or _patient_client

    def import_findings(self, findings: Sequence[Finding]) -> ImportResult:
        """Send what is in order; what was not taken comes back with the hub's own words."""
        problems = self._problems(findings)
        rejected = [
            _rejection(finding, _SET_ASIDE, "; ".join(broken))
            for finding, broken in zip(findings, problems, strict=True)
            if broken
        ]
        off, unsure = None, set[str]()
        in_order = (it for it, broken in zip(findings, problems, strict=True) if not broken)
        for call in split_into_calls(in_order):
            if off:
                rejected += [_rejection(it, _NOT_SENT, "Security Hub is off") for it in call]
                continue
            failures, is_final = self._import(call)
            rejected += failures
            unsure |= set() if is_final else {failure.id for failure in failures}
            if any(map(_says_off, failures)):
                off = _off_in(call[0])
        refused = {rejection.id for rejection in rejected}
        return ImportResult(
            ids=frozenset(_id(finding) for finding in findings) - refused,
            rejected=tuple(rejected),
            unconfirmed=frozenset(unsure),
            hub_disabled=off,
        )

    def resolve(self, findings: Sequence[Finding]) -> frozenset[str]:
        """Set the workflow status of findings that pass to RESOLVED, but of suppressed ones.

        Returns the ids that need no further attempt. Any failure, and a finding that the hub does
        not show yet, is an id left out: never an exception.
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
        """Send one call; gives what was not taken, and whether that is the hub's own answer."""
        try:
            answer = self._client.batch_import_findings(
                Findings=list(call)  # type: ignore[arg-type]  # ASFF is built as plain dicts
            )
        except API_ERRORS as error:
            failures = [_rejection(finding, error_code(error), str(error)) for finding in call]
            return failures, _is_refusal(error)
        # A 200 may hold failures.
        failures = [
            Rejection(id=it["Id"], code=it["ErrorCode"], message=escape(it["ErrorMessage"]))
            for it in answer.get("FailedFindings", ())
        ]
        if answer.get("FailedCount") == len(failures):
            return failures, True
        told = {failure.id for failure in failures}  # the page of a proxy, with status 200
        said = "the answer does not say what became of it"
        failures += [_rejection(it, "Unconfirmed", said) for it in call if it["Id"] not in told]
        return failures, False


def _is_refusal(error: Exception) -> bool:
    """Whether the hub has taken nothing: it said so to the only request that there was."""
    if not isinstance(error, ClientError):
        return False
    about = error.response.get("ResponseMetadata", {})
    status = about.get("HTTPStatusCode", HTTPStatus.INTERNAL_SERVER_ERROR)
    return status < HTTPStatus.INTERNAL_SERVER_ERROR and not about.get("RetryAttempts")


def _off_in(finding: Finding) -> str:
    """Say that the hub which this finding went to is off, and what to do."""
    region = finding["ProductArn"].split(":")[3]
    return (
        f"Security Hub is off in account {finding['AwsAccountId']} and Region {region},"
        f" or the product is: turn it on (aws securityhub enable-security-hub --region {region})"
    )


def _patient_client() -> "SecurityHubClient":
    client: SecurityHubClient = boto3.client("securityhub", config=_PATIENT)
    client.meta.events.register("before-parse.securityhub", _name_throttling)
    return client


def _says_off(rejection: Rejection) -> bool:
    return rejection.code in _OFF or "not subscribed" in rejection.message


def _rejection(finding: Finding, why: str, message: str) -> Rejection:
    return Rejection(id=_id(finding), code=why, message=escape(message))


def _id(finding: Finding) -> str:
    return str(finding.get("Id", ""))


def _name_throttling(response_dict: Mapping[str, Any], **_: object) -> None:
    # The mode retries throttling by its code alone, and a 429 of something in between has none.
    if response_dict["status_code"] == HTTPStatus.TOO_MANY_REQUESTS:
        response_dict["headers"].setdefault("x-amzn-errortype", "TooManyRequestsException")
