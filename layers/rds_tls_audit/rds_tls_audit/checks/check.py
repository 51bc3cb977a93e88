"""A check: one question, its fixed severity, and the function that judges a case."""

from collections.abc import Callable
from dataclasses import dataclass

from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Severity, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One row of the table of checks; each module of `checks` holds one as `CHECK`."""

    id: str
    """Permanent: it is part of every finding's Id."""
    position: int
    """Its place in every list; leave gaps."""
    severity: Severity
    """Of a failure."""
    title: str
    """A claim that stays true in every status."""
    question: str
    remedy: str
    """What to do about a failure, at most 512 characters."""
    evaluate: Callable[[DatabaseEvidence], Verdict]
    specific_remedy: Callable[[DatabaseEvidence], str | None] | None = None
    """What to do first for this very database, where the evidence tells more than `remedy`."""
    caused_by: tuple[str, ...] = ()
    """Ids of checks whose failure explains this one's, the likeliest first."""
    fault_in_parameter_group: bool = False
    """Its fault lies in the parameter group: the same for all that use it."""
    reports_readiness: bool = False
    """Its failure asks for forcing TLS: its finding says whether that is safe."""
    per_cluster: bool = False
    """One finding for a cluster, in place of one for each member."""
    covered_by_rds38: bool = False
    """Security Hub's own control RDS.38 tells the same of plain instances, never of clusters."""
    session_based: bool = False
    """Judged on who happened to be connected; sample runs may turn it to FAILED."""
    cannot_recur: Callable[[DatabaseEvidence], bool] | None = None
    """Whether a fault of the past cannot come back; without it an old one is remembered for
    `SESSION_MEMORY_HOURS`. Only where `about_sessions`."""
