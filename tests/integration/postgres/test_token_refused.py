"""Why a real server does not take our IAM token, told by what to do about it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from emulation.pki import IssuedCertificate
from emulation.postgresql import PostgresServer
from rds_tls_audit.evidence.observation import Observation
from rds_tls_audit.fleet.database import Database
from rds_tls_audit.stages.steps.probe_database import probe_database
from rds_tls_audit.wiring.probe import probe_ports
from tests.integration.postgres.probe_helpers import (
    DATABASE,
    FOREVER,
    ROLE,
    Prober,
    reason,
    target,
    value,
)
from tests.support.builders import ACCOUNT, REGION, cluster, unlisted_cluster

AWS_SECRET = "secret/key+of=nobody"  # noqa: S105 - opens nothing
SIGNATURE = "X-Amz-Signature"
HBA = (
    # RDS takes the token of a member of rds_iam by pam; of anybody else it is a wrong password.
    f"hostssl all {ROLE},absent 127.0.0.1/32 password",
    "hostssl all barred 127.0.0.1/32 trust",
    "hostssl all refused 127.0.0.1/32 reject",
    "hostssl all rds_tls_audit_probe 127.0.0.1/32 scram-sha-256",
)
SETUP = (
    f"CREATE ROLE {ROLE} LOGIN PASSWORD 'another'",
    "CREATE ROLE barred NOLOGIN",
    "CREATE ROLE refused LOGIN",
)
RDS_DB = f"arn:aws:rds-db:{REGION}:{ACCOUNT}:dbuser"
WITH_IAM = replace(DATABASE, iam_authentication=True)


@pytest.fixture(scope="module")
def refusing(certificate: IssuedCertificate) -> Iterator[PostgresServer]:
    with PostgresServer(hba=HBA, certificate=certificate, setup_sql=SETUP) as running:
        yield running


@pytest.fixture(autouse=True)
def _signing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials to sign with that open nothing."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", AWS_SECRET)


def look(
    server: PostgresServer, eye: Prober, role: str, database: Database = WITH_IAM
) -> Observation:
    """Look with a token that the real port signs."""
    settings = replace(eye, environment={"DATABASE_USER": role}).settings
    ports = probe_ports(settings, FOREVER)
    observation = probe_database(target(server.port, database), settings, ports)
    assert SIGNATURE not in repr(observation)
    assert AWS_SECRET not in repr(observation)
    return observation


@pytest.mark.parametrize("role", [ROLE, "absent"])
def test_a_token_that_is_taken_for_a_password_needs_rds_iam(
    refusing: PostgresServer, eye: Prober, role: str
) -> None:
    observation = look(refusing, eye, role)
    why = reason(observation.login)
    assert f"role {role} in database postgres: the role does not exist, or lacks rds_iam" in why
    assert "grant rds_iam to it (SQLSTATE 28P01" in why
    assert value(observation.tls).version == "TLSv1.3"


@pytest.mark.parametrize("role", ["barred", "refused"])
def test_a_token_that_iam_may_refuse_names_what_to_allow(
    refusing: PostgresServer, eye: Prober, role: str
) -> None:
    why = reason(look(refusing, eye, role).login)
    assert f"allow the probe rds-db:connect on {RDS_DB}:{DATABASE.resource_id}/{role};" in why
    assert "or the role has NOLOGIN (SQLSTATE 28000" in why


@pytest.mark.parametrize(
    ("database", "resource_id"),
    [
        pytest.param(replace(WITH_IAM, cluster=cluster()), "cluster-LEDGER", id="member"),
        pytest.param(
            replace(WITH_IAM, cluster=unlisted_cluster()), DATABASE.resource_id, id="not-listed"
        ),
    ],
)
def test_of_a_cluster_member_the_clusters_resource_counts(
    refusing: PostgresServer, eye: Prober, database: Database, resource_id: str
) -> None:
    why = reason(look(refusing, eye, "barred", database).login)
    assert f"rds-db:connect on {RDS_DB}:{resource_id}/barred;" in why
