"""Set the workflow status of passing findings to RESOLVED, unless they are suppressed."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import batched
from typing import TYPE_CHECKING

from rds_tls_audit.adapters.api_errors import API_ERRORS
from rds_tls_audit.findings.asff import Finding

if TYPE_CHECKING:
    from mypy_boto3_securityhub import SecurityHubClient

MAX_FILTER_VALUES = 20
MAX_UPDATES = 100

_PAGE = 100
_FINAL = {"SUPPRESSED", "RESOLVED"}


def resolve(client: "SecurityHubClient", findings: Sequence[Finding]) -> frozenset[str]:
    """Set the workflow status to RESOLVED unless it is RESOLVED or SUPPRESSED already.

    BatchUpdateFindings has no condition, so the status is read first:
    https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchUpdateFindings.html

    Returns:
        The ids that need no further attempt.
    """
    products = {finding["Id"]: finding["ProductArn"] for finding in findings}
    settled: set[str] = set()
    unsettled: list[str] = []
    with suppress(*API_ERRORS):  # the findings read before an error are still resolved
        for finding_id, status in _statuses(client, products):
            if status in _FINAL:
                settled.add(finding_id)
            else:
                unsettled.append(finding_id)
    with suppress(*API_ERRORS):
        for ids in batched(unsettled, MAX_UPDATES, strict=False):
            response = client.batch_update_findings(
                FindingIdentifiers=[
                    {"Id": finding_id, "ProductArn": products[finding_id]} for finding_id in ids
                ],
                Workflow={"Status": "RESOLVED"},
            )
            settled |= {processed["Id"] for processed in response.get("ProcessedFindings", ())}
    return frozenset(settled & products.keys())


def _statuses(
    client: "SecurityHubClient", products: Mapping[str, str]
) -> Iterator[tuple[str, str | None]]:
    pages = client.get_paginator("get_findings")
    for product in sorted(set(products.values())):
        of_product = [finding_id for finding_id in products if products[finding_id] == product]
        for ids in batched(of_product, MAX_FILTER_VALUES, strict=False):
            for page in pages.paginate(
                Filters={
                    "Id": [{"Value": finding_id, "Comparison": "EQUALS"} for finding_id in ids],
                    "ProductArn": [{"Value": product, "Comparison": "EQUALS"}],
                },
                PaginationConfig={"PageSize": _PAGE},
            ):
                for found in page.get("Findings", ()):
                    # Emulators ignore the filters.
                    if found["Id"] in ids and found["ProductArn"] == product:
                        yield found["Id"], found.get("Workflow", {}).get("Status")
