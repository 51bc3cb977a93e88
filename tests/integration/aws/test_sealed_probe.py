"""A probe without a way to Secrets Manager goes on without the secret, soon and with the reason."""

import socket
import time

import pytest

from rds_tls_audit.adapters.credentials import CredentialSource
from rds_tls_audit.evidence.observed import Unseen
from rds_tls_audit.fleet.database import TAG_SECRET
from tests.support.builders import database


def test_a_secret_out_of_reach_is_given_up_after_five_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.socket() as silent:  # takes connections, and never says a word
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "nobody")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.setenv(name, "127.0.0.1")
        begin = time.monotonic()

        found = CredentialSource("rds_tls_audit").find(database(tags={TAG_SECRET: "audit"}))

    assert time.monotonic() - begin < 6
    assert isinstance(found, Unseen)
    assert found.reason == "the secret audit cannot be read: ReadTimeoutError"
