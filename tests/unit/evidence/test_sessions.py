import pytest

from rds_tls_audit.evidence.observation import SessionGroup
from rds_tls_audit.evidence.sessions import label, named
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
            "a role not shown",
            id="nothing",
        ),
    ],
)
def test_a_label_says_what_may_be_told(group: SessionGroup, expected: str) -> None:
    assert label(group) == expected


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        pytest.param([], "", id="nobody"),
        pytest.param([client("a")], "1 by a", id="one"),
        pytest.param(
            [client("a", 1), client("b", 3), client("c", 2)],
            "3 by b, 2 by c, 1 by a",
            id="three-most-first",
        ),
        pytest.param(
            [client(role) for role in "dcba"],
            "1 by a, 1 by b, 1 by c, and 1 more client",
            id="four-equal-by-name",
        ),
        pytest.param(
            [client(role) for role in "abcde"],
            "1 by a, 1 by b, 1 by c, and 2 more clients",
            id="five",
        ),
        pytest.param([client("a", 2), client("a", 3)], "5 by a", id="alike-as-far-as-told-is-one"),
        pytest.param(
            [client("a", network="10.0.0.1"), client("a", network="10.0.0.2")],
            "1 by a at 10.0.0.1, 1 by a at 10.0.0.2",
            id="two-addresses-are-two",
        ),
    ],
)
def test_at_most_three_clients_are_named_with_a_count_of_the_rest(
    groups: list[SessionGroup], expected: str
) -> None:
    assert named(groups) == expected
