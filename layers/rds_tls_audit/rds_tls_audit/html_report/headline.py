"""The posture in one sentence."""

from collections.abc import Mapping

from rds_tls_audit.html_report.display_status import DisplayStatus
from rds_tls_audit.text import pluralize


def headline(standings: Mapping[DisplayStatus, int], *, whole: bool) -> str:
    """Say the worst that there is, and never "all" of a run that did not see everything.

    Args:
        standings: how many databases stand so.
        whole: whether the list is complete and every database has a result.
    """
    total = sum(standings.values())
    if not total:
        return "No database was judged."
    named = pluralize(total, "database")
    judged = named if whole else f"the {named} with a result"
    if number := standings.get(DisplayStatus.FAILED, 0):
        return f"{number} of {judged} {_verb(number, 'fail')} at least one check."
    if number := standings.get(DisplayStatus.WARNING, 0):
        return f"No check failed; {number} of {judged} {_verb(number, 'carry')} a warning."
    if number := standings.get(DisplayStatus.UNKNOWN, 0):
        return f"No check failed, but {number} of {judged} could not be fully assessed."
    all_of_them = f"All {judged.removeprefix('the ')} pass"
    if total == 1:
        all_of_them = f"The only database{'' if whole else ' with a result'} passes"
    but = ", but for accepted risks" if standings.get(DisplayStatus.ACCEPTED) else ""
    return f"{all_of_them} every check{but}."


def _verb(number: int, verb: str) -> str:
    if number != 1:
        return verb
    return f"{verb.removesuffix('y')}ies" if verb.endswith("y") else f"{verb}s"
