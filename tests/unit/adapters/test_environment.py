"""The environment is read once, and one error names everything that is wrong with it."""

import pytest

from rds_tls_audit.adapters.environment import STORES, SettingsError, read_settings
from rds_tls_audit.evidence.redaction import ClientDetail

STORED = {"RUN_BUCKET": "bucket", "STATE_TABLE": "table", "TOPIC_ARN": "arn:aws:sns:::topic"}


def test_an_empty_environment_gives_the_documented_defaults() -> None:
    read = read_settings({})

    assert read.database_user == "rds_tls_audit"
    assert read.ca_bundle is None
    assert read.probe_deadline_seconds == 10
    assert read.probe_concurrency == 32
    assert (read.samples, read.sample_interval_seconds) == (1, 2)
    assert read.session_memory_hours == 168
    assert read.certificate_warning_days == 30
    assert read.wire_probe
    assert not read.wake_paused_databases
    assert read.disabled_checks == frozenset()
    assert not read.defer_to_rds38
    assert not read.publish_passed
    assert read.resolve_on_pass
    assert read.docs_base_url is None
    assert read.chat_topic_arn is None
    assert read.client_detail is ClientDetail.ROLES
    assert read.owner_tag == "Owner"


def test_an_empty_variable_counts_as_missing() -> None:
    names = ["DATABASE_USER", "SAMPLES", "WIRE_PROBE", "DISABLED_CHECKS", "CLIENT_DETAIL"]
    names += ["RESOLVE_ON_PASS", "DOCS_BASE_URL", "CHAT_TOPIC_ARN"]

    assert read_settings(dict.fromkeys(names, "")) == read_settings({})


def test_what_is_set_is_read() -> None:
    read = read_settings(
        STORED
        | {
            "DATABASE_USER": "auditor",
            "RDS_CA_BUNDLE": "/opt/ca.pem",
            "DISABLED_CHECKS": "force-ssl, plaintext-refused",
            "CLIENT_DETAIL": "full",
            "OWNER_TAG": "Team",
            "PROBE_FUNCTION": "probe-a",
            "STATE_MACHINE": "machine-a",
        },
        require=STORES,
    )

    assert (read.database_user, read.ca_bundle) == ("auditor", "/opt/ca.pem")
    assert read.disabled_checks == {"force-ssl", "plaintext-refused"}
    assert read.client_detail is ClientDetail.FULL
    assert (read.owner_tag, read.probe_function) == ("Team", "probe-a")
    assert read.state_machine == "machine-a"
    assert (read.run_bucket, read.state_table, read.topic_arn) == tuple(STORED.values())


@pytest.mark.parametrize(
    "separated",
    [
        "force-ssl,plaintext-refused",
        "force-ssl plaintext-refused",
        " force-ssl ,, plaintext-refused,",
    ],
)
def test_disabled_checks_are_separated_by_commas_or_spaces(separated: str) -> None:
    read = read_settings({"DISABLED_CHECKS": separated})

    assert read.disabled_checks == {"force-ssl", "plaintext-refused"}


