"""A password is not hashed where that would take longer than there is time for."""

import pytest

from emulation.pki import IssuedCertificate
from tests.integration.postgres.clock import Clock
from tests.integration.postgres.hostile import HostileServer
from tests.integration.postgres.hostile_cases import LATE
from tests.integration.postgres.misbehaviour import Peer, scram_first
from tests.integration.postgres.probe_helpers import Prober, reason

PROOF = b",p="
"""What only the hash of the password makes (RFC 5802 section 7)."""
LEFT_SECONDS = 0.2
"""Of the deadline, when the server asks for the hash."""


@pytest.mark.parametrize(
    ("iterations", "hashed"),
    [
        pytest.param(4_096, True, id="default"),
        pytest.param(100_000, True, id="as-many-as-there-is-time-for"),
        pytest.param(100_001, False, id="one-more"),
        pytest.param(999_999, False, id="more-than-there-is-time-for"),
    ],
)
def test_hashing_that_does_not_fit_the_deadline_is_not_begun(
    certificate: IssuedCertificate,
    eye: Prober,
    clock: Clock,
    iterations: int,
    hashed: bool,  # noqa: FBT001 - a column of the table
) -> None:
    first = scram_first(b"r=NONCEx,s=QSXCR+Q6sek8bf92QSXC,i=%d" % iterations)

    def asks_late(peer: Peer) -> None:
        clock.now = eye.settings.probe_deadline_seconds - LEFT_SECONDS
        first(peer)

    with HostileServer(certificate=certificate, to_login=asks_late) as server:
        why = reason(eye.look(server.port).login)
        heard = server.received_in_tls(by_probe=False)
    assert LATE in why
    assert (PROOF in heard) is hashed
