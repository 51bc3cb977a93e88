"""Merge several samples of the sessions of one database into one view."""

from collections.abc import Iterable
from dataclasses import replace

from rds_tls_audit.evidence.observation import SessionGroup, SessionView


def merge_views(views: Iterable[SessionView]) -> SessionView:
    """Merge the samples of one probe.

    Every session group that any sample contains is kept with its highest count. Ages and opened
    sessions are those of the last sample. If one sample is partial, the result is partial.
    """
    first, *others = views
    merged = first
    for view in others:
        merged = replace(
            merged,
            total=max(merged.total, view.total),
            clear=max(merged.clear, view.clear),
            groups=_merge_groups(merged.groups, view.groups),
            rds_own=_merge_groups(merged.rds_own, view.rds_own),
            why_partial=merged.why_partial or view.why_partial,
            groups_cut=max(merged.groups_cut, view.groups_cut),
            samples=merged.samples + 1,
            opened=view.opened,
            ages=view.ages,
        )
    return merged


def _merge_groups(
    left: tuple[SessionGroup, ...], right: tuple[SessionGroup, ...]
) -> tuple[SessionGroup, ...]:
    counts: dict[SessionGroup, int] = {}
    for group in (*left, *right):
        alike = replace(group, count=0)
        counts[alike] = max(counts.get(alike, 0), group.count)
    groups = (replace(alike, count=count) for alike, count in counts.items())
    return tuple(sorted(groups, key=lambda group: group.encrypted))
