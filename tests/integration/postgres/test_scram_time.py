"""A password is not hashed if that would take longer than the time that is left."""

import pytest

from emulation.pki import IssuedCertificate
from tests.integration.postgres.clock import Clock
from tests.integration.postgres.hostile import HostileServer
from tests.integration.postgres.hostile_cases import LATE
from tests.integration.postgres.misbehaviour import Peer, scram_first
from tests.integration.postgres.probe_helpers import Prober, reason

PROOF = b",p="
"""The part of a message that requires the hash of the password (RFC 5802 section 7)."""
LEFT_SECONDS = 0.2
"""The time until the deadline when the server asks for the hash."""


@pytest.mark.parametrize(
    ("iterations", "hashed"),
    [
        pytest.param(4_096, True, id="default"),
        pytest.param(100_000, True, id="as-many-as-fit"),
        pytest.param(100_001, False, id="one-more"),
        pytest.param(999_999, False, id="more-than-fit"),
    ],
)
def test_hashing_that_does_not_fit_the_deadline_is_not_started(
    certificate: IssuedCertificate,
    prober: Prober,
    clock: Clock,
    iterations: int,
    hashed: bool,  # noqa: FBT001 - a column of the table
) -> None:
    first = scram_first(b"r=NONCEx,s=QSXCR+Q6sek8bf92QSXC,i=%d" % iterations)

    def ask_late(peer: Peer) -> None:
        clock.now = prober.settings.probe_deadline_seconds - LEFT_SECONDS
        first(peer)

    with HostileServer(certificate=certificate, to_login=ask_late) as server:
        why = reason(prober.probe(server.port).login)
        received = server.received_in_tls(by_probe=False)
    assert LATE in why
    assert (PROOF in received) is hashed
