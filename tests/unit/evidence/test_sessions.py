import pytest

from rds_tls_audit.evidence.observation import SessionGroup
from rds_tls_audit.evidence.sessions import describe_client, list_clients
from tests.support.builders import tls_session


def client(role: str, count: int = 1, network: str | None = None) -> SessionGroup:
    return tls_session(role=role, application=None, network=network, count=count)


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        pytest.param(tls_session(), "orders_app (web) at 10.0.1.7", id="all"),
        pytest.param(tls_session(network=None), "orders_app (web)", id="without-address"),
        pytest.param(tls_session(application=None), "orders_app at 10.0.1.7", id="no-application"),
        pytest.param(tls_session(application=""), "orders_app at 10.0.1.7", id="empty-application"),
        pytest.param(
            tls_session(role=None, application=None, network=None),
            "a role that is not shown",
            id="nothing",
        ),
    ],
)
def test_a_client_is_described_as_far_as_it_is_known(group: SessionGroup, expected: str) -> None:
    assert describe_client(group) == expected


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        pytest.param([], "", id="none"),
        pytest.param([client("a")], "1 from a", id="one"),
        pytest.param(
            [client("a", 1), client("b", 3), client("c", 2)],
            "3 from b, 2 from c, 1 from a",
            id="three-most-first",
        ),
        pytest.param(
            [client(role) for role in "dcba"],
            "1 from a, 1 from b, 1 from c, and 1 more client",
            id="four-equal-by-name",
        ),
        pytest.param(
            [client(role) for role in "abcde"],
            "1 from a, 1 from b, 1 from c, and 2 more clients",
            id="five",
        ),
        pytest.param(
            [client("a", 2), client("a", 3)], "5 from a", id="groups-with-one-description"
        ),
        pytest.param(
            [client("a", network="10.0.0.1"), client("a", network="10.0.0.2")],
            "1 from a at 10.0.0.1, 1 from a at 10.0.0.2",
            id="two-addresses",
        ),
    ],
)
def test_at_most_three_clients_are_named_with_a_count_of_the_rest(
    groups: list[SessionGroup], expected: str
) -> None:
    assert list_clients(groups) == expected
