"""The digest for programs: JSON, with each list limited in bytes and the omitted items counted."""

import json
from collections.abc import Iterable, Mapping

from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.codec import encode
from rds_tls_audit.digest.summary import Summary
from rds_tls_audit.findings.state import ChangeKind
from rds_tls_audit.pipeline.run import SCHEMA_VERSION
from rds_tls_audit.text import fit_to_bytes

# The limits are bytes in the SNS message, where the document is escaped once more. Their sum stays
# below 40,000, because the message contains the document once for each kind of subscriber.
_CHANGES = 20_000
_CAUSES = 4_000
_GAPS = 8_000
_ACCEPTED = 3_000
_TAG_PROBLEMS = 2_000
_READINESS = 3_000


def write_document(summary: Summary) -> str:
    """Write the document, with the worst changes first."""
    counts = summary.counts
    return json.dumps(
        {
            "schema_version": SCHEMA_VERSION,
            "event_type": summary.event_type,
            "run": encode(summary.run),
            "account": summary.account,
            "region": summary.region,
            "databases": summary.databases,
            "left_out": summary.left_out,
            "complete": summary.complete,
            "lost": summary.lost,
            "rejected": summary.rejected,
            "hub_off": summary.hub_disabled,
            "counts": {kind: counts[kind] for kind in ChangeKind},
            "totals": {status: summary.totals.get(status, 0) for status in Status},
            "max_severity": summary.max_severity,
            **_listed("causes", _causes(summary), _CAUSES),
            **_listed("changes", map(encode, summary.ranked), _CHANGES),
            **_listed("gaps", map(encode, summary.gaps), _GAPS),
            **_listed("accepted", summary.accepted, _ACCEPTED),
            **_listed("answers", summary.readiness_changes, _READINESS),
            **_listed("problems", summary.tag_problems, _TAG_PROBLEMS),
        },
        ensure_ascii=False,
    )


def _causes(summary: Summary) -> Iterable[object]:
    return ({"cause": cause, "changes": changes} for cause, changes in summary.causes)


def _listed(name: str, items: Iterable[object], limit: int) -> Mapping[str, object]:
    documents = list(items)
    kept, rest = fit_to_bytes(
        [json.dumps(document, ensure_ascii=False) for document in documents], limit
    )
    return {name: documents[: len(kept)], f"{name}_left_out": rest}
