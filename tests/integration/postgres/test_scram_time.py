"""A password is not hashed where that would take longer than there is time for."""

import time
from dataclasses import replace

import pytest

from emulation.pki import IssuedCertificate
from tests.integration.postgres.hostile import HostileServer
from tests.integration.postgres.hostile_cases import LATE
from tests.integration.postgres.misbehaviour import scram_first
from tests.integration.postgres.probe_helpers import Prober, reason

PROOF = b",p="
"""What only the hash of the password makes (RFC 5802 section 7)."""


@pytest.mark.parametrize(
    ("iterations", "deadline", "hashed"),
    [
        pytest.param(4_096, 1.5, True, id="default"),
        pytest.param(999_999, 1.9, False, id="more-than-there-is-time-for"),
    ],
)
def test_hashing_that_does_not_fit_the_deadline_is_not_begun(
    certificate: IssuedCertificate,
    eye: Prober,
    iterations: int,
    deadline: float,
    hashed: bool,  # noqa: FBT001 - a column of the table
) -> None:
    first = b"r=NONCEx,s=QSXCR+Q6sek8bf92QSXC,i=%d" % iterations
    hasty = replace(eye, environment={"PROBE_DEADLINE_SECONDS": str(deadline)})
    with HostileServer(certificate=certificate, to_login=scram_first(first)) as server:
        begin = time.monotonic()
        why = reason(hasty.look(server.port).login)
        seconds = time.monotonic() - begin
        heard = server.received_in_tls(by_probe=False)
    assert LATE in why
    assert (PROOF in heard) is hashed
    # Hashed, the server is waited for; else there is nothing to wait for.
    assert (seconds > 0.9 * deadline) is hashed
