"""From what a full run came to, to what the page tells."""

from dataclasses import replace

from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.html_report.posture import Posture
from rds_tls_audit.html_report.render import render_report
from tests.support.builders import bad, database, database_result, good, run
from tests.unit.html_report.posture_examples import history


def judged() -> Posture:
    results = [
        replace(database_result(bad(database("orders"))), owner="shop", log_connections=True),
        database_result(good(database("ledger"))),
    ]
    posture = Posture.of(run(), database().location, results, role="auditor", complete=True)
    return replace(posture, history=history(0, posture.databases))


def test_every_check_has_a_cell_in_the_order_of_the_table() -> None:
    for row in judged().databases:
        assert [cell.check for cell in row.verdicts] == [check.id for check in all_checks()]


def test_a_row_is_of_its_database() -> None:
    orders, ledger = judged().databases

    assert (orders.id, orders.owner, orders.role) == ("orders", "shop", "rds_tls_audit")
    assert orders.endpoint == "orders.c9akciq32rgw.eu-central-1.rds.amazonaws.com:5432"
    assert orders.group == "parameter group pg16"
    assert (orders.logged_in, orders.log_connections, ledger.log_connections) == (True, True, None)


def test_verdicts_that_were_judged_can_be_read() -> None:
    html = render_report(judged())

    assert "1 of 2 databases fails at least one check." in html
    assert "rds.force_ssl is 0 in parameter group pg16" in html
    assert "a connection without TLS is turned away: SQLSTATE 28000 in clear" in html


def test_a_verdict_of_a_check_that_there_is_no_more_is_left_out() -> None:
    result = database_result(good(database("ledger")))
    gone = replace(result.verdicts[0], check="gone")
    kept = replace(result, verdicts=(gone, *result.verdicts))

    (row,) = Posture.of(run(), database().location, [kept], role="auditor", complete=True).databases

    assert "gone" not in {cell.check for cell in row.verdicts}
    assert len(row.verdicts) == len(all_checks())
