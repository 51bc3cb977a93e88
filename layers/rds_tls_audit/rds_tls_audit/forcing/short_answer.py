"""The answer in short, for where there is little room."""

from dataclasses import dataclass
from datetime import datetime

from rds_tls_audit.forcing.form import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortAnswer:
    """What a finding and a digest carry of an answer."""

    form: Form
    text: str
    """One line."""
    at: datetime
    """Of the full run that gave it."""
