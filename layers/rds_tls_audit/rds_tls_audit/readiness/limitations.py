"""What is missing for a better answer about one database."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rds_tls_audit.fleet.configuration import FORCE_SSL
from rds_tls_audit.readiness.database_history import DatabaseHistory
from rds_tls_audit.readiness.sampling.lookback import NEEDED_PERCENT, WINDOW_DAYS, SamplingCoverage
from rds_tls_audit.readiness.sampling.observed_client import Encryption, ObservedClient
from rds_tls_audit.text import escape, pluralize

COUNTS_SESSIONS = 14
"""The PostgreSQL version that brought `pg_stat_database.sessions`."""

MAX_REASON = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Limitation:
    """One thing that is missing."""

    text: str
    blocking: bool = True
    """Whether forcing TLS cannot be called safe without it."""


def find_limitations(
    history: DatabaseHistory, coverage: SamplingCoverage, recent: Sequence[ObservedClient]
) -> tuple[Limitation, ...]:
    """Name everything that is missing, what matters most first; `recent`: of all its clients."""
    return (
        *_reading(history),
        *_proxy(history, coverage),
        *_sampling(history, coverage),
        *_clients(recent),
    )


def _reading(history: DatabaseHistory) -> Iterator[Limitation]:
    if history.not_connected is not None:
        yield Limitation(text=escape(history.not_connected, MAX_REASON))
    if history.force_ssl not in {"0", "1"}:
        yield Limitation(text=f"no usable value of {FORCE_SSL} could be read from its group")
    if history.force_ssl == "1" and history.plaintext_refused is None:
        yield Limitation(text="whether it refuses plaintext was not seen", blocking=False)


def _proxy(history: DatabaseHistory, coverage: SamplingCoverage) -> Iterator[Limitation]:
    unseen = "how the proxy's own clients connect is not seen here"
    if history.proxied:
        yield Limitation(text=f"an RDS Proxy targets it, and {unseen}")
    elif coverage.proxied:
        yield Limitation(
            text=f"an RDS Proxy targeted it in {pluralize(coverage.proxied, 'look')} of the last "
            f"{WINDOW_DAYS} days, and {unseen}"
        )


def _sampling(history: DatabaseHistory, coverage: SamplingCoverage) -> Iterator[Limitation]:
    if history.not_connected is not None:
        return
    if coverage.planned <= 0:
        yield Limitation(text="no samples are planned")
    elif not coverage.days:
        yield Limitation(text=f"no sample was taken on the {WINDOW_DAYS} days before today")
    else:
        yield from _extent(coverage)
        yield from _counting(history, coverage)


def _extent(coverage: SamplingCoverage) -> Iterator[Limitation]:
    if coverage.days < WINDOW_DAYS:
        yield Limitation(text=f"sampled on {coverage.days} of the last {WINDOW_DAYS} days")
    if not coverage.sufficient:
        percent = coverage.collected * 100 // coverage.planned
        yield Limitation(
            text=f"{coverage.collected} of {coverage.planned} planned samples taken ({percent} %), "
            f"{NEEDED_PERCENT} % are needed"
        )
    if coverage.partial:
        yield Limitation(
            text=f"{pluralize(coverage.partial, 'look')} in {WINDOW_DAYS} days did not show every "
            "session"
        )


def _counting(history: DatabaseHistory, coverage: SamplingCoverage) -> Iterator[Limitation]:
    if coverage.opened and not coverage.seen:
        opened = pluralize(coverage.opened, "session")
        yield Limitation(text=f"{opened} opened between the samples, none of which was seen")
    if coverage.resets:
        yield Limitation(
            text="which part of the opened sessions was seen is not known: statistics were reset "
            f"{pluralize(coverage.resets, 'time')}",
            blocking=False,
        )
    if coverage.uncounted_days:
        yield Limitation(text=_uncounted(history, coverage), blocking=False)


def _uncounted(history: DatabaseHistory, coverage: SamplingCoverage) -> str:
    version = history.database.major_version
    why = (
        f"PostgreSQL {version} does not count them"
        if 0 < version < COUNTS_SESSIONS
        else f"they were not counted on {pluralize(coverage.uncounted_days, 'day')}"
    )
    return f"which part of the opened sessions was seen is not known: {why}"


def _clients(recent: Sequence[ObservedClient]) -> Iterator[Limitation]:
    if nameless := _count(recent, lambda one: one.role is None):
        yield Limitation(text=f"the role of {pluralize(nameless, 'client')} was hidden")
    # Lines for TLS alone (hostssl) do not match a connection that GSS encrypts.
    # https://www.postgresql.org/docs/current/auth-pg-hba-conf.html
    if gss := _count(recent, lambda one: one.encryption is Encryption.GSS):
        yield Limitation(
            text=f"{pluralize(gss, 'client')} encrypted by GSS, which is not TLS: whether it would "
            "come back with TLS is not known"
        )


def _count(sightings: Sequence[ObservedClient], claim: Callable[[ObservedClient], bool]) -> int:
    return sum(1 for one in sightings if claim(one))
