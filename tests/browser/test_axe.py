"""No violation of the rules of axe-core, however the page is looked at."""

from dataclasses import replace
from typing import Any

import pytest

from tests.browser.axe import AxeNotFoundError, source
from tests.browser.conftest import Look, skip_loudly
from tests.unit.html_report.posture_examples import HOSTILE, LONG, failing, row, small
from tests.unit.html_report.readiness_examples import saying

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
    look: Look,
    axe: str,
    options: dict[str, Any],
    opened: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    hostile = row(HOSTILE, *failing("force-ssl"), owner=LONG)
    told = small(hostile)
    page = look(replace(told, assessments=(saying(HOSTILE), *told.assessments)), **options)
    if opened:
        page.evaluate("for (const it of document.querySelectorAll('details')) it.open = true")
    page.evaluate(axe)

    violations = page.evaluate(RUN)["violations"]

    assert [(it["id"], [node["html"] for node in it["nodes"]]) for it in violations] == []
