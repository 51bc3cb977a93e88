"""Where the password or token of a database comes from: its secret, or a token signed locally."""

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
"""As long as RDS takes a token; it holds no longer than the credentials that signed it."""

_RDS_MANAGED = "rds!"
"""RDS names the secrets that it manages so; they are master users'."""

# The probe's network may have no way to Secrets Manager: find out soon.
_QUICK = Config(connect_timeout=2, read_timeout=3, retries={"total_max_attempts": 1})


class CredentialSource:
    """Finds what to log in with; asks AWS for nothing but the secret a tag names."""

    def __init__(self, role: str) -> None:
        """Log in as `role` where IAM does."""
        self._role = role
        self._session = botocore.session.get_session()
        self._lock = threading.Lock()
        self._clients: dict[str, SecretsManagerClient] = {}

    def find(self, database: Database) -> Observed[Credentials]:
        """Take the tagged secret, else a token where the instance has IAM authentication."""
        name = database.tags.get(TAG_SECRET)
        if name:
            return self._secret(name, database)
        if database.iam_authentication:
            return self._token(database)
        return Unseen(
            reason="no way to log in: the database has neither IAM authentication nor the tag "
            f"{TAG_SECRET}"
        )

    def _token(self, database: Database) -> Observed[Credentials]:
        if database.endpoint is None:
            return Unseen(reason="no IAM token without an endpoint")
        with self._lock:  # else each thread asks the container or the instance anew
            keys = self._session.get_credentials()
        if keys is None:
            return Unseen(reason="no AWS credentials to sign an IAM token with")
        # What generate_db_auth_token does, without the second that building a client takes.
        # Host and port are the endpoint's own, whatever is dialled.
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

    def _secret(self, name: str, database: Database) -> Observed[Credentials]:
        if _is_master_secret(name, database):
            return Unseen(reason=_MASTER_REFUSED)
        try:
            answer = self._secrets(database.location.region).get_secret_value(SecretId=name)
            # Either may have been given by a part of its name.
            if any(_is_master_secret(answer[key], database) for key in ("Name", "ARN")):
                return Unseen(reason=_MASTER_REFUSED)
            content = json.loads(answer["SecretString"])
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

    def _secrets(self, region: str) -> "SecretsManagerClient":
        # Threads share the client, but must not build it together.
        with self._lock:
            if region not in self._clients:
                self._clients[region] = boto3.session.Session().client(
                    "secretsmanager", region_name=region, config=_QUICK
                )
            return self._clients[region]


def _iam_resource(database: Database, role: str) -> str:
    # For members of a cluster the cluster's id counts (AWS documentation, "Creating and using an
    # IAM policy for IAM database access").
    place, cluster = database.location, database.cluster
    resource_id = (cluster and cluster.resource_id) or database.resource_id
    return (
        f"arn:{place.partition}:rds-db:{place.region}:{place.account}:dbuser:{resource_id}/{role}"
    )


_MASTER_REFUSED = (
    f"the tag {TAG_SECRET} names the master user's secret, which is never used: make a role of "
    "its own"
)


def _is_master_secret(name: str, database: Database) -> bool:
    masters = [database.master_secret, database.cluster and database.cluster.master_secret]
    short = name.rpartition(":secret:")[2]
    return short.startswith(_RDS_MANAGED) or any(
        name == master or short == master.rpartition(":secret:")[2].rpartition("-")[0]
        for master in masters
        if master
    )
