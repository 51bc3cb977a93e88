"""The live settings of a real server and their sources, as far as the role may see them."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from emulation.postgresql import PostgresServer
from rds_tls_audit.evidence.observation import Setting
from tests.integration.postgres.probe_helpers import Prober, value

HIDDEN = {"ssl_min_protocol_version", "ssl_ciphers"}
"""The settings that are hidden from roles without pg_read_all_settings."""


@pytest.fixture(scope="module")
def live(server: PostgresServer, prober: Prober) -> Mapping[str, Setting]:
    """The settings that a member of pg_monitor sees."""
    return value(prober.probe(server.port).settings)


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("ssl", Setting(value="on", source="configuration file")),
        ("ssl_min_protocol_version", Setting(value="TLSv1.2", source="default")),
        ("ssl_max_protocol_version", Setting(value="", source="default")),
        ("ssl_ciphers", Setting(value="HIGH:MEDIUM:+3DES:!aNULL", source="default")),
        ("log_connections", Setting(value="on", source="configuration file")),
        ("log_disconnections", Setting(value="off", source="default")),
        ("log_line_prefix", Setting(value="%t:%r:%u@%d:[%p]:", source="configuration file")),
        ("password_encryption", Setting(value="scram-sha-256", source="default")),
    ],
)
def test_a_setting_is_read_with_its_source(
    live: Mapping[str, Setting], name: str, setting: Setting
) -> None:
    assert live[name] == setting


def test_a_setting_that_does_not_exist_or_is_not_queried_is_missing(
    live: Mapping[str, Setting],
) -> None:
    assert "rds.accepted_password_auth_method" not in live
    assert "ssl_passphrase_command" not in live
    assert "shared_buffers" not in live


def test_without_pg_monitor_settings_are_missing_but_never_wrong(
    server: PostgresServer, prober: Prober, live: Mapping[str, Setting]
) -> None:
    partial = value(replace(prober, role="blind").probe(server.port).settings)
    assert partial.items() <= live.items()
    assert live.keys() >= HIDDEN
    assert not partial.keys() & HIDDEN
    assert {"ssl", "log_connections", "password_encryption"} <= partial.keys()
