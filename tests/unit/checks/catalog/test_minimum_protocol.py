from collections.abc import Mapping

import pytest

from rds_tls_audit.checks.catalog.minimum_protocol import evaluate
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.evidence.observation import Setting
from rds_tls_audit.evidence.observed import Seen
from rds_tls_audit.fleet.configuration import MIN_PROTOCOL
from tests.support.builders import ABSENT, offer_outcome, parameter_group, seen, setting, unseen
from tests.support.empty_evidence import empty_evidence

ACCEPTS_LEGACY = seen(offer_outcome(accepted=True, detail="TLSv1.1 with AES256-SHA"))
REFUSES_LEGACY = seen(offer_outcome(accepted=False))
WITHOUT_IT: Seen[Mapping[str, Setting]] = seen({"ssl": setting("on")})
DENIED = unseen("permission denied")


def live(value: str) -> Seen[Mapping[str, Setting]]:
    return seen({"ssl": setting("on"), MIN_PROTOCOL: setting(value)})


@pytest.mark.parametrize(
    ("evidence", "status"),
    [
        pytest.param(empty_evidence(), Status.UNKNOWN, id="no-evidence"),
        pytest.param(empty_evidence(settings=live("TLSv1.2")), Status.PASSED, id="live-equal"),
        pytest.param(empty_evidence(settings=live("TLSv1.3")), Status.PASSED, id="live-above"),
        pytest.param(empty_evidence(settings=live("TLSv1.1")), Status.FAILED, id="live-one-less"),
        pytest.param(empty_evidence(settings=live("TLSv1")), Status.FAILED, id="live-lowest"),
        pytest.param(empty_evidence(settings=live("")), Status.FAILED, id="live-empty"),
        pytest.param(
            empty_evidence(
                settings=live("TLSv1.1"), group=seen(parameter_group(min_protocol="TLSv1.2"))
            ),
            Status.FAILED,
            id="live-counts-before-the-group",
        ),
        pytest.param(
            empty_evidence(
                settings=live("TLSv1.2"), group=seen(parameter_group(min_protocol="TLSv1.2"))
            ),
            Status.PASSED,
            id="live-and-group-agree",
        ),
        pytest.param(
            empty_evidence(
                settings=live("TLSv1.2"), group=seen(parameter_group(min_protocol=None))
            ),
            Status.PASSED,
            id="live-and-no-value-in-the-group",
        ),
        pytest.param(
            # This is not PASSED, because it would be FAILED without the live setting.
            empty_evidence(
                settings=live("TLSv1.2"), group=seen(parameter_group(min_protocol="TLSv1"))
            ),
            Status.WARNING,
            id="live-but-lower-in-the-group",
        ),
        pytest.param(
            empty_evidence(settings=DENIED, group=seen(parameter_group(min_protocol="TLSv1.1"))),
            Status.FAILED,
            id="denied-and-lower-in-the-group",
        ),
        pytest.param(
            empty_evidence(settings=WITHOUT_IT, group=seen(parameter_group(min_protocol="TLSv1"))),
            Status.FAILED,
            id="hidden-and-lower-in-the-group",
        ),
        pytest.param(
            empty_evidence(settings=DENIED, group=seen(parameter_group(min_protocol="TLSv1.2"))),
            Status.UNKNOWN,
            id="denied-and-modern-in-the-group",
        ),
        pytest.param(
            empty_evidence(settings=seen({}), group=seen(parameter_group(min_protocol="TLSv1.3"))),
            Status.UNKNOWN,
            id="no-settings-and-modern-in-the-group",
        ),
        pytest.param(
            empty_evidence(group=seen(parameter_group(min_protocol=None))),
            Status.UNKNOWN,
            id="no-value",
        ),
        pytest.param(
            empty_evidence(group=seen(parameter_group(min_protocol=ABSENT))),
            Status.UNKNOWN,
            id="absent",
        ),
        pytest.param(empty_evidence(settings=WITHOUT_IT), Status.UNKNOWN, id="hidden-and-no-group"),
        pytest.param(
            empty_evidence(legacy_tls=ACCEPTS_LEGACY),
            Status.UNKNOWN,
            id="the-reply-to-the-offer-is-for-another-check",
        ),
        pytest.param(
            empty_evidence(settings=live("TLSv1.2"), legacy_tls=ACCEPTS_LEGACY),
            Status.PASSED,
            id="configured-whatever-the-reply-to-the-offer",
        ),
        *(
            pytest.param(
                empty_evidence(major_version=version, legacy_tls=ACCEPTS_LEGACY),
                Status.FAILED,
                id=f"version-{version}-accepts-legacy",
            )
            for version in (9, 10, 11)
        ),
        *(
            pytest.param(
                empty_evidence(major_version=version, legacy_tls=REFUSES_LEGACY),
                Status.UNKNOWN,
                id=f"version-{version}-refuses-legacy",
            )
            for version in (10, 11)
        ),
        pytest.param(empty_evidence(major_version=10), Status.UNKNOWN, id="version-10-no-evidence"),
        pytest.param(
            empty_evidence(major_version=11, group=seen(parameter_group(min_protocol="TLSv1"))),
            Status.UNKNOWN,
            id="version-11-has-no-such-parameter",
        ),
        pytest.param(
            empty_evidence(major_version=12, legacy_tls=ACCEPTS_LEGACY),
            Status.UNKNOWN,
            id="version-12-has-the-setting",
        ),
        pytest.param(
            empty_evidence(major_version=12, settings=live("TLSv1.2")),
            Status.PASSED,
            id="version-12-live",
        ),
        pytest.param(
            empty_evidence(settings=live("TLSv1.2"), group=seen(parameter_group(min_protocol=""))),
            Status.WARNING,
            id="live-but-empty-in-the-group",
        ),
        pytest.param(
            empty_evidence(major_version=0, settings=live("TLSv1.2")),
            Status.PASSED,
            id="unreadable-version-but-live",
        ),
        pytest.param(
            empty_evidence(major_version=0, legacy_tls=ACCEPTS_LEGACY),
            Status.UNKNOWN,
            id="unreadable-version",
        ),
    ],
)
def test_the_live_setting_decides_and_the_group_alone_can_fail_but_not_pass(
    evidence: DatabaseEvidence, status: Status
) -> None:
    assert evaluate(evidence).status is status


