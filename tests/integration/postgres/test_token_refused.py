"""A refused IAM token gives the reason and what to do about it."""

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
    # RDS accepts the token of members of rds_iam through PAM. For others it is a wrong password.
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
    """AWS credentials for signing, without any permission."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", AWS_SECRET)


def probe_with_token(
    server: PostgresServer, prober: Prober, role: str, database: Database = WITH_IAM
) -> Observation:
    """Probe with a token that the real adapter signs."""
    settings = replace(prober, environment={"DATABASE_USER": role}).settings
    ports = probe_ports(settings, FOREVER)
    observation = probe_database(target(server.port, database), settings, ports)
    assert SIGNATURE not in repr(observation)
    assert AWS_SECRET not in repr(observation)
    return observation


@pytest.mark.parametrize("role", [ROLE, "absent"])
def test_a_token_that_the_server_takes_for_a_password_needs_rds_iam(
    refusing: PostgresServer, prober: Prober, role: str
) -> None:
    observation = probe_with_token(refusing, prober, role)
    why = reason(observation.login)
    assert f"role {role} in database postgres: the role does not exist or is not" in why
    assert "grant rds_iam to it (SQLSTATE 28P01" in why
    assert value(observation.tls).version == "TLSv1.3"


@pytest.mark.parametrize("role", ["barred", "refused"])
def test_the_reason_for_a_refused_token_names_what_iam_must_allow(
    refusing: PostgresServer, prober: Prober, role: str
) -> None:
    why = reason(probe_with_token(refusing, prober, role).login)
    assert f"allow the probe rds-db:connect on {RDS_DB}:{DATABASE.resource_id}/{role}, " in why
    assert "or set LOGIN on the role (SQLSTATE 28000" in why


@pytest.mark.parametrize(
    ("database", "resource_id"),
    [
        pytest.param(replace(WITH_IAM, cluster=cluster()), "cluster-LEDGER", id="member"),
        pytest.param(
            replace(WITH_IAM, cluster=unlisted_cluster()), DATABASE.resource_id, id="not-listed"
        ),
    ],
)
def test_iam_must_allow_the_resource_of_the_cluster_for_its_members(
    refusing: PostgresServer, prober: Prober, database: Database, resource_id: str
) -> None:
    why = reason(probe_with_token(refusing, prober, "barred", database).login)
    assert f"rds-db:connect on {RDS_DB}:{resource_id}/barred, " in why
