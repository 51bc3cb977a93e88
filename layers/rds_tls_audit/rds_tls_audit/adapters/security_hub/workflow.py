"""Who works on a finding: reads its workflow status, and resolves it where nobody suppressed it."""

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
_NOTHING_TO_DO = {"SUPPRESSED", "RESOLVED"}


def resolve(client: "SecurityHubClient", findings: Sequence[Finding]) -> frozenset[str]:
    """Set RESOLVED where it is neither that nor SUPPRESSED; give what needs no further attempt.

    BatchUpdateFindings has no condition, so the status is read first:
    https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchUpdateFindings.html
    """
    products = {finding["Id"]: finding["ProductArn"] for finding in findings}
    settled: set[str] = set()
    unsettled: list[str] = []
    with suppress(*API_ERRORS):  # what was read until then is worth resolving
        for finding_id, status in _statuses(client, products):
            if status in _NOTHING_TO_DO:
                settled.add(finding_id)
            else:
                unsettled.append(finding_id)
    with suppress(*API_ERRORS):
        for ids in batched(unsettled, MAX_UPDATES, strict=False):
            answer = client.batch_update_findings(
                FindingIdentifiers=[{"Id": it, "ProductArn": products[it]} for it in ids],
                Workflow={"Status": "RESOLVED"},
            )
            settled |= {it["Id"] for it in answer.get("ProcessedFindings", ())}
    return frozenset(settled & products.keys())


def _statuses(
    client: "SecurityHubClient", products: Mapping[str, str]
) -> Iterator[tuple[str, str | None]]:
    pages = client.get_paginator("get_findings")
    for product in sorted(set(products.values())):
        of_product = [it for it in products if products[it] == product]
        for ids in batched(of_product, MAX_FILTER_VALUES, strict=False):
            for page in pages.paginate(
                Filters={
                    "Id": [{"Value": it, "Comparison": "EQUALS"} for it in ids],
                    "ProductArn": [{"Value": product, "Comparison": "EQUALS"}],
                },
                PaginationConfig={"PageSize": _PAGE},
            ):
                for found in page.get("Findings", ()):
                    # Emulators ignore the filters.
                    if found["Id"] in ids and found["ProductArn"] == product:
                        yield found["Id"], found.get("Workflow", {}).get("Status")
