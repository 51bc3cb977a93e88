"""The default contents of RDS parameter groups, for the PostgreSQL families."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_FAMILY = re.compile(r"(postgres|aurora-postgresql)(\d+)")
_VERSIONS = range(10, 19)
_DEFAULT_GROUP_PREFIX = "default."


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter of a family; its value is None if RDS leaves it to the engine."""

    name: str
    value: str | None = None
    source: str = "engine-default"
    data_type: str = "integer"
    apply_type: str = "dynamic"
    allowed: str | None = None
    modifiable: bool = True

    def describe(self, user_values: Mapping[str, str]) -> dict[str, object]:
        """Describe the parameter as DescribeDBParameters does, with the user's value if any."""
        value = user_values.get(self.name, self.value)
        # RDS can describe a value that equals its default as its own, even if a user has set it.
        by_user = self.name in user_values and value != self.value
        immediate = by_user and self.apply_type == "dynamic"
        described = {
            "ParameterName": self.name,
            "ParameterValue": value,
            "Description": f"The setting {self.name}.",
            "Source": "user" if by_user else self.source,
            "ApplyType": self.apply_type,
            "DataType": self.data_type,
            "AllowedValues": self.allowed,
            "IsModifiable": self.modifiable,
            "ApplyMethod": "immediate" if immediate else "pending-reboot",
        }
        return {name: content for name, content in described.items() if content is not None}


def parameter_group_family(engine: str, engine_version: str) -> str:
    """Return the parameter group family: `postgres16`, `aurora-postgresql17`, `mysql8.0`."""
    parts = engine_version.split(".")
    return engine + (parts[0] if _FAMILY.match(f"{engine}1") else ".".join(parts[:2]))


def family_of_default_group(group: str) -> str | None:
    """Return the family of a `default.*` group, which always exists; None for other groups."""
    if not group.startswith(_DEFAULT_GROUP_PREFIX):
        return None
    family = group.removeprefix(_DEFAULT_GROUP_PREFIX)
    parsed = _FAMILY.fullmatch(family)
    return family if parsed is None or int(parsed[2]) in _VERSIONS else None


def default_parameters(family: str, *, cluster: bool) -> list[Parameter]:
    """Return the parameters of a family's default group; none for other engines.

    A DB parameter group of Aurora contains no TLS parameters: those of the DB cluster parameter
    group apply.
    """
    parsed = _FAMILY.fullmatch(family)
    if parsed is None:
        return []
    aurora, version = parsed[1] == "aurora-postgresql", int(parsed[2])
    tls = _tls_parameters(aurora=aurora, version=version) if cluster or not aurora else []
    return sorted([*tls, *_OTHER_PARAMETERS], key=lambda parameter: parameter.name)


def _tls_parameters(*, aurora: bool, version: int) -> list[Parameter]:
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html
    forced = version >= (17 if aurora else 15)
    protocols = "TLSv1,TLSv1.1,TLSv1.2,TLSv1.3"
    parameters = [
        Parameter(
            name="rds.force_ssl",
            value="1" if forced else "0",
            source="system",
            data_type="boolean",
            allowed="0,1",
        ),
        Parameter(name="ssl", value="1", source="system", data_type="boolean", modifiable=False),
        Parameter(
            name="ssl_ciphers",
            value=_default_ciphers(version),
            data_type="string",
            modifiable=version >= 16,  # noqa: PLR2004 - modifiable since 16
        ),
    ]
    if version >= 12:  # noqa: PLR2004 - PostgreSQL has both settings since 12
        parameters += [
            Parameter(
                name="ssl_min_protocol_version",
                value="TLSv1.2",
                data_type="string",
                allowed=protocols,
            ),
            Parameter(
                name="ssl_max_protocol_version",
                value="TLSv1.3" if version >= 16 else None,  # noqa: PLR2004 - RDS returns it since 16
                data_type="string",
                allowed=protocols,
            ),
        ]
    return parameters


def _default_ciphers(version: int) -> str:
    if version >= 12:  # noqa: PLR2004 - the version that dropped 3DES
        return "HIGH:!aNULL:!3DES"
    return "HIGH:MEDIUM:+3DES:!aNULL:!RC4"


_OTHER_PARAMETERS = (
    Parameter(name="autovacuum", value="1", source="system", data_type="boolean", allowed="0,1"),
    Parameter(name="autovacuum_naptime", value="15", source="system", allowed="1-2147483"),
    Parameter(name="checkpoint_timeout", allowed="30-3600"),
    Parameter(name="deadlock_timeout", allowed="1-2147483647"),
    Parameter(name="effective_cache_size", value="{DBInstanceClassMemory/16384}", source="system"),
    Parameter(name="idle_in_transaction_session_timeout", value="86400000", source="system"),
    Parameter(name="log_connections", data_type="boolean", allowed="0,1"),
    Parameter(name="log_disconnections", data_type="boolean", allowed="0,1"),
    Parameter(name="log_min_duration_statement", allowed="-1-2147483647"),
    Parameter(name="log_statement", data_type="string", allowed="none,ddl,mod,all"),
    Parameter(name="maintenance_work_mem", source="system", allowed="1024-2147483647"),
    Parameter(
        name="max_connections",
        value="LEAST({DBInstanceClassMemory/9531392},5000)",
        source="system",
        apply_type="static",
        allowed="6-262143",
    ),
    Parameter(name="max_locks_per_transaction", apply_type="static", allowed="10-2147483647"),
    Parameter(
        name="password_encryption", data_type="string", source="system", allowed="md5,scram-sha-256"
    ),
    Parameter(name="random_page_cost", data_type="float"),
    Parameter(name="rds.adaptive_autovacuum", value="1", source="system", data_type="boolean"),
    Parameter(
        name="rds.logical_replication",
        value="0",
        source="system",
        data_type="boolean",
        apply_type="static",
        allowed="0,1",
    ),
    Parameter(name="rds.log_retention_period", value="4320", source="system"),
    Parameter(
        name="rds.restrict_password_commands",
        value="0",
        source="system",
        data_type="boolean",
        apply_type="static",
        allowed="0,1",
    ),
    Parameter(
        name="shared_buffers",
        value="{DBInstanceClassMemory/32768}",
        source="system",
        apply_type="static",
    ),
    Parameter(
        name="shared_preload_libraries",
        value="pg_stat_statements",
        source="system",
        data_type="list",
        apply_type="static",
    ),
    Parameter(name="statement_timeout", allowed="0-2147483647"),
    Parameter(name="tcp_keepalives_idle", value="300", source="system", allowed="0-2147483647"),
    Parameter(name="work_mem", allowed="64-2147483647"),
)
