"""Reads resources and errors from the emulated RDS."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from mypy_boto3_rds import RDSClient


def describe_instance(rds: RDSClient, identifier: str) -> dict[str, Any]:
    return dict(rds.describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"][0])


def describe_parameters(
    rds: RDSClient, group: str, *names: str, cluster: bool = False
) -> dict[str, Any]:
    request: dict[str, Any] = (
        {"Filters": [{"Name": "parameter-name", "Values": list(names)}]} if names else {}
    )
    found = (
        rds.describe_db_cluster_parameters(DBClusterParameterGroupName=group, **request)
        if cluster
        else rds.describe_db_parameters(DBParameterGroupName=group, **request)
    )["Parameters"]
    return {parameter["ParameterName"]: dict(parameter) for parameter in found}


def error_code(call: Callable[..., object], **request: object) -> str:
    with pytest.raises(ClientError) as error:
        call(**request)
    return str(error.value.response["Error"]["Code"])
