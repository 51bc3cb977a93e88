"""The names of a certificate are matched with a host as verifying clients do."""

import pytest

from rds_tls_audit.protocol.host_names import covers


@pytest.mark.parametrize(
    ("names", "host", "covered"),
    [
        pytest.param(["db.example.com"], "db.example.com", True, id="same"),
        pytest.param(["a.example.com", "db.example.com"], "db.example.com", True, id="second"),
        pytest.param(["DB.Example.com"], "db.example.COM", True, id="another-case"),
        pytest.param(["db.example.com"], "db.example.org", False, id="another"),
        pytest.param(["db.example.com"], "db.example.com.evil.org", False, id="longer"),
        pytest.param(["db.example.com"], "example.com", False, id="parent"),
        pytest.param(["*.example.com"], "db.example.com", True, id="wildcard"),
        pytest.param(["*.Example.com"], "DB.example.com", True, id="wildcard-another-case"),
        pytest.param(["*.example.com"], "a.db.example.com", False, id="wildcard-two-labels"),
        pytest.param(["*.example.com"], "example.com", False, id="wildcard-no-label"),
        pytest.param(["*.example.com"], ".example.com", False, id="wildcard-empty-label"),
        pytest.param(["*.example.com"], "evilexample.com", False, id="wildcard-no-dot"),
        pytest.param(["d*.example.com"], "db.example.com", False, id="wildcard-part-of-a-label"),
        pytest.param(["db.*.com"], "db.example.com", False, id="wildcard-within"),
        pytest.param(["*"], "localhost", False, id="wildcard-alone"),
        pytest.param(["*.*.com"], "db.example.com", False, id="wildcard-twice"),
        pytest.param([], "db.example.com", False, id="no-name"),
        pytest.param([""], "db.example.com", False, id="empty-name"),
        pytest.param(["*."], "db.example.com", False, id="wildcard-of-nothing"),
        pytest.param(["127.0.0.1"], "127.0.0.1", True, id="address"),
        pytest.param(["*.0.0.1"], "10.0.0.2", False, id="another-address"),
    ],
)
def test_a_name_covers_itself_and_a_wildcard_covers_one_whole_label(
    names: list[str],
    host: str,
    covered: bool,  # noqa: FBT001 - a column of the table
) -> None:
    assert covers(names, host) is covered
