"""The report's headline: the posture in one sentence."""

from collections.abc import Mapping

from rds_tls_audit.html_report.display_status import DisplayStatus
from rds_tls_audit.text import pluralize


def headline(counts: Mapping[DisplayStatus, int], *, whole: bool) -> str:
    """Name the worst status, and never claim "all" for a run that did not audit everything.

    Args:
        counts: how many databases have each worst status.
        whole: whether the list is complete and every database has a result.
    """
    total = sum(counts.values())
    if not total:
        return "No database was audited."
    named = pluralize(total, "database")
    audited = named if whole else f"the {named} with a result"
    if number := counts.get(DisplayStatus.FAILED, 0):
        return f"{number} of {audited} {'fails' if number == 1 else 'fail'} at least one check."
    if number := counts.get(DisplayStatus.WARNING, 0):
        return f"No check failed, but {number} of {audited} {_have(number)} a warning."
    if number := counts.get(DisplayStatus.UNKNOWN, 0):
        return f"No check failed, but {number} of {audited} could not be fully assessed."
    subject = f"All {audited.removeprefix('the ')} pass"
    if total == 1:
        subject = f"The only database{'' if whole else ' with a result'} passes"
    exception = " except for accepted risks" if counts.get(DisplayStatus.ACCEPTED) else ""
    return f"{subject} every check{exception}."


def _have(number: int) -> str:
    return "has" if number == 1 else "have"
