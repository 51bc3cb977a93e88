"""Text from outside: escaped, printable, and harmless wherever the page tells it."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.fleet.configuration import GroupKey
from rds_tls_audit.html_report.posture import Posture
from rds_tls_audit.html_report.render import render_report
from rds_tls_audit.results.gaps import Gap
from tests.unit.html_report.posture_examples import (
    HOSTILE,
    RIGHT_TO_LEFT,
    cell,
    cells,
    posture,
    row,
)
from tests.unit.html_report.readiness_examples import saying
from tests.unit.html_report.report_reader import Reader


def everywhere(text: str) -> Posture:
    """Say the same wherever the world has a say."""
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
    told = posture(databases=(database,), assessments=(saying(text),), gaps=(gap,), lost=(text,))
    return replace(told, problems=(text,), run_id=text, account=text, region=text, version=text)


def test_markup_from_outside_stays_text() -> None:
    reader = Reader(render_report(everywhere(HOSTILE)))

    assert reader.tags.count("script") == 1
    assert reader.text.count(HOSTILE) > 20


@given(st.text(max_size=40).map(lambda text: f"x{text}"))
def test_no_text_from_outside_adds_a_tag_or_an_attribute(text: str) -> None:
    plain, hostile = Reader(render_report(everywhere("x"))), Reader(render_report(everywhere(text)))

    assert hostile.tags == plain.tags
    assert hostile.attributes == plain.attributes


@given(st.text(st.characters(codec=None), max_size=40))
def test_any_text_can_be_written_down(text: str) -> None:
    assert render_report(everywhere(text)).encode()


def test_what_turns_the_reading_direction_is_shown_and_not_obeyed() -> None:
    html = render_report(everywhere(RIGHT_TO_LEFT))

    assert "\u202e" not in html
    assert "\\u202egnp.exe" in html
