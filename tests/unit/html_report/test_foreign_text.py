"""Foreign text is escaped, printable, and harmless wherever the report shows it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.fleet.configuration import GroupKey
from rds_tls_audit.html_report.posture import Posture, RunDetails
from rds_tls_audit.html_report.render import render_report
from rds_tls_audit.results.gaps import Gap
from tests.support.builders import NOW
from tests.unit.html_report.posture_examples import (
    HOSTILE,
    RIGHT_TO_LEFT,
    cell,
    cells,
    posture,
    row,
)
from tests.unit.html_report.readiness_examples import assessment_saying
from tests.unit.html_report.report_reader import Reader


def everywhere(text: str) -> Posture:
    """Build a posture that contains the same text wherever it can contain foreign text."""
    verdict = cell("force-ssl", Status.UNKNOWN, text, missing=text, remedy=text, advice=text)
    accepted = cell("plaintext-refused", Status.FAILED, text, accepted=True)
    database = row(
        text,
        *cells(verdict, accepted),
        arn=text,
        resource_id=text,
        group=str(GroupKey(name=text, of_cluster=True)),
        engine=text,
        engine_version=text,
        cluster=text,
        owner=text,
        endpoint=f"{text}:5432",
        role=text,
    )
    gap = Gap(reason=text, databases=(text,), more=1, checks=1)
    run = RunDetails(run_id=text, observed_at=NOW, account=text, region=text, version=text)
    found = posture(
        databases=(database,),
        assessments=(assessment_saying(text),),
        gaps=(gap,),
        without_result=(text,),
        tag_problems=(text,),
    )
    return replace(found, run=run)


def test_foreign_markup_stays_text() -> None:
    reader = Reader(render_report(everywhere(HOSTILE)))

    assert reader.tags.count("script") == 1
    assert reader.text.count(HOSTILE) > 20


@pytest.mark.thorough
@given(st.text(max_size=40).map(lambda text: f"x{text}"))
def test_foreign_text_adds_no_tag_and_no_attribute(text: str) -> None:
    plain, hostile = Reader(render_report(everywhere("x"))), Reader(render_report(everywhere(text)))

    assert hostile.tags == plain.tags
    assert hostile.attributes == plain.attributes


@pytest.mark.thorough
@given(st.text(st.characters(codec=None), max_size=40))
def test_any_text_can_be_encoded(text: str) -> None:
    assert render_report(everywhere(text)).encode()


def test_characters_that_change_the_text_direction_are_shown_escaped() -> None:
    html = render_report(everywhere(RIGHT_TO_LEFT))

    assert "\u202e" not in html
    assert "\\u202egnp.exe" in html
