"""The settings of a deployment; `adapters.environment` reads them from the environment."""

from dataclasses import dataclass

from rds_tls_audit.evidence.redaction import ClientDetail
from rds_tls_audit.fleet.scope import Scope

MINUTES_A_DAY = 1_440


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings that the README describes, as one value."""

    database_user: str
    ca_bundle: str | None
    probe_deadline_seconds: float
    probe_concurrency: int
    samples: int
    sample_interval_seconds: float
    sample_minutes: int
    """The minutes between two sample runs; 0 if there are no sample runs."""
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
    """The ARN of the state machine that `recheck` starts; empty in the other functions."""

    @property
    def samples_per_day(self) -> int:
        """The number of sample runs that are planned for a day."""
        return MINUTES_A_DAY // self.sample_minutes if self.sample_minutes else 0
