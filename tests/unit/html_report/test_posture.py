"""The posture, built from the results of a full run."""

from dataclasses import replace

from markupsafe import escape

from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.html_report.posture import Posture
from rds_tls_audit.html_report.render import render_report
from tests.support.builders import bad, database, database_result, good, run
from tests.unit.html_report.posture_examples import history


def audited() -> Posture:
    results = [
        replace(database_result(bad(database("orders"))), owner="shop", log_connections=True),
        database_result(good(database("ledger"))),
    ]
    posture = Posture.of(run(), database().location, results, role="auditor", complete=True)
    return replace(posture, history=history(0, posture.databases))


def test_every_check_has_a_cell_in_the_order_of_the_checks() -> None:
    for row in audited().databases:
        assert [cell.check for cell in row.verdicts] == [check.id for check in all_checks()]


def test_a_row_describes_its_database() -> None:
    orders, ledger = audited().databases

    assert (orders.id, orders.owner, orders.access.role) == ("orders", "shop", "rds_tls_audit")
    assert orders.endpoint == "orders.c9akciq32rgw.eu-central-1.rds.amazonaws.com:5432"
    assert orders.group == "parameter group pg16"
    assert (orders.access.logged_in, orders.access.log_connections) == (True, True)
    assert ledger.access.log_connections is None


def test_the_report_shows_the_verdicts() -> None:
    posture = audited()

    html = render_report(posture)

    assert "1 of 2 databases fails at least one check." in html
    for cell in (cell for row in posture.databases for cell in row.verdicts):
        assert str(escape(cell.because)) in html


def test_a_verdict_of_a_removed_check_is_omitted() -> None:
    result = database_result(good(database("ledger")))
    removed = replace(result.verdicts[0], check="removed")
    stored = replace(result, verdicts=(removed, *result.verdicts))

    (row,) = Posture.of(
        run(), database().location, [stored], role="auditor", complete=True
    ).databases

    assert "removed" not in {cell.check for cell in row.verdicts}
    assert len(row.verdicts) == len(all_checks())