@pytest.mark.parametrize(
    "name", ["WIRE_PROBE", "PUBLISH_PASSED", "DEFER_TO_RDS38", "RESOLVE_ON_PASS"]
)
@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((text, True) for text in ("true", "True", "on", "ON", "1", " true ")),
        *((text, False) for text in ("false", "FALSE", "off", "Off", "0")),
    ],
)
def test_a_switch_is_true_or_false_in_a_few_spellings(
    name: str,
    text: str,
    value: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    assert getattr(read_settings({name: text}), name.lower()) is value


def test_the_chat_topic_is_a_second_topic() -> None:
    read = read_settings(STORED | {"CHAT_TOPIC_ARN": "arn:aws:sns:::chat"}, require=STORES)

    assert (read.topic_arn, read.chat_topic_arn) == (STORED["TOPIC_ARN"], "arn:aws:sns:::chat")


LONGEST = f"https://{'a' * 392}"


@pytest.mark.parametrize("address", ["https://wiki.example.com/tls/", LONGEST])
def test_a_documentation_address_is_accepted(address: str) -> None:
    assert read_settings({"DOCS_BASE_URL": address}).docs_base_url == address


@pytest.mark.parametrize(
    "address",
    [
        "http://wiki.example.com",
        "wiki.example.com",
        "javascript:alert(1)",
        LONGEST + "a",
        pytest.param("https://"),
        pytest.param("https://wiki.example.com/a b"),
    ],
)
def test_an_invalid_documentation_address_is_refused(address: str) -> None:
    with pytest.raises(SettingsError, match="DOCS_BASE_URL"):
        read_settings({"DOCS_BASE_URL": address})


LIMITS = [
    ("PROBE_DEADLINE_SECONDS", "0.1", "600"),
    ("PROBE_CONCURRENCY", "1", "256"),
    ("SAMPLES", "1", None),
    ("SAMPLE_INTERVAL_SECONDS", "0", "600"),
    ("SAMPLE_MINUTES", "0", "360"),
    ("SESSION_MEMORY_HOURS", "0", "9600"),
    ("CERTIFICATE_WARNING_DAYS", "0", "3650"),
]


@pytest.mark.parametrize(
    ("minutes", "planned"), [("0", 0), ("1", 1440), ("7", 205), ("15", 96), ("359", 4), ("360", 4)]
)
def test_a_day_has_as_many_planned_samples_as_intervals(minutes: str, planned: int) -> None:
    assert read_settings({"SAMPLE_MINUTES": minutes}).samples_per_day == planned


@pytest.mark.parametrize(
    ("name", "text"),
    [(name, limit) for name, *limits in LIMITS for limit in limits if limit is not None],
)
def test_a_number_at_its_limit_is_accepted(name: str, text: str) -> None:
    assert getattr(read_settings({name: text}), name.lower()) == float(text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PROBE_DEADLINE_SECONDS", "0.099"),
        ("PROBE_DEADLINE_SECONDS", "600.5"),
        ("PROBE_DEADLINE_SECONDS", "nan"),
        ("PROBE_DEADLINE_SECONDS", "inf"),
        ("PROBE_DEADLINE_SECONDS", "ten"),
        ("PROBE_CONCURRENCY", "0"),
        ("PROBE_CONCURRENCY", "257"),
        ("PROBE_CONCURRENCY", "8.0"),
        ("SAMPLES", "0"),
        ("SAMPLES", "101"),
        ("SAMPLES", " "),
        ("SAMPLE_INTERVAL_SECONDS", "-1"),
        ("SAMPLE_MINUTES", "361"),
        ("SAMPLE_MINUTES", "-1"),
        ("SAMPLE_MINUTES", "7.5"),
        ("SESSION_MEMORY_HOURS", "9601"),
        ("SESSION_MEMORY_HOURS", "-0.1"),
        ("CERTIFICATE_WARNING_DAYS", "3651"),
        ("CERTIFICATE_WARNING_DAYS", "30 days"),
        ("WIRE_PROBE", "yes"),
        ("PUBLISH_PASSED", "2"),
        ("CLIENT_DETAIL", "all"),
        ("CLIENT_DETAIL", "Roles"),
    ],
)
def test_a_malformed_setting_is_named_with_its_value(name: str, text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({name: text})

    assert f"{name} must be" in str(caught.value)
    assert f"got {text!r}" in str(caught.value)


def test_a_check_that_does_not_exist_cannot_be_disabled() -> None:
    with pytest.raises(SettingsError, match="DISABLED_CHECKS must list only check ids; got a, tls"):
        read_settings({"DISABLED_CHECKS": "tls,force-ssl,a"})


@pytest.mark.parametrize(
    ("samples", "interval", "deadline"),
    [("6", "2", "10.5"), ("1", "600", "1"), ("100", "0", "1"), ("2", "9.9", "10")],
)
def test_samples_that_fit_the_deadline_are_accepted(
    samples: str, interval: str, deadline: str
) -> None:
    environment = {
        "SAMPLES": samples,
        "SAMPLE_INTERVAL_SECONDS": interval,
        "PROBE_DEADLINE_SECONDS": deadline,
    }

    assert read_settings(environment).samples == int(samples)


@pytest.mark.parametrize(
    ("samples", "interval", "deadline"), [("6", "2", "10"), ("2", "10", "10"), ("100", "2", "60")]
)
def test_samples_that_do_not_fit_the_deadline_are_refused(
    samples: str, interval: str, deadline: str
) -> None:
    environment = {
        "SAMPLES": samples,
        "SAMPLE_INTERVAL_SECONDS": interval,
        "PROBE_DEADLINE_SECONDS": deadline,
    }

    with pytest.raises(SettingsError, match=r"SAMPLES.*must fit into PROBE_DEADLINE_SECONDS"):
        read_settings(environment)


@pytest.mark.parametrize(
    ("environment", "missing"),
    [
        ({}, "RUN_BUCKET, STATE_TABLE, TOPIC_ARN"),
        ({"STATE_TABLE": "table"}, "RUN_BUCKET, TOPIC_ARN"),
        (STORED | {"TOPIC_ARN": ""}, "TOPIC_ARN"),
    ],
    ids=["all", "two", "empty"],
)
def test_the_error_names_all_missing_settings(environment: dict[str, str], missing: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings(environment, require=STORES)

    assert str(caught.value) == f"Invalid settings: {missing} must be set"


def test_no_setting_is_required_if_nothing_is_stored() -> None:
    assert read_settings({}).run_bucket == ""


def test_one_error_names_everything_that_is_wrong_and_nothing_else() -> None:
    environment = {
        "SAMPLES": "many",
        "WIRE_PROBE": "perhaps",
        "CLIENT_DETAIL": "all",
        "DISABLED_CHECKS": "tls",
        "PROBE_CONCURRENCY": "0",
        "OWNER_TAG": "Team",
        "AWS_SECRET_ACCESS_KEY": "hunter2",
        "AWS_SESSION_TOKEN": "hunter2",
    }

    with pytest.raises(SettingsError) as caught:
        read_settings(environment, require=["RUN_BUCKET"])

    text = str(caught.value)
    wrong = ["RUN_BUCKET", "SAMPLES", "WIRE_PROBE", "CLIENT_DETAIL", "DISABLED_CHECKS"]
    assert [name for name in [*wrong, "PROBE_CONCURRENCY"] if name not in text] == []
    assert [word for word in ("OWNER_TAG", "AWS_", "hunter2") if word in text] == []
