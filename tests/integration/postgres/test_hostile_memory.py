"""A server that violates the protocol costs little memory, whatever it sends."""

import tracemalloc
from collections.abc import Mapping
from typing import Any

import pytest

from emulation.pki import IssuedCertificate
from rds_tls_audit.stages.steps.probe_database import probe_database
from tests.integration.postgres.hostile import HostileServer
from tests.integration.postgres.hostile_cases import HUGE, LONG_ERROR, NOTICE
from tests.integration.postgres.misbehaviour import floods, lets_in, loops_a_row, sends
from tests.integration.postgres.probe_helpers import Prober, target
from tests.integration.postgres.wire import error

MEBIBYTE = 1024 * 1024
ERROR_THAT_FITS = error(b"28P01", b"x" * 3_900_000)
EMPTY_FIELDS = error(b"28P01", b"\0" * 3_900_000)


@pytest.mark.parametrize(
    "behavior",
    [
        pytest.param({"to_login": sends(HUGE)}, id="claims 2 GiB"),
        pytest.param({"to_plaintext": sends(HUGE)}, id="claims 2 GiB in plaintext"),
        pytest.param({"to_login": floods(NOTICE)}, id="endless notices"),
        pytest.param({"to_login": sends(LONG_ERROR)}, id="an error of 5 MB"),
        pytest.param({"to_plaintext": sends(LONG_ERROR)}, id="an error of 5 MB in plaintext"),
        pytest.param({"to_login": sends(ERROR_THAT_FITS)}, id="an error that fits"),
        pytest.param({"to_login": sends(EMPTY_FIELDS)}, id="an error of empty fields"),
        pytest.param({"to_login": lets_in(loops_a_row)}, id="a row that loops"),
    ],
)
def test_a_hostile_server_costs_less_than_ten_mebibytes(
    behavior: Mapping[str, Any], certificate: IssuedCertificate, impatient_prober: Prober
) -> None:
    settings, ports = impatient_prober.settings, impatient_prober.ports()
    with HostileServer(certificate=certificate, **behavior) as server:
        tracemalloc.start()
        try:
            probe_database(target(server.port), settings, ports)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 10 * MEBIBYTE, f"{peak / MEBIBYTE:.1f} MiB"
