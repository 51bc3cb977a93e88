from collections.abc import Mapping

import pytest

from rds_tls_audit.checks.catalog.minimum_protocol import evaluate
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.evidence.observation import Setting
from rds_tls_audit.evidence.observed import Seen
from rds_tls_audit.fleet.configuration import MIN_PROTOCOL
from tests.support.builders import ABSENT, answer, parameter_group, seen, setting, unseen
from tests.support.empty_evidence import blank_case

ACCEPTS_LEGACY = seen(answer(accepted=True, detail="TLSv1.1 with AES256-SHA"))
REFUSES_LEGACY = seen(answer(accepted=False))
WITHOUT_IT: Seen[Mapping[str, Setting]] = seen({"ssl": setting("on")})
DENIED = unseen("permission denied")


def live(value: str) -> Seen[Mapping[str, Setting]]:
    return seen({"ssl": setting("on"), MIN_PROTOCOL: setting(value)})


@pytest.mark.parametrize(
    ("case", "status"),
    [
        pytest.param(blank_case(), Status.UNKNOWN, id="blank"),
        pytest.param(blank_case(settings=live("TLSv1.2")), Status.PASSED, id="live-equal"),
        pytest.param(blank_case(settings=live("TLSv1.3")), Status.PASSED, id="live-above"),
        pytest.param(blank_case(settings=live("TLSv1.1")), Status.FAILED, id="live-one-less"),
        pytest.param(blank_case(settings=live("TLSv1")), Status.FAILED, id="live-lowest"),
        pytest.param(blank_case(settings=live("")), Status.FAILED, id="live-empty"),
        pytest.param(
            blank_case(
                settings=live("TLSv1.1"), group=seen(parameter_group(min_protocol="TLSv1.2"))
            ),
            Status.FAILED,
            id="live-counts-before-the-group",
        ),
        pytest.param(
            blank_case(
                settings=live("TLSv1.2"), group=seen(parameter_group(min_protocol="TLSv1.2"))
            ),
            Status.PASSED,
            id="live-and-group-agree",
        ),
        pytest.param(
            blank_case(settings=live("TLSv1.2"), group=seen(parameter_group(min_protocol=None))),
            Status.PASSED,
            id="live-and-no-value-in-the-group",
        ),
        pytest.param(
            # Not PASSED: without the live setting it would be FAILED.
            blank_case(settings=live("TLSv1.2"), group=seen(parameter_group(min_protocol="TLSv1"))),
            Status.WARNING,
            id="live-but-lower-in-the-group",
        ),
        pytest.param(
            blank_case(settings=DENIED, group=seen(parameter_group(min_protocol="TLSv1.1"))),
            Status.FAILED,
            id="denied-and-lower-in-the-group",
        ),
        pytest.param(
            blank_case(settings=WITHOUT_IT, group=seen(parameter_group(min_protocol="TLSv1"))),
            Status.FAILED,
            id="hidden-and-lower-in-the-group",
        ),
        pytest.param(
            blank_case(settings=DENIED, group=seen(parameter_group(min_protocol="TLSv1.2"))),
            Status.UNKNOWN,
            id="denied-and-configured-so",
        ),
        pytest.param(
            blank_case(settings=seen({}), group=seen(parameter_group(min_protocol="TLSv1.3"))),
            Status.UNKNOWN,
            id="no-settings-and-configured-so",
        ),
        pytest.param(
            blank_case(group=seen(parameter_group(min_protocol=None))),
            Status.UNKNOWN,
            id="no-value",
        ),
        pytest.param(
            blank_case(group=seen(parameter_group(min_protocol=ABSENT))),
            Status.UNKNOWN,
            id="absent",
        ),
        pytest.param(blank_case(settings=WITHOUT_IT), Status.UNKNOWN, id="hidden-and-no-group"),
        pytest.param(
            blank_case(legacy_tls=ACCEPTS_LEGACY), Status.UNKNOWN, id="the-wire-is-another-check's"
        ),
        pytest.param(
            blank_case(settings=live("TLSv1.2"), legacy_tls=ACCEPTS_LEGACY),
            Status.PASSED,
            id="configured-away-whatever-the-wire-says",
        ),
        *(
            pytest.param(
                blank_case(major_version=version, legacy_tls=ACCEPTS_LEGACY),
                Status.FAILED,
                id=f"version-{version}-accepts-legacy",
            )
            for version in (9, 10, 11)
        ),
        *(
            pytest.param(
                blank_case(major_version=version, legacy_tls=REFUSES_LEGACY),
                Status.UNKNOWN,
                id=f"version-{version}-refuses-legacy",
            )
            for version in (10, 11)
        ),
        pytest.param(blank_case(major_version=10), Status.UNKNOWN, id="version-10-blank"),
        pytest.param(
            blank_case(major_version=11, group=seen(parameter_group(min_protocol="TLSv1"))),
            Status.UNKNOWN,
            id="version-11-has-no-such-parameter",
        ),
        pytest.param(
            blank_case(major_version=12, legacy_tls=ACCEPTS_LEGACY),
            Status.UNKNOWN,
            id="version-12-has-the-setting",
        ),
        pytest.param(
            blank_case(major_version=12, settings=live("TLSv1.2")),
            Status.PASSED,
            id="version-12-live",
        ),
        pytest.param(
            blank_case(settings=live("TLSv1.2"), group=seen(parameter_group(min_protocol=""))),
            Status.WARNING,
            id="live-but-empty-in-the-group",
        ),
        pytest.param(
            blank_case(major_version=0, settings=live("TLSv1.2")),
            Status.PASSED,
            id="unreadable-version-but-live",
        ),
        pytest.param(
            blank_case(major_version=0, legacy_tls=ACCEPTS_LEGACY),
            Status.UNKNOWN,
            id="unreadable-version",
        ),
    ],
)
def test_the_live_setting_decides_and_the_group_alone_can_only_fail(
    case: DatabaseEvidence, status: Status
) -> None:
    assert evaluate(case).status is status


