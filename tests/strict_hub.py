"""Publish's hub in memory: behaves as the port does with the real one behind it."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import batched

from demo.strict_hub import MOST_FILTER_VALUES, MOST_UPDATES, HubError, MemoryHub, problems
from rds_tls_audit.finding import Finding
from rds_tls_audit.finding_calls import calls_of
from rds_tls_audit.ports.securityhub import ATTEMPTS, NOT_SENT, SET_ASIDE, off_in
from rds_tls_audit.result import Rejection
from rds_tls_audit.stages.tell import Imported

_TRIED_AGAIN = {"InternalException", "LimitExceededException", "TooManyRequestsException"}
_OFF = {"InvalidAccess", "InvalidAccessException"}
_DONE = {"SUPPRESSED", "RESOLVED"}


@dataclass
class StrictHub(MemoryHub):
    """Takes what is in order, tells what is not, resolves what nobody suppressed."""

    calls: list[list[Finding]] = field(default_factory=list)
    """The findings of each `import_findings`."""

    def import_findings(self, findings: Sequence[Finding]) -> Imported:
        self.calls.append(list(findings))
        ids = [str(finding.get("Id", "")) for finding in findings]
        repeated = {it for it in ids if ids.count(it) > 1}
        self.violations += sorted(f"{it} sent twice at once" for it in repeated)
        rejected, in_order = [], []
        for finding_id, finding in zip(ids, findings, strict=True):
            broken = [*problems(finding), *(["Id is unique"] if finding_id in repeated else [])]
            if broken:
                why = "; ".join(broken)
                rejected.append(Rejection(id=finding_id, code=SET_ASIDE, message=why))
            else:
                in_order.append(finding)
        off = None
        for call in calls_of(in_order):
            if off:
                rejected += [
                    Rejection(id=it["Id"], code=NOT_SENT, message="Security Hub is off")
                    for it in call
                ]
                continue
            failures = self._import(call)
            rejected += failures
            if _OFF & {it.code for it in failures}:
                off = off_in(call[0])
        refused = {it.id for it in rejected}
        return Imported(ids=frozenset(ids) - refused, rejected=tuple(rejected), off=off)

    def resolve(self, findings: Sequence[Finding]) -> frozenset[str]:
        asked = {finding["Id"]: finding for finding in findings}
        settled, unsettled = set(), []
        with suppress(HubError):
            for ids in batched(asked, MOST_FILTER_VALUES, strict=False):
                filters = {"Id": [{"Value": it, "Comparison": "EQUALS"} for it in ids]}
                for found in _patiently(partial(self.get, filters)):
                    if found["Workflow"]["Status"] in _DONE:
                        settled.add(found["Id"])
                    else:
                        unsettled.append({key: found[key] for key in ("Id", "ProductArn")})
        with suppress(HubError):
            for some in batched(unsettled, MOST_UPDATES, strict=False):
                failures = _patiently(partial(self.update_workflow, some, "RESOLVED"))
                settled |= {it["Id"] for it in some} - {it.id for it in failures}
        return frozenset(settled)

    def _import(self, call: list[Finding]) -> list[Rejection]:
        try:
            failures = _patiently(partial(self.import_batch, call))
        except HubError as error:
            return [Rejection(id=it["Id"], code=error.code, message=str(error)) for it in call]
        return [Rejection(id=it.id, code=it.code, message=it.message) for it in failures]


def _patiently[T](ask: Callable[[], T]) -> T:
    for _ in range(ATTEMPTS - 1):
        try:
            return ask()
        except HubError as error:
            if error.code not in _TRIED_AGAIN:
                raise
    return ask()
