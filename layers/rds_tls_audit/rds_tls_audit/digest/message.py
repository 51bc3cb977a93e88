"""The digest of a run: what changed and what was not assessed, for people and for programs."""

from collections.abc import Mapping
from dataclasses import dataclass

from rds_tls_audit.digest.email import write_email
from rds_tls_audit.digest.json_document import write_document
from rds_tls_audit.digest.summary import Summary, sanitized, subject_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """One message to a topic."""

    subject: str
    text: str
    """The e-mail."""
    document: str
    """The JSON document for programs."""
    attributes: Mapping[str, str]
    """The attributes for filter policies of subscribers. None is empty: SNS would refuse it."""


def write_digest(summary: Summary) -> Digest:
    """Write the message for a summary."""
    plain = sanitized(summary)
    return Digest(
        subject=subject_line(plain),
        text=write_email(plain),
        document=write_document(plain),
        attributes=_attributes(plain),
    )


def _attributes(summary: Summary) -> Mapping[str, str]:
    attributes = {
        "event_type": summary.event_type,
        "max_severity": summary.max_severity.value,
        "account": summary.account,
        "region": summary.region,
        "run_kind": summary.run.kind.value,
    }
    return {name: value for name, value in attributes.items() if value}
