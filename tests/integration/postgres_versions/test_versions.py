"""Every version of PostgreSQL has the verdicts of the table, in every state that it supports."""

import pytest

from rds_tls_audit.checks.registry import all_checks
from tests.integration.postgres_versions.version_fleet import Audited, select_entries

VERSIONS = range(10, 19)
CHECKS = [check.id for check in all_checks()]
P, F, U = "PASSED", "FAILED", "UNKNOWN"
# 12 introduced ssl_min_protocol_version, 13 raised its default from TLSv1 to TLSv1.2:
# https://www.postgresql.org/docs/release/13.0/
UNSETTABLE, LOW, MODERN = range(10, 12), range(12, 13), range(13, 19)
UP_TO_12 = range(10, 13)
#    force-ssl
#    |  force-ssl-in-effect
#    |  |  plaintext-refused
#    |  |  |  sessions-encrypted
#    |  |  |  |  sessions-modern-tls
#    |  |  |  |  |  minimum-protocol
#    |  |  |  |  |  |  legacy-tls-refused
#    |  |  |  |  |  |  |  weak-ciphers-refused
#    |  |  |  |  |  |  |  |  certificate-trusted
#    |  |  |  |  |  |  |  |  |  certificate-current
TABLE = (
    ([P, P, P, P, P, F, F, P, P, P], "forcing", UP_TO_12),
    ([P, P, P, P, P, P, P, P, P, P], "forcing", MODERN),
    ([F, P, F, F, P, F, F, P, P, P], "open", UP_TO_12),
    ([F, P, F, F, P, P, P, P, P, P], "open", MODERN),
    ([P, P, P, P, F, F, F, F, P, P], "legacy", VERSIONS),
    ([P, P, P, P, P, F, F, F, P, P], "weak", UP_TO_12),
    ([P, P, P, P, P, P, P, F, P, P], "weak", MODERN),
    ([P, P, P, U, U, U, F, F, U, U], "weak-alone", LOW),
    ([P, P, P, U, U, U, P, F, U, U], "weak-alone", MODERN),
    ([P, P, P, U, U, F, F, P, F, F], "expired", UNSETTABLE),
    ([P, P, P, U, U, U, F, P, F, F], "expired", LOW),
    ([P, P, P, U, U, U, P, P, F, F], "expired", MODERN),
    ([P, P, P, U, U, F, F, P, P, P], "blind", UNSETTABLE),
    ([P, P, P, U, U, U, F, P, P, P], "blind", LOW),
    ([P, P, P, U, U, U, P, P, P, P], "blind", MODERN),
    ([P, P, P, P, P, P, P, P, P, P], "login-trigger", VERSIONS),
)
EXPECTED = {(version, state): row for row, state, versions in TABLE for version in versions}
OLD_TLS_ACCEPTED = "TLS 1.1 or earlier (TLSv1.1 with"
OLD_TLS_REFUSED = "TLS alert 70: protocol version not supported"
PAIRED = "SQLSTATE 28000; over TLS, it asked for SCRAM authentication"
REASONS = (
    ("forcing", "plaintext-refused", PAIRED, VERSIONS),
    ("forcing", "sessions-encrypted", "1 client session, all encrypted", VERSIONS),
    ("forcing", "sessions-modern-tls", "1 TLS session, all with TLS 1.2 or later", VERSIONS),
    ("forcing", "minimum-protocol", "does not support ssl_min_protocol_version", UNSETTABLE),
    ("forcing", "minimum-protocol", "accepts TLS 1.1 or earlier", UNSETTABLE),
    ("forcing", "minimum-protocol", "is TLSv1 on the server", LOW),
    ("forcing", "minimum-protocol", "is TLSv1.2 on the server", MODERN),
    ("forcing", "legacy-tls-refused", OLD_TLS_ACCEPTED, UP_TO_12),
    ("forcing", "legacy-tls-refused", OLD_TLS_REFUSED, MODERN),
    ("forcing", "weak-ciphers-refused", "TLS alert 40: no cipher suite in common", VERSIONS),
    ("open", "plaintext-refused", "it asked for SCRAM authentication in plaintext", VERSIONS),
    ("open", "sessions-encrypted", "1 of 2 client sessions is unencrypted", VERSIONS),
    ("open", "sessions-encrypted", "1 from orders (nightly-export)", VERSIONS),
    ("legacy", "sessions-encrypted", "2 client sessions, all encrypted", VERSIONS),
    ("legacy", "sessions-modern-tls", "TLSv1.1 AES128-SHA, 1 from erp (erp-connector)", VERSIONS),
    ("legacy", "legacy-tls-refused", OLD_TLS_ACCEPTED, VERSIONS),
    ("legacy", "weak-ciphers-refused", "TLSv1.2 with ADH-", VERSIONS),
    ("legacy", "weak-ciphers-refused", "ssl_ciphers is ALL:COMPLEMENTOFALL", VERSIONS),
    ("weak", "weak-ciphers-refused", "TLSv1.2 with ADH-", VERSIONS),
    ("weak", "weak-ciphers-refused", "ssl_ciphers is aNULL", VERSIONS),
    ("weak", "legacy-tls-refused", "TLSv1.1 with AECDH-", UP_TO_12),
    ("weak-alone", "plaintext-refused", PAIRED, VERSIONS),
    ("weak-alone", "sessions-encrypted", "the probe did not log in: TLS failed", VERSIONS),
    ("weak-alone", "weak-ciphers-refused", "TLSv1.2 with ADH-", VERSIONS),
    ("expired", "plaintext-refused", PAIRED, VERSIONS),
    ("expired", "sessions-encrypted", "certificate has expired", VERSIONS),
    ("expired", "certificate-trusted", "does not verify for expired-", VERSIONS),
    ("expired", "certificate-current", "the served certificate expired on", VERSIONS),
    ("blind", "sessions-encrypted", "grant pg_monitor", VERSIONS),
    ("blind", "sessions-modern-tls", "grant pg_monitor", VERSIONS),
    ("blind", "minimum-protocol", "grant pg_monitor", range(12, 19)),
    ("login-trigger", "sessions-encrypted", "1 client session, all encrypted", VERSIONS),
)

# The very first test waits for the downloads.
pytestmark = pytest.mark.timeout(1800)
each_state = pytest.mark.parametrize(
    ("version", "state"),
    [(version, entry.state.id) for version in VERSIONS for entry in select_entries(version)],
)


@each_state
def test_every_state_has_the_verdicts_of_the_table_in_its_order(
    audited: Audited, version: int, state: str
) -> None:
    verdicts = audited.verdicts[state]

    assert [verdict["check"] for verdict in verdicts] == CHECKS
    assert [verdict["status"] for verdict in verdicts] == EXPECTED[version, state]


@each_state
def test_the_reasons_contain_what_was_observed(audited: Audited, version: int, state: str) -> None:
    expected = [
        (check, words)
        for of_state, check, words, versions in REASONS
        if of_state == state and version in versions
    ]

    assert expected
    for check, words in expected:
        assert words in audited.because(state, check)


@pytest.mark.parametrize("version", VERSIONS)
def test_each_server_is_of_the_version_it_stands_for(audited: Audited, version: int) -> None:
    assert set(audited.versions.values()) == {version}


@pytest.mark.parametrize("version", [17, 18])
def test_a_login_trigger_that_writes_sees_the_one_login_of_the_audit(audited: Audited) -> None:
    assert audited.logins_noted == 1
