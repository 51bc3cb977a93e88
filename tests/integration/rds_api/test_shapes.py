"""Every kind of database that RDS describes: whether it is audited, by which group, and how."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import boto3
import pytest
from botocore.exceptions import ParamValidationError
from botocore.stub import Stubber

from rds_tls_audit.fleet.configuration import deciding_group
from rds_tls_audit.fleet.database import LIMITLESS_UNSUPPORTED
from tests.integration.rds_api.conftest import Serve
from tests.integration.rds_api.discovery_helpers import CONFIGURED, find, verdicts
from tests.integration.rds_api.rds_fleets import (
    ABSENT,
    FORCED,
    NOT_FORCED,
    VPC,
    cluster,
    instance,
    member,
)
from tests.integration.rds_api.rds_server import REGION, Described, Fleet, Values

OWN = {"pg16": FORCED, "pg16-clear": NOT_FORCED, "default.aurora-postgresql16": FORCED}
CLUSTERS = {
    "aurora16": FORCED,
    "aurora16-clear": NOT_FORCED,
    "multi-az16": NOT_FORCED,
    "old16": FORCED | {"ssl_min_protocol_version": "TLSv1.1"},
    "babelfish16": FORCED | {"rds.babelfish_status": "on", "babelfishpg_tds.tds_ssl_encrypt": "0"},
}

PAUSED = (
    "the probe did not connect: the database may be paused, and connecting would resume and bill "
    "it; set WAKE_PAUSED_DATABASES to true to connect anyway"
)
NO_MEMBER = "the probe did not connect: the cluster has no members"
P, W, F, U = "PASSED", "WARNING", "FAILED", "UNKNOWN"


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What is expected of one database."""

    group: str | None
    """The deciding group as text; None if it is not known."""
    verdicts: Sequence[str]
    """The statuses of `CONFIGURED`."""
    apply_status: str | None = "in-sync"
    not_connectable: str | None = None


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What RDS describes, and what is expected; databases without an expectation are omitted."""

    instances: Sequence[Described] = ()
    clusters: Sequence[Described] = ()
    expected: Mapping[str, Expected] = field(default_factory=dict)


def status(name: str, why: str | None, **changes: object) -> Kind:
    shown = {**instance("orders", DBInstanceStatus=name), **changes}
    shown = {key: value for key, value in shown.items() if value is not ABSENT}
    expected = Expected(group="parameter group pg16", verdicts=(P, U, U), not_connectable=why)
    return Kind(instances=[shown], expected={"orders": expected})


def unreachable(name: str, **changes: object) -> Kind:
    return status(name, f"the probe did not connect: the database's status is {name}", **changes)


def serverless(name: str, of: str, least: float, why: str | None) -> Kind:
    group = "cluster parameter group aurora16"
    return Kind(
        instances=[member(name, of, DBInstanceClass="db.serverless")],
        clusters=[
            cluster(
                of,
                [name],
                ServerlessV2ScalingConfiguration={"MinCapacity": least, "MaxCapacity": 16.0},
            )
        ],
        expected={name: Expected(group=group, verdicts=(P, U, U), not_connectable=why)},
    )


def foreign(engine: str, **changes: object) -> Kind:
    return Kind(instances=[{**instance("other", Engine=engine), **changes}])


def foreign_cluster(engine: str) -> Kind:
    return Kind(
        instances=[member("other-1", "other", Engine=engine)],
        clusters=[cluster("other", ["other-1"], Engine=engine), cluster("bare", Engine=engine)],
    )


OWN_GROUP = "parameter group pg16"
AURORA = "cluster parameter group aurora16"

KINDS = {
    "instance": Kind(
        instances=[instance("orders")],
        expected={"orders": Expected(group=OWN_GROUP, verdicts=(P, U, U))},
    ),
    "instance whose group is not in effect yet": Kind(
        instances=[instance("orders", group="pg16-clear", apply_status="pending-reboot")],
        expected={
            "orders": Expected(
                group="parameter group pg16-clear",
                verdicts=(F, W, U),
                apply_status="pending-reboot",
            )
        },
    ),
    "read replica, by its own group": Kind(
        instances=[
            instance("orders", ReadReplicaDBInstanceIdentifiers=["orders-replica"]),
            instance(
                "orders-replica",
                group="pg16-clear",
                ReadReplicaSourceDBInstanceIdentifier="orders",
                ReplicaMode="open-read-only",
                StatusInfos=[
                    {"StatusType": "read replication", "Normal": True, "Status": "replicating"}
                ],
            ),
        ],
        expected={
            "orders": Expected(group=OWN_GROUP, verdicts=(P, U, U)),
            "orders-replica": Expected(group="parameter group pg16-clear", verdicts=(F, U, U)),
        },
    ),
    "Multi-AZ DB cluster, by the cluster's group": Kind(
        instances=[
            instance(
                f"stock-{number}",
                DBClusterIdentifier="stock",
                DBInstanceClass="db.m6gd.large",
                StorageType="io1",
                Iops=1000,
            )
            for number in (1, 2, 3)
        ],
        clusters=[
            cluster(
                "stock",
                ["stock-1", ("stock-2", "pending-reboot"), ("stock-3", "applying")],
                group="multi-az16",
                Engine="postgres",
                DBClusterInstanceClass="db.m6gd.large",
                StorageType="io1",
                Iops=1000,
                MultiAZ=True,
            )
        ],
        expected={
            f"stock-{number}": Expected(
                group="cluster parameter group multi-az16",
                verdicts=(F, in_effect, U),
                apply_status=apply_status,
            )
            for number, apply_status, in_effect in (
                (1, "in-sync", U),
                (2, "pending-reboot", W),
                (3, "applying", W),
            )
        },
    ),
    "Aurora, each member by its own apply status": Kind(
        instances=[
            member("ledger-1", "ledger"),
            member(
                "ledger-2",
                "ledger",
                DBParameterGroups=[
                    {"DBParameterGroupName": "pg16-clear", "ParameterApplyStatus": "in-sync"}
                ],
            ),
        ],
        clusters=[cluster("ledger", ["ledger-1", ("ledger-2", "pending-reboot")])],
        expected={
            "ledger-1": Expected(group=AURORA, verdicts=(P, U, U)),
            "ledger-2": Expected(group=AURORA, verdicts=(P, W, U), apply_status="pending-reboot"),
        },
    ),
    "Aurora that admits TLS 1.1": Kind(
        instances=[member("old-1", "old")],
        clusters=[cluster("old", ["old-1"], group="old16")],
        expected={"old-1": Expected(group="cluster parameter group old16", verdicts=(P, U, F))},
    ),
    "Aurora serverless that may pause": serverless("nightly-1", "nightly", 0.0, PAUSED),
    "Aurora serverless that never pauses": serverless("daily-1", "daily", 0.5, None),
    "Aurora global member": Kind(
        instances=[member("world-1", "world")],
        clusters=[
            cluster(
                "world",
                ["world-1"],
                group="aurora16-clear",
                GlobalClusterIdentifier="planet",
                GlobalWriteForwardingStatus="enabled",
                GlobalWriteForwardingRequested=True,
                ReplicationSourceIdentifier="arn:aws:rds:us-east-1:123456789012:cluster:world",
            )
        ],
        expected={
            "world-1": Expected(group="cluster parameter group aurora16-clear", verdicts=(F, U, U))
        },
    ),
    "Aurora Limitless": Kind(
        instances=[member("shards-1", "shards")],
        clusters=[
            cluster(
                "shards",
                ["shards-1"],
                ClusterScalabilityType="limitless",
                LimitlessDatabase={"Status": "enabled", "MinRequiredACU": 16.0},
            )
        ],
        expected={
            "shards-1": Expected(
                group=None, verdicts=(U, U, U), not_connectable=LIMITLESS_UNSUPPORTED
            )
        },
    ),
    "Aurora Limitless without members": Kind(
        clusters=[cluster("shards", ClusterScalabilityType="limitless")],
        expected={
            "shards": Expected(
                group=None,
                verdicts=(U, U, U),
                apply_status=None,
                not_connectable=LIMITLESS_UNSUPPORTED,
            )
        },
    ),
    "Babelfish": Kind(
        instances=[
            member(
                "tds-1",
                "tds",
                ListenerEndpoint={"Address": "tds-1", "Port": 1433, "HostedZoneId": "Z1"},
            )
        ],
        clusters=[cluster("tds", ["tds-1"], group="babelfish16")],
        expected={
            "tds-1": Expected(group="cluster parameter group babelfish16", verdicts=(P, U, U))
        },
    ),
    "cluster without members": Kind(
        clusters=[cluster("empty", group="aurora16-clear")],
        expected={
            "empty": Expected(
                group="cluster parameter group aurora16-clear",
                verdicts=(F, U, U),
                apply_status=None,
                not_connectable=NO_MEMBER,
            )
        },
    ),
    "Aurora serverless v1, which has no members": Kind(
        clusters=[
            cluster(
                "first",
                EngineMode="serverless",
                EngineVersion="13.12",
                Capacity=0,
                ScalingConfigurationInfo={"MinCapacity": 2, "MaxCapacity": 8, "AutoPause": True},
            )
        ],
        expected={
            "first": Expected(
                group=AURORA, verdicts=(P, U, U), apply_status=None, not_connectable=NO_MEMBER
            )
        },
    ),
    "member of a cluster that is not listed": Kind(
        instances=[member("lost-1", "lost")],
        expected={"lost-1": Expected(group=None, verdicts=(U, U, U), apply_status=None)},
    ),
    "RDS Custom for Oracle": foreign("custom-oracle-ee", AutomationMode="full"),
    "RDS Custom for SQL Server": foreign("custom-sqlserver-se", AutomationMode="full"),
    "MySQL": foreign("mysql", EngineVersion="8.0.35", LicenseModel="general-public-license"),
    "Aurora MySQL": foreign_cluster("aurora-mysql"),
    "Neptune": foreign_cluster("neptune"),
    "DocumentDB": foreign_cluster("docdb"),
    "creating, with no endpoint yet": unreachable(
        "creating",
        Endpoint=ABSENT,
        InstanceCreateTime=ABSENT,
        LatestRestorableTime=ABSENT,
        CertificateDetails=ABSENT,
    ),
    "available, with no endpoint": status(
        "available",
        "the probe did not connect: RDS lists no endpoint for it (status available)",
        Endpoint=ABSENT,
    ),
    "stopped": unreachable("stopped"),
    "without its key": unreachable("inaccessible-encryption-credentials"),
    "without its key for now": unreachable("inaccessible-encryption-credentials-recoverable"),
    "with an unknown status": status("converting-to-quantum", None),
    "being backed up": status("backing-up", None),
}


def all_kinds() -> Kind:
    kinds = [kind for name, kind in KINDS.items() if "Limitless without" not in name]
    # Several kinds describe the same instance in different states; only one of them is used.
    instances = {
        described["DBInstanceIdentifier"]: described
        for kind in kinds
        for described in kind.instances
    }
    clusters = {
        described["DBClusterIdentifier"]: described for kind in kinds for described in kind.clusters
    }
    return Kind(
        instances=list(instances.values()),
        clusters=list(clusters.values()),
        expected={name: expected for kind in kinds for name, expected in kind.expected.items()},
    )


def fleet(kind: Kind) -> Fleet:
    return Fleet(
        instances=kind.instances, clusters=kind.clusters, groups=OWN, cluster_groups=CLUSTERS
    )


@pytest.mark.parametrize("applies_filters", [True, False], ids=["filtered", "filters ignored"])
@pytest.mark.parametrize("kind", [*KINDS.values(), all_kinds()], ids=[*KINDS, "all of them"])
def test_every_kind_is_found_or_omitted_and_evaluated_by_the_deciding_group(
    serve: Serve, kind: Kind, *, applies_filters: bool
) -> None:
    with serve(fleet(kind), applies_filters=applies_filters):
        discovery = find()

    assert discovery.complete
    assert {
        target.database.id: Expected(
            group=str(key) if (key := deciding_group(target.database)) else None,
            verdicts=tuple(verdicts(target)[check].status for check in CONFIGURED),
            apply_status=target.database.apply_status,
            not_connectable=target.database.reason_not_connectable(),
        )
        for target in discovery.targets
    } == kind.expected


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_botocore_accepts_every_described_shape(kind: Kind) -> None:
    client = boto3.client("rds", REGION)
    with Stubber(client) as stubber:
        stubber.add_response("describe_db_instances", {"DBInstances": list(kind.instances)})
        stubber.add_response("describe_db_clusters", {"DBClusters": list(kind.clusters)})
    client.close()


def test_botocore_refuses_a_shape_that_rds_does_not_have() -> None:
    client = boto3.client("rds", REGION)
    invalid = {"DBInstances": [instance("orders", ForceSsl=True)]}

    with Stubber(client) as stubber, pytest.raises(ParamValidationError, match="ForceSsl"):
        stubber.add_response("describe_db_instances", invalid)
    client.close()


def test_only_the_deciding_group_is_read(serve: Serve) -> None:
    with serve(fleet(KINDS["Multi-AZ DB cluster, by the cluster's group"])) as server:
        find()

    assert [call.group for call in server.calls if call.group] == ["multi-az16"]


def test_the_babelfish_port_is_mentioned_as_not_audited(serve: Serve) -> None:
    with serve(fleet(KINDS["Babelfish"])):
        (target,) = find().targets

    because = verdicts(target)["force-ssl"].because
    assert "this does not cover the Babelfish port" in because
    assert "babelfishpg_tds.tds_ssl_encrypt is 0" in because


def test_a_serverless_member_of_an_unlisted_cluster_is_not_resumed(serve: Serve) -> None:
    sleeping = member("nightly-1", "nightly", DBInstanceClass="db.serverless")
    with serve(Fleet(instances=[sleeping])):
        (target,) = find().targets

    assert target.database.reason_not_connectable() == PAUSED


def test_the_fields_that_the_probe_needs_are_mapped(serve: Serve) -> None:
    with serve(fleet(KINDS["instance"])):
        (target,) = find().targets

    database = target.database
    assert (database.vpc_id, database.iam_authentication) == (VPC, True)
    assert str(database.endpoint) == f"orders.c9akciq32rgw.{REGION}.rds.amazonaws.com:5432"
    assert database.tags == {"Owner": "shop", "Environment": "prod"}


VALUES: Mapping[str, tuple[Values, str, str]] = {
    "absent": ({}, U, "no value of rds.force_ssl"),
    "without a value": ({"rds.force_ssl": None}, U, "no value of rds.force_ssl"),
    "neither 0 nor 1": (
        {"rds.force_ssl": "true"},
        U,
        "rds.force_ssl is true in parameter group pg16",
    ),
    "0": ({"rds.force_ssl": "0"}, F, "rds.force_ssl is 0 in parameter group pg16"),
    "1": ({"rds.force_ssl": "1"}, P, "rds.force_ssl is 1 in parameter group pg16"),
}


@pytest.mark.parametrize(("shown", "status", "because"), VALUES.values(), ids=VALUES)
def test_the_value_that_the_api_returns_is_evaluated_and_no_default(
    serve: Serve, shown: Values, status: str, because: str
) -> None:
    with serve(Fleet(instances=[instance("orders")], groups={"pg16": shown})):
        (target,) = find().targets

    verdict = verdicts(target)["force-ssl"]
    assert verdict.status == status
    assert because in verdict.because
