from rds_tls_audit.evidence.observation import OWN_ROLES
from tests.support.builders import cluster, database
from tests.unit.readiness.history_builder import absent, answer_for, history


def test_the_logs_of_databases_that_log_connections_are_asked() -> None:
    given = answer_for(
        history(log_connections=True),
        history("quiet", log_connections=False),
        history("unread", log_connections=None),
    )

    assert given.logs is not None
    assert given.logs.log_groups == ("/aws/rds/instance/orders-prod/postgresql",)


def test_members_of_a_cluster_share_a_log_group() -> None:
    members = [
        history(name, database=database(name, cluster=cluster()), log_connections=True)
        for name in ("ledger-1", "ledger-2")
    ]

    logs = answer_for(*members).logs

    assert logs is not None
    assert logs.log_groups == ("/aws/rds/cluster/ledger/postgresql",)


def test_where_none_logs_connections_there_is_no_query() -> None:
    assert answer_for(history()).logs is None


def test_many_log_groups_are_counted() -> None:
    logs = answer_for(*(history(f"db-{n}", log_connections=True) for n in range(23))).logs

    assert logs is not None
    assert (len(logs.log_groups), logs.log_groups_more) == (20, 3)


def test_the_query_counts_connections_without_tls_by_role_and_leaves_rds_out() -> None:
    logs = answer_for(history(log_connections=True)).logs

    assert logs is not None
    assert (
        absent(
            ("connection authorized: user=", "not like /SSL enabled", "by role", *OWN_ROLES),
            logs.text,
        )
        == []
    )
