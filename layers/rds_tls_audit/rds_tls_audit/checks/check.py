"""A check: one question, its fixed severity, and the function that evaluates the evidence."""

from collections.abc import Callable
from dataclasses import dataclass

from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Severity, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A check; each module of `checks.catalog` holds one as `CHECK`."""

    id: str
    """The permanent id; it is part of every finding's Id."""
    position: int
    """The sort order; leave gaps for later checks."""
    severity: Severity
    """The severity of the finding when this check fails."""
    title: str
    """The state that the check requires, worded so that it is true in every status."""
    question: str
    """The question that the verdict answers, as the tables of checks show it."""
    remedy: str
    """What to do about a failure, at most 512 characters."""
    evaluate: Callable[[DatabaseEvidence], Verdict]
    specific_remedy: Callable[[DatabaseEvidence], str | None] | None = None
    """What to do for this database, if the evidence allows more specific advice than `remedy`."""
    caused_by: tuple[str, ...] = ()
    """The ids of checks whose failure explains this one's, the most likely first."""
    fault_in_parameter_group: bool = False
    """Whether the fault is in the parameter group, and so the same for all its databases."""
    reports_readiness: bool = False
    """Whether the finding says if it is safe to force TLS, because the remedy is to force it."""
    per_cluster: bool = False
    """Whether a cluster gets one finding instead of one for each member."""
    covered_by_rds38: bool = False
    """Whether the Security Hub control RDS.38 covers it for DB instances outside clusters."""
    session_based: bool = False
    """Whether the verdict depends on the clients that were connected; sample runs can fail it."""
    cannot_recur: Callable[[DatabaseEvidence], bool] | None = None
    """Whether a past fault cannot recur, for session-based checks only. A fault that can recur
    keeps the finding failed for `SESSION_MEMORY_HOURS`."""
