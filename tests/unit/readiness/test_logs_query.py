from rds_tls_audit.evidence.observation import RDS_ROLES
from tests.support.builders import cluster, database
from tests.unit.readiness.history_builder import absent, assess, history


def test_the_logs_of_databases_that_log_connections_are_queried() -> None:
    logs_query = assess(
        history(log_connections=True),
        history("quiet", log_connections=False),
        history("unread", log_connections=None),
    ).logs_query

    assert logs_query is not None
    assert logs_query.log_groups.shown == ("/aws/rds/instance/orders-prod/postgresql",)


def test_members_of_a_cluster_share_a_log_group() -> None:
    members = [
        history(name, database=database(name, cluster=cluster()), log_connections=True)
        for name in ("ledger-1", "ledger-2")
    ]

    logs_query = assess(*members).logs_query

    assert logs_query is not None
    assert logs_query.log_groups.shown == ("/aws/rds/cluster/ledger/postgresql",)


def test_there_is_no_query_if_no_database_logs_connections() -> None:
    assert assess(history()).logs_query is None


def test_only_the_first_log_groups_are_listed_and_the_rest_counted() -> None:
    logs_query = assess(*(history(f"db-{n}", log_connections=True) for n in range(23))).logs_query

    assert logs_query is not None
    assert (len(logs_query.log_groups.shown), logs_query.log_groups.more) == (20, 3)


def test_the_query_counts_connections_without_tls_by_role_and_excludes_rds() -> None:
    logs_query = assess(history(log_connections=True)).logs_query

    assert logs_query is not None
    assert (
        absent(
            ("connection authorized: user=", "not like /SSL enabled", "by role", *RDS_ROLES),
            logs_query.text,
        )
        == []
    )