@pytest.mark.parametrize(
    ("evidence", "parts"),
    [
        pytest.param(
            empty_evidence(settings=live("TLSv1.1")),
            ("ssl_min_protocol_version is TLSv1.1",),
            id="lower",
        ),
        pytest.param(
            empty_evidence(settings=live("")),
            ("ssl_min_protocol_version is empty",),
            id="empty",
        ),
        pytest.param(
            empty_evidence(settings=DENIED, group=seen(parameter_group(min_protocol="TLSv1"))),
            ("ssl_min_protocol_version is TLSv1", "parameter group"),
            id="lower-in-the-group",
        ),
        pytest.param(
            empty_evidence(
                settings=live("TLSv1.2"), group=seen(parameter_group(min_protocol="TLSv1"))
            ),
            ("TLSv1.2", "TLSv1 in the parameter group"),
            id="they-disagree",
        ),
        pytest.param(
            empty_evidence(settings=DENIED, group=seen(parameter_group(min_protocol="TLSv1.2"))),
            ("ssl_min_protocol_version is TLSv1.2", "parameter group", "permission denied"),
            id="not-confirmed",
        ),
        pytest.param(empty_evidence(settings=WITHOUT_IT), ("pg_monitor",), id="hidden"),
        pytest.param(
            empty_evidence(major_version=11),
            ("PostgreSQL 11", "ssl_min_protocol_version"),
            id="not-supported",
        ),
        pytest.param(
            empty_evidence(major_version=10, legacy_tls=ACCEPTS_LEGACY),
            ("PostgreSQL 10", "ssl_min_protocol_version", "TLS 1.1"),
            id="not-supported-and-accepted",
        ),
    ],
)
def test_the_verdict_contains_the_value_and_where_it_is_set(
    evidence: DatabaseEvidence, parts: tuple[str, ...]
) -> None:
    because = evaluate(evidence).because

    assert [part for part in parts if part not in because] == []


@pytest.mark.parametrize(
    "evidence",
    [
        pytest.param(empty_evidence(settings=live("TLSv1.4")), id="live"),
        pytest.param(
            empty_evidence(settings=DENIED, group=seen(parameter_group(min_protocol="TLSv1.4"))),
            id="parameter",
        ),
    ],
)
def test_an_unknown_value_is_not_taken_for_a_low_one(evidence: DatabaseEvidence) -> None:
    assert evaluate(evidence).status is Status.UNKNOWN


def test_an_empty_parameter_is_evaluated_like_an_empty_setting() -> None:
    evidence = empty_evidence(settings=DENIED, group=seen(parameter_group(min_protocol="")))

    assert evaluate(evidence).status is Status.FAILED
