"""Read the settings from the environment, and report all problems in one error."""

import re
from collections.abc import Callable, Mapping, Sequence

from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.evidence.redaction import ClientDetail
from rds_tls_audit.fleet.scope import Scope
from rds_tls_audit.settings import Settings


class SettingsError(ValueError):
    """Settings are missing or invalid; the message names all of them."""


_MAX_URL = 400
_URL = re.compile(r"https://[^\s/]+(/\S*)?")

STORES = ("RUN_BUCKET", "STATE_TABLE", "TOPIC_ARN")
"""The variables that a run needs in order to publish."""


def read_settings(environment: Mapping[str, str], *, require: Sequence[str] = ()) -> Settings:
    """Read the settings.

    Args:
        environment: The environment variables.
        require: The variables that must be set.

    Raises:
        SettingsError: Settings are missing or invalid.
    """
    reader = _Reader(environment)
    reader.require(require)
    settings = _read(reader)
    _check_samples_fit(settings, reader.problems)
    if reader.problems:
        raise SettingsError("Invalid settings: " + ". ".join(reader.problems))
    return settings


def _read(reader: "_Reader") -> Settings:
    return Settings(
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
        docs_base_url=reader.url("DOCS_BASE_URL"),
        client_detail=reader.detail("CLIENT_DETAIL"),
        owner_tag=reader.text("OWNER_TAG", "Owner"),
        scope=_read_scope(reader),
        probe_function=reader.text("PROBE_FUNCTION", "") or None,
        run_bucket=reader.text("RUN_BUCKET", ""),
        state_table=reader.text("STATE_TABLE", ""),
        topic_arn=reader.text("TOPIC_ARN", ""),
        chat_topic_arn=reader.text("CHAT_TOPIC_ARN", "") or None,
        state_machine=reader.text("STATE_MACHINE", ""),
    )


def _read_scope(reader: "_Reader") -> Scope:
    return Scope(
        include_names=reader.words("INCLUDE_NAMES"),
        exclude_names=reader.words("EXCLUDE_NAMES"),
        include_tags=reader.words("INCLUDE_TAGS"),
        exclude_tags=reader.words("EXCLUDE_TAGS"),
    )


def _check_samples_fit(settings: Settings, problems: list[str]) -> None:
    sampling_seconds = (settings.samples - 1) * settings.sample_interval_seconds
    if sampling_seconds >= settings.probe_deadline_seconds:
        problems.append(
            "SAMPLES and SAMPLE_INTERVAL_SECONDS must fit into PROBE_DEADLINE_SECONDS "
            f"({settings.probe_deadline_seconds:g} s); got {sampling_seconds:g} s"
        )


class _Reader:
    """Reads one variable at a time, and collects the problems."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.problems: list[str] = []

    def require(self, names: Sequence[str]) -> None:
        missing = [name for name in names if not self._environment.get(name)]
        if missing:
            self.problems.append(f"{', '.join(missing)} must be set")

    def text(self, name: str, default: str) -> str:
        return self._environment.get(name) or default

    def url(self, name: str) -> str | None:
        text = self._environment.get(name)
        if text and not (_URL.fullmatch(text) and len(text) <= _MAX_URL):
            self._reject(name, text, f"an https:// URL of at most {_MAX_URL} characters")
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
            kind = "an integer" if whole else "a number"
            self._reject(name, text, f"{kind} from {least:g} to {most:g}")
            return default
        return value

    def switch(self, name: str, *, default: bool) -> bool:
        text = self._environment.get(name, "").strip().lower()
        if text in {"true", "on", "1"}:
            return True
        if text in {"false", "off", "0"}:
            return False
        if text:
            self._reject(name, text, "true, on, 1, false, off, or 0")
        return default

    def words(self, name: str) -> tuple[str, ...]:
        parts = (part.strip() for part in self._environment.get(name, "").split(","))
        return tuple(part for part in parts if part)

    def checks(self, name: str) -> frozenset[str]:
        text = self._environment.get(name, "")
        ids = frozenset(text.replace(",", " ").split())
        if unknown := sorted(ids - {check.id for check in all_checks()}):
            self.problems.append(f"{name} must list only check ids; got {', '.join(unknown)}")
        return ids

    def detail(self, name: str) -> ClientDetail:
        text = self._environment.get(name) or ClientDetail.ROLES
        if text not in set(ClientDetail):
            self._reject(name, text, f"one of {', '.join(ClientDetail)}")
            return ClientDetail.ROLES
        return ClientDetail(text)

    def _reject(self, name: str, text: str, allowed: str) -> None:
        self.problems.append(f"{name} must be {allowed}; got {text!r}")
