"""Reads the settings from the environment; reports every problem in one error."""

import re
from collections.abc import Callable, Mapping, Sequence

from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.evidence.redaction import ClientDetail
from rds_tls_audit.fleet.scope import Scope
from rds_tls_audit.settings import Settings


class SettingsError(ValueError):
    """The environment lacks settings, or holds some that cannot be."""


_MAX_ADDRESS = 400
_ADDRESS = re.compile(r"https://[^\s/]+(/\S*)?")

STORES = ("RUN_BUCKET", "STATE_TABLE", "TOPIC_ARN")
"""What a run that publishes needs."""


def read_settings(environment: Mapping[str, str], *, require: Sequence[str] = ()) -> Settings:
    """Read the environment.

    Raises:
        SettingsError: names every setting that is missing or malformed.
    """
    reader = _Reader(environment)
    reader.require(require)
    settings = Settings(
        database_user=reader.text("DATABASE_USER", "rds_tls_audit"),
        ca_bundle=reader.text("RDS_CA_BUNDLE", "") or None,
        probe_deadline_seconds=reader.number("PROBE_DEADLINE_SECONDS", 10, 0.1, 600),
        probe_concurrency=int(reader.number("PROBE_CONCURRENCY", 32, 1, 256, whole=True)),
        samples=int(reader.number("SAMPLES", 1, 1, 100, whole=True)),
        sample_interval_seconds=reader.number("SAMPLE_INTERVAL_SECONDS", 2, 0, 600),
        sample_minutes=int(reader.number("SAMPLE_MINUTES", 15, 0, 360, whole=True)),
        session_memory_hours=reader.number("SESSION_MEMORY_HOURS", 168, 0, 9_600),
        certificate_warning_days=int(
            reader.number("CERTIFICATE_WARNING_DAYS", 30, 0, 3_650, whole=True)
        ),
        wire_probe=reader.switch("WIRE_PROBE", default=True),
        wake_paused_databases=reader.switch("WAKE_PAUSED_DATABASES", default=False),
        disabled_checks=reader.checks("DISABLED_CHECKS"),
        defer_to_rds38=reader.switch("DEFER_TO_RDS38", default=False),
        publish_passed=reader.switch("PUBLISH_PASSED", default=False),
        resolve_on_pass=reader.switch("RESOLVE_ON_PASS", default=True),
        docs_base_url=reader.address("DOCS_BASE_URL"),
        client_detail=reader.detail("CLIENT_DETAIL"),
        owner_tag=reader.text("OWNER_TAG", "Owner"),
        scope=Scope(
            include_names=reader.words("INCLUDE_NAMES"),
            exclude_names=reader.words("EXCLUDE_NAMES"),
            include_tags=reader.words("INCLUDE_TAGS"),
            exclude_tags=reader.words("EXCLUDE_TAGS"),
        ),
        probe_function=reader.text("PROBE_FUNCTION", "") or None,
        run_bucket=reader.text("RUN_BUCKET", ""),
        state_table=reader.text("STATE_TABLE", ""),
        topic_arn=reader.text("TOPIC_ARN", ""),
        chat_topic_arn=reader.text("CHAT_TOPIC_ARN", "") or None,
        state_machine=reader.text("STATE_MACHINE", ""),
    )
    waiting = (settings.samples - 1) * settings.sample_interval_seconds
    if waiting >= settings.probe_deadline_seconds:
        reader.problems.append(
            f"SAMPLES and SAMPLE_INTERVAL_SECONDS take {waiting:g} s, which does not fit "
            f"PROBE_DEADLINE_SECONDS {settings.probe_deadline_seconds:g}"
        )
    if reader.problems:
        raise SettingsError("settings: " + "; ".join(reader.problems))
    return settings


class _Reader:
    """Reads one variable at a time and keeps what is wrong."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.problems: list[str] = []

    def require(self, names: Sequence[str]) -> None:
        missing = [name for name in names if not self._environment.get(name)]
        if missing:
            self.problems.append("missing: " + ", ".join(missing))

    def text(self, name: str, default: str) -> str:
        return self._environment.get(name) or default

    def address(self, name: str) -> str | None:
        text = self._environment.get(name)
        if text and not (_ADDRESS.fullmatch(text) and len(text) <= _MAX_ADDRESS):
            self.problems.append(f"{name} is {text!r}: an address with https:// is needed")
            return None
        return text or None

    def number(
        self, name: str, default: float, least: float, most: float, *, whole: bool = False
    ) -> float:
        text = self._environment.get(name)
        if not text:
            return default
        convert: Callable[[str], float] = int if whole else float
        try:
            value = convert(text)
        except ValueError:
            value = least - 1
        if not least <= value <= most:
            kind = "a whole number" if whole else "a number"
            self.problems.append(f"{name} is {text!r}: {kind} from {least:g} to {most:g} is needed")
            return default
        return value

    def switch(self, name: str, *, default: bool) -> bool:
        text = self._environment.get(name, "").strip().lower()
        if text in {"true", "on", "1"}:
            return True
        if text in {"false", "off", "0"}:
            return False
        if text:
            self.problems.append(f"{name} is {text!r}: true (on) or false (off) is needed")
        return default

    def words(self, name: str) -> tuple[str, ...]:
        parts = (part.strip() for part in self._environment.get(name, "").split(","))
        return tuple(part for part in parts if part)

    def checks(self, name: str) -> frozenset[str]:
        text = self._environment.get(name, "")
        ids = frozenset(text.replace(",", " ").split())
        if unknown := sorted(ids - {check.id for check in all_checks()}):
            self.problems.append(f"{name} has no such check: {', '.join(unknown)}")
        return ids

    def detail(self, name: str) -> ClientDetail:
        text = self._environment.get(name) or ClientDetail.ROLES
        if text not in set(ClientDetail):
            self.problems.append(f"{name} is {text!r}: one of none, roles, full is needed")
            return ClientDetail.ROLES
        return ClientDetail(text)
