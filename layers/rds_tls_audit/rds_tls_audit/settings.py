"""The settings of a deployment as one frozen value; `adapters.environment` reads them."""

from dataclasses import dataclass

from rds_tls_audit.evidence.redaction import ClientDetail
from rds_tls_audit.fleet.scope import Scope

MINUTES_A_DAY = 1_440


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a deployer can set; see the README's table."""

    database_user: str
    ca_bundle: str | None
    probe_deadline_seconds: float
    probe_concurrency: int
    samples: int
    sample_interval_seconds: float
    sample_minutes: int
    """Between sample runs; 0 where there are none."""
    session_memory_hours: float
    certificate_warning_days: int
    wire_probe: bool
    wake_paused_databases: bool
    disabled_checks: frozenset[str]
    defer_to_rds38: bool
    publish_passed: bool
    resolve_on_pass: bool
    docs_base_url: str | None
    client_detail: ClientDetail
    owner_tag: str
    scope: Scope
    probe_function: str | None
    run_bucket: str
    state_table: str
    topic_arn: str
    chat_topic_arn: str | None
    state_machine: str
    """What `recheck` starts runs of; nothing else needs it."""

    @property
    def samples_per_day(self) -> int:
        """How many sample runs are planned for a day."""
        return MINUTES_A_DAY // self.sample_minutes if self.sample_minutes else 0
