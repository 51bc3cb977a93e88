"""The evidence that is missing for a better assessment of one database."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rds_tls_audit.fleet.configuration import FORCE_SSL
from rds_tls_audit.readiness.database_history import DatabaseHistory
from rds_tls_audit.readiness.sampling.lookback import (
    REQUIRED_PERCENT,
    WINDOW_DAYS,
    SamplingCoverage,
)
from rds_tls_audit.readiness.sampling.observed_client import Encryption, ObservedClient
from rds_tls_audit.text import escape, pluralize

COUNTS_SESSIONS = 14
"""The PostgreSQL version that introduced `pg_stat_database.sessions`."""

MAX_REASON = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Limitation:
    """One piece of evidence that is missing."""

    text: str
    """A lower-case clause about the database."""
    blocking: bool = True
    """Whether the status can't be `safe` without this evidence."""


def find_limitations(
    history: DatabaseHistory, coverage: SamplingCoverage, recent: Sequence[ObservedClient]
) -> tuple[Limitation, ...]:
    """Find everything that is missing, the most important first.

    Args:
        history: everything known about the database.
        coverage: how well it was sampled within the lookback window.
        recent: all its clients within the window, with and without TLS.
    """
    return (
        *_configuration(history),
        *_proxy(history, coverage),
        *_sampling(history, coverage),
        *_clients(recent),
    )


def _configuration(history: DatabaseHistory) -> Iterator[Limitation]:
    if history.not_sampled is not None:
        yield Limitation(text=escape(history.not_sampled, MAX_REASON))
    if history.force_ssl not in {"0", "1"}:
        yield Limitation(
            text=f"no usable value of {FORCE_SSL} could be read from its parameter group"
        )
    if history.force_ssl == "1" and history.plaintext_refused is None:
        yield Limitation(
            text="the probe could not tell whether it refuses plaintext", blocking=False
        )


def _proxy(history: DatabaseHistory, coverage: SamplingCoverage) -> Iterator[Limitation]:
    unobserved = "the audit can't observe how the proxy's own clients connect"
    if history.proxied:
        yield Limitation(text=f"an RDS Proxy targets it, and {unobserved}")
    elif coverage.proxied:
        yield Limitation(
            text=f"an RDS Proxy was connected in {pluralize(coverage.proxied, 'probe')} in the "
            f"last {WINDOW_DAYS} days, and {unobserved}"
        )


def _sampling(history: DatabaseHistory, coverage: SamplingCoverage) -> Iterator[Limitation]:
    if history.not_sampled is not None:
        return
    if coverage.planned <= 0:
        yield Limitation(text="no samples are planned")
    elif not coverage.days:
        yield Limitation(text=f"no sample was taken in the {WINDOW_DAYS} days before today")
    else:
        yield from _extent(coverage)
        yield from _session_counts(history, coverage)


def _extent(coverage: SamplingCoverage) -> Iterator[Limitation]:
    if coverage.days < WINDOW_DAYS:
        yield Limitation(
            text=f"it was sampled on only {coverage.days} of the last {WINDOW_DAYS} days"
        )
    if not coverage.sufficient:
        percent = coverage.collected * 100 // coverage.planned
        yield Limitation(
            text=f"only {coverage.collected} of {coverage.planned} planned samples were taken "
            f"({percent}%), but at least {REQUIRED_PERCENT}% are required"
        )
    if coverage.partial:
        yield Limitation(
            text=f"{pluralize(coverage.partial, 'probe')} in the last {WINDOW_DAYS} days did not "
            "show every session"
        )


def _session_counts(history: DatabaseHistory, coverage: SamplingCoverage) -> Iterator[Limitation]:
    if coverage.opened and not coverage.seen:
        yield Limitation(
            text=f"clients opened {pluralize(coverage.opened, 'session')} between samples, but no "
            "sample observed any of them"
        )
    unknown_share = "the share of opened sessions that was observed is unknown because"
    if coverage.resets:
        yield Limitation(
            text=f"{unknown_share} the statistics were reset {pluralize(coverage.resets, 'time')}",
            blocking=False,
        )
    if coverage.uncounted_days:
        cause = _uncounted(history.database.major_version, coverage.uncounted_days)
        yield Limitation(text=f"{unknown_share} {cause}", blocking=False)


def _uncounted(major_version: int, days: int) -> str:
    if 0 < major_version < COUNTS_SESSIONS:
        return f"PostgreSQL {major_version} does not count opened sessions"
    return f"opened sessions were not counted on {pluralize(days, 'day')}"


def _clients(recent: Sequence[ObservedClient]) -> Iterator[Limitation]:
    if nameless := _count(recent, lambda client: client.role is None):
        yield Limitation(
            text=f"the audit could not see the role of {pluralize(nameless, 'client')}"
        )
    # pg_hba.conf lines for TLS alone (hostssl) don't match a connection that GSS encrypts.
    # https://www.postgresql.org/docs/current/auth-pg-hba-conf.html
    if gss := _count(recent, lambda client: client.encryption is Encryption.GSS):
        yield Limitation(
            text=f"the connections of {pluralize(gss, 'client')} are encrypted by GSS instead of "
            "TLS, and it is unknown whether a refused connection is retried with TLS"
        )


def _count(clients: Sequence[ObservedClient], matches: Callable[[ObservedClient], bool]) -> int:
    return sum(1 for client in clients if matches(client))
