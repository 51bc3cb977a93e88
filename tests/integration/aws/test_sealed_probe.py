"""A probe that cannot reach Secrets Manager continues without the secret, with a reason."""

import socket
import time

import pytest

from rds_tls_audit.adapters.credentials import AwsCredentialSource
from rds_tls_audit.evidence.observed import Unseen
from rds_tls_audit.fleet.database import TAG_SECRET
from tests.support.builders import database


def test_an_unreachable_secret_is_requested_once_and_then_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.socket() as silent:  # accepts connections, and never responds
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "nobody")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.setenv(name, "127.0.0.1")
        begin = time.monotonic()

        found = AwsCredentialSource("rds_tls_audit").find(database(tags={TAG_SECRET: "audit"}))

        seconds = time.monotonic() - begin
        silent.accept()[0].close()
        silent.setblocking(False)  # noqa: FBT003 - its name
        with pytest.raises(BlockingIOError):
            silent.accept()
    # The adapter waits five seconds; the default of botocore is a minute.
    assert seconds < 40
    assert isinstance(found, Unseen)
    assert found.reason == "the secret audit cannot be read: ReadTimeoutError"
