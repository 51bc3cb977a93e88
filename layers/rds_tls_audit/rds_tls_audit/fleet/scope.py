"""Which databases are audited at all: by patterns of names and by tags."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from rds_tls_audit.fleet.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Patterns like `orders-*`, and tags like `Stage=prod` or `Stage` alone for any value.

    A database is in scope where it matches any include, or there is none, and no exclude.
    """

    include_names: tuple[str, ...] = ()
    exclude_names: tuple[str, ...] = ()
    include_tags: tuple[str, ...] = ()
    exclude_tags: tuple[str, ...] = ()

    def covers(self, database: Database) -> bool:
        """Say whether a database is audited; a member is by its cluster's name too."""
        included = _named(database, self.include_names) or _tagged(database, self.include_tags)
        if (self.include_names or self.include_tags) and not included:
            return False
        excluded = _named(database, self.exclude_names) or _tagged(database, self.exclude_tags)
        return not excluded


def _named(database: Database, patterns: Iterable[str]) -> bool:
    names = [database.id, *([database.cluster.id] if database.cluster else [])]
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)


def _tagged(database: Database, tags: Iterable[str]) -> bool:
    return any(_has(database, *tag.partition("=")) for tag in tags)


def _has(database: Database, key: str, equals: str, value: str) -> bool:
    return key in database.tags and (not equals or database.tags[key] == value)