@pytest.mark.parametrize(
    ("case", "parts"),
    [
        pytest.param(
            blank_case(settings=live("TLSv1.1")),
            ("ssl_min_protocol_version is TLSv1.1 on the server",),
            id="lower",
        ),
        pytest.param(
            blank_case(settings=live("")),
            ("ssl_min_protocol_version is empty on the server",),
            id="empty",
        ),
        pytest.param(
            blank_case(settings=DENIED, group=seen(parameter_group(min_protocol="TLSv1"))),
            ("ssl_min_protocol_version is TLSv1 in the parameter group",),
            id="lower-in-the-group",
        ),
        pytest.param(
            blank_case(settings=live("TLSv1.2"), group=seen(parameter_group(min_protocol="TLSv1"))),
            ("TLSv1.2 on the server", "TLSv1 in the parameter group"),
            id="they-disagree",
        ),
        pytest.param(
            blank_case(settings=DENIED, group=seen(parameter_group(min_protocol="TLSv1.2"))),
            ("configured so, not confirmed", "TLSv1.2", "permission denied"),
            id="not-confirmed",
        ),
        pytest.param(blank_case(settings=WITHOUT_IT), ("pg_monitor",), id="hidden"),
        pytest.param(
            blank_case(major_version=11),
            ("not settable in this version", "PostgreSQL 11"),
            id="not-settable",
        ),
        pytest.param(
            blank_case(major_version=10, legacy_tls=ACCEPTS_LEGACY),
            ("PostgreSQL 10", "accepts TLS below 1.2"),
            id="not-settable-and-accepted",
        ),
    ],
)
def test_the_verdict_says_where_the_value_stands(
    case: DatabaseEvidence, parts: tuple[str, ...]
) -> None:
    because = evaluate(case).because

    assert [part for part in parts if part not in because] == []


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(blank_case(settings=live("TLSv1.4")), id="live"),
        pytest.param(
            blank_case(settings=DENIED, group=seen(parameter_group(min_protocol="TLSv1.4"))),
            id="parameter",
        ),
    ],
)
def test_a_value_that_is_not_known_is_not_called_lower(case: DatabaseEvidence) -> None:
    assert evaluate(case).status is Status.UNKNOWN


def test_an_empty_parameter_is_judged_like_an_empty_setting() -> None:
    case = blank_case(settings=DENIED, group=seen(parameter_group(min_protocol="")))

    assert evaluate(case).status is Status.FAILED
