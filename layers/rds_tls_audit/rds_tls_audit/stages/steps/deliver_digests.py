"""Send each topic, once, the changes and the readiness that it has not received yet.

What is sent is claimed before and acknowledged afterwards, so nothing is lost if a topic or the
state table fails or if the process dies. A digest is sent twice only if it was delivered and then
either the state table could not be written or the response of SNS was lost.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial

from rds_tls_audit.digest.delivery import DigestInput, acknowledge, claim, release
from rds_tls_audit.digest.outbox import DeliveryProgress
from rds_tls_audit.digest.summary import Summary
from rds_tls_audit.ports.state_store import Outbox
from rds_tls_audit.ports.topics import Topics
from rds_tls_audit.readiness.status import ReadinessSummary

MAX_ENTRIES = 6_000
"""The entries that one run sends, so that their keys fit into one progress item; the next run
sends the rest."""


class DigestNotDeliveredError(Exception):
    """The digest was not sent to a topic; the next run sends it."""


def deliver_digests(
    summary: Summary,
    delivery_problems: str | None,
    readiness: Mapping[str, ReadinessSummary],
    topics: Topics,
    outbox: Outbox,
) -> bool:
    """Send each topic what it has not received.

    Args:
        summary: The summary of the run; its changes are those held back because Security Hub is
            off.
        delivery_problems: The fingerprint of what kept findings from Security Hub; reported when
            it changes.
        readiness: Whether it is safe to force TLS, by parameter group; reported where it changed.
        topics: The topics; if one fails, the others still receive their digest.
        outbox: The changes that wait to be sent.

    Returns:
        Whether anything was sent to any topic.

    Raises:
        DigestNotDeliveredError: At the end, for all topics that failed.
    """
    # The progress is read before the outbox: an entry that a topic has received and that is not in
    # the outbox then was removed from it.
    received = {name: frozenset(outbox.read_progress(name).told) for name in topics}
    entries = outbox.read()
    waiting = frozenset(entry.entry_key for entry in entries)
    any_sent, sent_everywhere, failures = False, waiting, []
    for name, send in topics.items():
        unsent = [entry for entry in entries if entry.entry_key not in received[name]]
        digest_input = DigestInput(
            summary=summary,
            delivery_problems=delivery_problems,
            readiness=readiness,
            entries=unsent[:MAX_ENTRIES],
            removed=received[name] - waiting,
        )
        try:
            sent, progress = _deliver(name, send, digest_input, outbox)
            any_sent |= sent
            sent_everywhere &= {*progress.told}
        except Exception as error:  # noqa: BLE001 - raised once the other topics are served
            sent_everywhere = frozenset()
            failures.append(f"the topic {name} failed ({type(error).__name__}: {error})")
    outbox.remove([entry for entry in entries if entry.entry_key in sent_everywhere])
    if failures:
        raise DigestNotDeliveredError(
            f"The digest was not sent to every topic: {'; '.join(failures)}. The next run sends it."
        )
    return any_sent


def _deliver(
    name: str, send: Callable[[Summary], None], digest_input: DigestInput, outbox: Outbox
) -> tuple[bool, DeliveryProgress]:
    """Send one topic what it has not received; return whether it was sent, and the progress."""
    claimed = outbox.update_progress(name, partial(claim, digest_input=digest_input))
    if claimed.delivery is None:
        return False, claimed.progress
    try:
        send(claimed.delivery.summary)
    except Exception:
        outbox.update_progress(name, partial(release, delivery=claimed.delivery))
        raise
    acknowledged = partial(acknowledge, delivery=claimed.delivery, digest_input=digest_input)
    # The digest is delivered: the state table gets a second try, so that it is not sent twice.
    with suppress(Exception):
        return True, outbox.update_progress(name, acknowledged).progress
    return True, outbox.update_progress(name, acknowledged).progress
