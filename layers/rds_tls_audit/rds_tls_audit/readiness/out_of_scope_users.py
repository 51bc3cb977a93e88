"""Databases that use a parameter group but were not audited."""

from dataclasses import dataclass

from rds_tls_audit.text import escape_id, pluralize


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfScopeUsers:
    """Users of a parameter group that are out of scope: the setting applies to them nevertheless.

    A default group is different: its replacement is attached to the audited databases, and so to
    the other members of their clusters.
    """

    names: tuple[str, ...] = ()
    """The identifiers of DB instances and clusters."""
    more: int = 0
    """How many further users have no name here."""
    members: tuple[str, ...] = ()
    """The out-of-scope members of clusters that are otherwise in scope."""
    complete: bool = True
    """Whether RDS listed every database."""

    def for_default_group(self) -> "OutOfScopeUsers":
        """Keep only the users that a replacement of the default group applies to."""
        return OutOfScopeUsers(members=self.members, complete=self.complete)

    @property
    def count(self) -> int:
        """How many users are known."""
        return len(self.names) + self.more + len(self.members)

    @property
    def printable_names(self) -> tuple[str, ...]:
        """The identifiers, safe to print."""
        return tuple(escape_id(name) for name in (*self.members, *self.names))

    @property
    def limitations(self) -> tuple[str, ...]:
        """What the audit doesn't know about these users; each prevents the status `safe`."""
        found = [f"{name}: it is out of scope and was not audited" for name in self.printable_names]
        if self.more:
            are = "is" if self.more == 1 else "are"
            found.append(
                f"{pluralize(self.more, 'more user')} of the parameter group {are} out of scope"
            )
        if not self.complete:
            found.append(
                "RDS did not list every database, so an unlisted one may use the parameter group"
            )
        return tuple(found)
