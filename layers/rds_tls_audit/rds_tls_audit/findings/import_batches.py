"""Split findings into BatchImportFindings calls of at most 100 findings and 6 MB of JSON."""

from collections.abc import Iterable, Iterator

from rds_tls_audit.codec import json_size
from rds_tls_audit.findings.asff import Finding

MAX_FINDINGS = 100
MAX_BYTES = 6_000_000

_FRAME = len('{"Findings": []}')
_COMMA = len(", ")


def split_into_calls(findings: Iterable[Finding]) -> Iterator[list[Finding]]:
    """Split findings in their order; no single finding may be larger than a call."""
    call: list[Finding] = []
    size = _FRAME
    for finding in findings:
        more = json_size(finding) + _COMMA
        if call and (len(call) == MAX_FINDINGS or size + more > MAX_BYTES):
            yield call
            call, size = [], _FRAME
        call.append(finding)
        size += more
    if call:
        yield call
