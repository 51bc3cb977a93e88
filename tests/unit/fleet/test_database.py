import pytest

from rds_tls_audit.fleet.configuration import GroupKey, deciding_group
from rds_tls_audit.fleet.database import TAG_DATABASE, TAG_SKIP, TAG_WIRE, Database, Endpoint
from tests.support.builders import ACCOUNT, REGION, cluster, database, unlisted_cluster

SERVERLESS = "db.serverless"


@pytest.mark.parametrize(
    ("engine_version", "expected"),
    [
        ("16.4", 16),
        ("9.6.24", 9),
        ("10.23", 10),
        ("18", 18),
        ("16.4-R2", 16),
        ("", 0),
        ("unknown", 0),
        ("17beta1.2", 0),
        ("²", 0),
    ],
)
def test_the_major_version_is_the_first_number(engine_version: str, expected: int) -> None:
    assert database(engine_version=engine_version).major_version == expected


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        pytest.param(database(), ("postgres",), id="default"),
        pytest.param(database(db_name="orders"), ("postgres", "orders"), id="db-name"),
        pytest.param(database(db_name="postgres"), ("postgres",), id="the-same-only-once"),
        pytest.param(database(db_name="template1"), ("postgres",), id="never-a-template"),
        pytest.param(
            database(db_name="orders", tags={TAG_DATABASE: "audit"}), ("audit",), id="only-the-tag"
        ),
        pytest.param(
            database(tags={TAG_DATABASE: "template1"}), (), id="never-a-template-by-the-tag"
        ),
        pytest.param(database(tags={TAG_DATABASE: "template0"}), (), id="never-the-other-template"),
        pytest.param(database(tags={TAG_DATABASE: ""}), ("postgres",), id="empty-tag"),
    ],
)
def test_the_databases_to_log_in_to(of: Database, expected: tuple[str, ...]) -> None:
    assert of.database_names == expected


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({}, False),
        ({TAG_WIRE: "off"}, True),
        ({TAG_WIRE: " OFF "}, True),
        ({TAG_WIRE: "on"}, False),
        ({TAG_WIRE: ""}, False),
    ],
)
def test_the_tag_turns_the_wire_probe_off(tags: dict[str, str], *, expected: bool) -> None:
    assert database(tags=tags).wire_off is expected


@pytest.mark.parametrize(
    ("of", "part"),
    [
        pytest.param(database(tags={TAG_SKIP: ""}), TAG_SKIP, id="skip-tag"),
        pytest.param(database(tags={TAG_SKIP: "false"}), TAG_SKIP, id="skip-tag-with-any-value"),
        pytest.param(database(status="stopped"), "stopped", id="stopped"),
        pytest.param(database(status="creating", endpoint=None), "creating", id="creating"),
        pytest.param(
            database(status="inaccessible-encryption-credentials"),
            "inaccessible-encryption-credentials",
            id="inaccessible-key",
        ),
        pytest.param(database(endpoint=None), "no endpoint", id="no-endpoint"),
        pytest.param(
            database(instance_class=SERVERLESS, cluster=cluster(min_capacity=0)),
            "may be paused, and connecting would resume and bill it",
            id="may-be-paused",
        ),
        pytest.param(
            database(instance_class=SERVERLESS, cluster=unlisted_cluster()),
            "may be paused",
            id="its-cluster-was-not-listed",
        ),
    ],
)
def test_a_database_that_must_not_be_connected_to_has_a_reason(of: Database, part: str) -> None:
    assert part in (of.reason_not_connectable() or "")


@pytest.mark.parametrize(
    "of",
    [
        pytest.param(database(), id="available"),
        pytest.param(database(status="modifying"), id="modifying"),
        pytest.param(database(status="something-new"), id="unknown-status-is-tried"),
        pytest.param(database(status="storage-full"), id="storage-full"),
        pytest.param(database(cluster=cluster(min_capacity=0)), id="provisioned-member"),
        pytest.param(
            database(instance_class=SERVERLESS, cluster=cluster(min_capacity=0.5)),
            id="serverless-that-never-pauses",
        ),
        pytest.param(
            database(instance_class=SERVERLESS, cluster=cluster(min_capacity=None)),
            id="serverless-without-scaling",
        ),
        pytest.param(database(instance_class=SERVERLESS), id="serverless-without-a-cluster"),
    ],
)
def test_every_other_database_is_connected_to(of: Database) -> None:
    assert of.reason_not_connectable() is None


def test_a_paused_database_is_resumed_only_on_request() -> None:
    paused = database(instance_class=SERVERLESS, cluster=cluster(min_capacity=0))

    assert paused.reason_not_connectable(wake_paused=False) is not None
    assert paused.reason_not_connectable(wake_paused=True) is None


def test_a_skipped_database_is_never_resumed() -> None:
    skipped = database(
        instance_class=SERVERLESS, cluster=cluster(min_capacity=0), tags={TAG_SKIP: ""}
    )

    assert skipped.reason_not_connectable(wake_paused=True) is not None


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        pytest.param(database(), GroupKey(name="pg16", of_cluster=False), id="plain-instance"),
        pytest.param(
            database(cluster=cluster()),
            GroupKey(name="aurora16", of_cluster=True),
            id="cluster-member",
        ),
        pytest.param(database(cluster=unlisted_cluster()), None, id="its-cluster-was-not-listed"),
    ],
)
def test_the_cluster_parameter_group_decides_for_the_members(
    of: Database, expected: GroupKey | None
) -> None:
    assert deciding_group(of) == expected


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        (Endpoint(address="db.example.com", port=5432), "db.example.com:5432"),
        (Endpoint(address="10.0.0.5", port=5433), "10.0.0.5:5433"),
        (Endpoint(address="fd00::5", port=5432), "[fd00::5]:5432"),
    ],
)
def test_an_endpoint_is_shown_as_host_and_port(endpoint: Endpoint, expected: str) -> None:
    assert str(endpoint) == expected


def test_account_and_region_come_from_the_arn() -> None:
    location = database().location

    assert (location.partition, location.region, location.account) == ("aws", REGION, ACCOUNT)
