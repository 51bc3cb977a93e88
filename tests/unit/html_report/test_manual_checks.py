"""The lines to try by hand: safe to paste, and for every check of the server."""

import shlex

import pytest

from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.html_report.manual_checks import COMMANDS, shell_variables
from tests.unit.html_report.posture_examples import HOSTILE, row


def test_every_command_is_of_checks_that_there_are() -> None:
    told = {check for command in COMMANDS for check in command.checks}

    # What a parameter group says is not asked of the server.
    assert {check.id for check in all_checks()} - told == {"force-ssl"}


def test_the_plaintext_attempt_takes_no_password_along() -> None:
    line = next(it.line for it in COMMANDS if "plaintext-refused" in it.checks)

    assert "sslmode=disable" in line
    assert "-u PGPASSWORD" in line
    assert "passfile=none" in line
    assert " -w " in line


def test_a_shell_reads_each_line_as_one_command() -> None:
    for command in COMMANDS:
        assert shlex.split(command.line)


def test_a_row_sets_what_the_commands_take() -> None:
    assert shell_variables(row("orders", endpoint="orders.example:5433", role="auditor")) == (
        "HOST=orders.example PORT=5433 ROLE=auditor"
    )


def test_without_an_endpoint_there_is_nothing_to_dial() -> None:
    assert shell_variables(row("orders", endpoint=None)) is None


@pytest.mark.parametrize("text", [HOSTILE, "$(reboot)", "a'b", "a\nb", "`id`"])
def test_a_shell_runs_nothing_of_what_a_name_holds(text: str) -> None:
    line = shell_variables(row("orders", endpoint=f"{text}:5432", role=text))

    assert line is not None
    words = shlex.split(line, posix=True)
    assert [word.partition("=")[0] for word in words] == ["HOST", "PORT", "ROLE"]
    assert "\n" not in line
