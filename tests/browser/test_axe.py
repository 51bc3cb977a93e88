"""axe-core finds no violation in any display of the report."""

from dataclasses import replace
from typing import Any

import pytest

from tests.browser.axe import AxeNotFoundError, source
from tests.browser.conftest import OpenReport, skip_loudly
from tests.unit.html_report.posture_examples import HOSTILE, LONG, failing, row, small
from tests.unit.html_report.readiness_examples import assessment_saying

RUN = "axe.run({resultTypes: ['violations']})"
WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 375, "height": 800}


@pytest.fixture(scope="session")
def axe() -> str:
    try:
        return source()
    except AxeNotFoundError as error:
        skip_loudly(str(error))
        raise


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"viewport": WIDE, "color_scheme": "light"}, id="light"),
        pytest.param({"viewport": WIDE, "color_scheme": "dark"}, id="dark"),
        pytest.param({"viewport": NARROW, "color_scheme": "light"}, id="narrow"),
        pytest.param({"viewport": NARROW, "color_scheme": "dark"}, id="narrow and dark"),
    ],
)
@pytest.mark.parametrize("opened", [False, True], ids=["closed", "opened"])
def test_axe_finds_no_violation(
    open_report: OpenReport,
    axe: str,
    options: dict[str, Any],
    opened: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    hostile = row(HOSTILE, *failing("force-ssl"), owner=LONG)
    posture = small(hostile)
    assessments = (assessment_saying(HOSTILE), *posture.assessments)
    page = open_report(replace(posture, assessments=assessments), **options)
    if opened:
        page.evaluate("for (const row of document.querySelectorAll('details')) row.open = true")
    page.evaluate(axe)

    violations = page.evaluate(RUN)["violations"]

    assert [
        (violation["id"], [node["html"] for node in violation["nodes"]]) for violation in violations
    ] == []
