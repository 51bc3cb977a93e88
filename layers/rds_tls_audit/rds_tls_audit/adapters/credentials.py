"""Find credentials for a database: a secret that its tag names, or an IAM token signed locally."""

import json
import threading
from typing import TYPE_CHECKING
from urllib.parse import quote

import boto3
import botocore.session
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config

from rds_tls_audit.adapters.api_errors import API_ERRORS, describe_error
from rds_tls_audit.evidence.credentials import Credentials
from rds_tls_audit.evidence.observed import Observed, Seen, Unseen
from rds_tls_audit.fleet.database import TAG_SECRET, Database

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

TOKEN_SECONDS = 900
"""How long RDS accepts a token; it expires earlier if the credentials that signed it expire."""

_RDS_MANAGED = "rds!"
"""The prefix of the secrets that RDS manages; they belong to master users."""

# The probe's subnets may have no route to Secrets Manager. Short timeouts reveal this early.
_QUICK = Config(connect_timeout=2, read_timeout=3, retries={"total_max_attempts": 1})


class AwsCredentialSource:
    """Finds the credentials to log in with; its only AWS call reads the secret that a tag names."""

    def __init__(self, role: str) -> None:
        """Sign IAM tokens for `role`."""
        self._role = role
        self._session = botocore.session.get_session()
        self._lock = threading.Lock()
        self._clients: dict[str, SecretsManagerClient] = {}

    def find(self, database: Database) -> Observed[Credentials]:
        """Return the tagged secret, else a token if the instance uses IAM authentication."""
        name = database.tags.get(TAG_SECRET)
        if name:
            return self._read_secret(name, database)
        if database.iam_authentication:
            return self._sign_token(database)
        return Unseen(
            reason="the probe has no credentials for the database; turn on IAM authentication, or "
            f"name a secret in the tag {TAG_SECRET}"
        )

    def _sign_token(self, database: Database) -> Observed[Credentials]:
        if database.endpoint is None:
            return Unseen(reason="an IAM token cannot be signed: RDS lists no endpoint")
        with self._lock:  # Without it, each thread would request the role's credentials again.
            keys = self._session.get_credentials()
        if keys is None:
            return Unseen(reason="an IAM token cannot be signed: the probe has no AWS credentials")
        # This is what generate_db_auth_token does, without the second that building a client takes.
        # The token is for the endpoint, even if the probe connects to another address.
        request = AWSRequest(
            method="GET",
            url=f"https://{database.endpoint}/?Action=connect&DBUser={quote(self._role, safe='')}",
        )
        region = database.location.region
        signer = SigV4QueryAuth(keys.get_frozen_credentials(), "rds-db", region, TOKEN_SECONDS)
        signer.add_auth(request)
        token = str(request.url).removeprefix("https://")
        return Seen(
            value=Credentials(
                role=self._role,
                password=token,
                source="the IAM token",
                iam_resource=_iam_resource(database, self._role),
            )
        )

    def _read_secret(self, name: str, database: Database) -> Observed[Credentials]:
        if _is_master_secret(name, database):
            return Unseen(reason=_MASTER_REFUSED)
        try:
            response = self._client(database.location.region).get_secret_value(SecretId=name)
            # The tag may contain only a part of the name or ARN.
            if any(_is_master_secret(response[key], database) for key in ("Name", "ARN")):
                return Unseen(reason=_MASTER_REFUSED)
            content = json.loads(response["SecretString"])
            role, password = content["username"], content["password"]
        except API_ERRORS as error:
            return Unseen(reason=f"the secret {name} cannot be read: {describe_error(error)}")
        except (ValueError, KeyError, TypeError):
            return Unseen(reason=f"the secret {name} is not JSON with username and password")
        if not (isinstance(role, str) and isinstance(password, str)):
            return Unseen(reason=f"the secret {name} is not JSON with username and password")
        if role == database.master_role:
            return Unseen(reason=_MASTER_REFUSED)
        return Seen(value=Credentials(role=role, password=password, source=f"the secret {name}"))

    def _client(self, region: str) -> "SecretsManagerClient":
        # Threads can share a client, but must not build it at the same time.
        with self._lock:
            if region not in self._clients:
                self._clients[region] = boto3.session.Session().client(
                    "secretsmanager", region_name=region, config=_QUICK
                )
            return self._clients[region]


def _iam_resource(database: Database, role: str) -> str:
    # For members of a cluster, the policy names the resource id of the cluster (AWS documentation,
    # "Creating and using an IAM policy for IAM database access").
    location, cluster = database.location, database.cluster
    resource_id = (cluster and cluster.resource_id) or database.resource_id
    return (
        f"arn:{location.partition}:rds-db:{location.region}:{location.account}:dbuser:"
        f"{resource_id}/{role}"
    )


_MASTER_REFUSED = (
    f"the tag {TAG_SECRET} names the master user's secret, which the audit never uses; create "
    "a role and a secret for the audit"
)


def _is_master_secret(name: str, database: Database) -> bool:
    masters = [database.master_secret, database.cluster and database.cluster.master_secret]
    short = name.rpartition(":secret:")[2]
    return short.startswith(_RDS_MANAGED) or any(
        name == master or short == master.rpartition(":secret:")[2].rpartition("-")[0]
        for master in masters
        if master
    )
