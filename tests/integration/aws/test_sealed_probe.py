"""A probe without a way to Secrets Manager goes on without the secret, soon and with the reason."""

import socket
import time

import pytest

from rds_tls_audit.adapters.credentials import CredentialSource
from rds_tls_audit.evidence.observed import Unseen
from rds_tls_audit.fleet.database import TAG_SECRET
from tests.support.builders import database


def test_a_secret_out_of_reach_is_given_up_soon_and_asked_for_once(
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

        seconds = time.monotonic() - begin
        silent.accept()[0].close()
        silent.setblocking(False)  # noqa: FBT003 - its name
        with pytest.raises(BlockingIOError):
            silent.accept()
    # Five seconds of ours; botocore's own patience is a minute.
    assert seconds < 40
    assert isinstance(found, Unseen)
    assert found.reason == "the secret audit cannot be read: ReadTimeoutError"
