"""A malformed count of opened sessions makes the sessions unseen, with the reason."""

import struct

import pytest

from emulation.pki import IssuedCertificate
from rds_tls_audit.evidence.observed import Seen
from tests.integration.postgres.hostile import HostileServer
from tests.integration.postgres.hostile_cases import SESSION_COLUMNS
from tests.integration.postgres.misbehaviour import answers_queries, lets_in
from tests.integration.postgres.probe_helpers import Prober, reason, value
from tests.integration.postgres.wire import BOOL, INT4, TEXT, message, row, row_description

TIMESTAMPTZ = 1184
OWN_SESSION = row_description(
    *(("server_version", TEXT), ("version_number", TEXT), ("bits", INT4), ("sees_others", BOOL))
) + row(b"17.4", b"170004", b"256", b"t")
NO_CLIENTS = row_description(*((name, TEXT) for name in SESSION_COLUMNS))
NULL = struct.pack("!i", -1)
NULLS = message(b"D", struct.pack("!H", 2) + NULL * 2)
NO_AGES = row_description(("minutes", INT4), ("sessions", INT4))
SINCE = b"2026-03-01 06:00:00+00"


def columns(opened: int = INT4, since: int = TIMESTAMPTZ) -> bytes:
    return row_description(("opened", opened), ("since", since))


def counting(served: IssuedCertificate, answer: bytes) -> HostileServer:
    answers = {
        b"pg_stat_ssl WHERE": OWN_SESSION,
        b"WITH seen": NO_CLIENTS,
        b"pg_stat_database": answer,
        b"backend_start)": NO_AGES,
        b"pg_settings": row_description(("name", TEXT), ("setting", TEXT), ("source", TEXT)),
    }
    return HostileServer(certificate=served, to_login=lets_in(answers_queries(answers)))


def test_a_well_formed_count_is_read(certificate: IssuedCertificate, prober: Prober) -> None:
    with counting(certificate, columns() + row(b"7", SINCE)) as server:
        opened = value(prober.probe(server.port).sessions).opened
    assert opened is not None
    assert opened.count == 7


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(columns() + NULLS, "malformed rows (TypeError)", id="nulls"),
        pytest.param(
            columns(opened=TEXT) + row(b"7", SINCE), "malformed rows (TypeError)", id="text"
        ),
        pytest.param(
            columns() + row(b"many", SINCE), "violated the PostgreSQL protocol", id="not-a-number"
        ),
        pytest.param(
            columns(since=TEXT) + row(b"7", SINCE), "malformed rows (TypeError)", id="since-text"
        ),
        pytest.param(
            columns() + row(b"7", b"infinity"), "malformed rows (TypeError)", id="since-infinity"
        ),
        pytest.param(
            row_description(("opened", INT4)) + row(b"7"),
            "malformed rows (KeyError)",
            id="missing-column",
        ),
        pytest.param(columns(), "unexpected number of rows", id="no-row"),
        pytest.param(columns() + row(b"7", SINCE) * 2, "unexpected number of rows", id="two-rows"),
    ],
)
def test_a_malformed_count_gives_the_reason_and_the_rest_is_observed(
    certificate: IssuedCertificate, prober: Prober, answer: bytes, expected: str
) -> None:
    with counting(certificate, answer) as server:
        observation = prober.probe(server.port)
    assert expected in reason(observation.sessions)
    assert value(observation.login).server_version == "17.4"
    assert isinstance(observation.settings, Seen)
