"""Several samples of the sessions of one database, made one view."""

from collections.abc import Iterable
from dataclasses import replace

from rds_tls_audit.evidence.observation import SessionGroup, SessionView


def merge_views(views: Iterable[SessionView]) -> SessionView:
    """Keep everyone who was seen in any sample, at their highest count; the last sample's ages.

    One partial view makes the whole partial.
    """
    first, *others = views
    merged_view = first
    for view in others:
        merged_view = replace(
            merged_view,
            total=max(merged_view.total, view.total),
            clear=max(merged_view.clear, view.clear),
            groups=_union(merged_view.groups, view.groups),
            rds_own=_union(merged_view.rds_own, view.rds_own),
            why_partial=merged_view.why_partial or view.why_partial,
            groups_cut=max(merged_view.groups_cut, view.groups_cut),
            samples=merged_view.samples + 1,
            opened=view.opened,
            ages=view.ages,
        )
    return merged_view


def _union(
    left: tuple[SessionGroup, ...], right: tuple[SessionGroup, ...]
) -> tuple[SessionGroup, ...]:
    counts: dict[SessionGroup, int] = {}
    for group in (*left, *right):
        alike = replace(group, count=0)
        counts[alike] = max(counts.get(alike, 0), group.count)
    groups = (replace(alike, count=count) for alike, count in counts.items())
    return tuple(sorted(groups, key=lambda group: group.encrypted))
