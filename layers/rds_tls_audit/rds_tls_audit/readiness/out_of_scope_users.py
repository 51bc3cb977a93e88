"""Who else uses a parameter group, where nobody looked."""

from dataclasses import dataclass

from rds_tls_audit.text import escape_id


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfScopeUsers:
    """Users of a group that are out of scope: the setting reaches them all the same.

    A default group is another matter: what takes its place is attached to what is looked at, and to
    the other members of its cluster.
    """

    names: tuple[str, ...] = ()
    """Of instances, and of clusters."""
    more: int = 0
    members: tuple[str, ...] = ()
    """Of clusters that are in scope but for these."""
    complete: bool = True
    """Whether RDS listed every database there is."""

    def of_default_group(self) -> "OutOfScopeUsers":
        """Leave out whom a group of one's own in its place does not reach."""
        return OutOfScopeUsers(members=self.members, complete=self.complete)

    @property
    def count(self) -> int:
        """How many are known of."""
        return len(self.names) + self.more + len(self.members)

    @property
    def printable_names(self) -> tuple[str, ...]:
        """The names, for people."""
        return tuple(escape_id(name) for name in (*self.members, *self.names))

    @property
    def gaps(self) -> tuple[str, ...]:
        """What is missing of them for the answer; each keeps it from being safe."""
        named = [f"{name}: out of scope, so not looked at" for name in self.printable_names]
        if self.more:
            named.append(f"{self.more} more users of the group are out of scope")
        if not self.complete:
            named.append("RDS did not list every database: another may use the group")
        return tuple(named)
