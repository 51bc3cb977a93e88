"""The scope of the audit: which databases are audited, by name patterns and tags."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from rds_tls_audit.fleet.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Name patterns like `orders-*`, and tags like `Stage=prod`, or `Stage` for any value.

    A database is in scope if it matches any include, or there are no includes, and it matches no
    exclude.
    """

    include_names: tuple[str, ...] = ()
    exclude_names: tuple[str, ...] = ()
    include_tags: tuple[str, ...] = ()
    exclude_tags: tuple[str, ...] = ()

    def covers(self, database: Database) -> bool:
        """Return whether a database is audited; a member also matches by its cluster's name."""
        included = _matches(database, self.include_names, self.include_tags)
        if (self.include_names or self.include_tags) and not included:
            return False
        return not _matches(database, self.exclude_names, self.exclude_tags)


def _matches(database: Database, names: Iterable[str], tags: Iterable[str]) -> bool:
    return _matches_name(database, names) or _matches_tag(database, tags)


def _matches_name(database: Database, patterns: Iterable[str]) -> bool:
    names = [database.id, *([database.cluster.id] if database.cluster else [])]
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)


def _matches_tag(database: Database, tags: Iterable[str]) -> bool:
    return any(_has_tag(database, *tag.partition("=")) for tag in tags)


def _has_tag(database: Database, key: str, equals: str, value: str) -> bool:
    return key in database.tags and (not equals or database.tags[key] == value)
