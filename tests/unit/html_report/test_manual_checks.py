"""The commands for manual checks: safe to paste, and complete for every check of the server."""

import shlex

import pytest

from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.html_report.manual_checks import COMMANDS, shell_variables
from tests.unit.html_report.posture_examples import HOSTILE, row


def test_every_check_of_the_server_has_a_command() -> None:
    repeated = {check for command in COMMANDS for check in command.checks}

    # The value in the parameter group can't be read from the server.
    assert {check.id for check in all_checks()} - repeated == {"force-ssl"}


def test_the_plaintext_attempt_sends_no_password() -> None:
    line = next(command.line for command in COMMANDS if "plaintext-refused" in command.checks)

    assert "sslmode=disable" in line
    assert "-u PGPASSWORD" in line
    assert "passfile=none" in line
    assert " -w " in line


def test_a_shell_parses_each_line_as_one_command() -> None:
    for command in COMMANDS:
        assert shlex.split(command.line)


def test_a_row_sets_the_variables_of_the_commands() -> None:
    assert shell_variables(row("orders", endpoint="orders.example:5433", role="auditor")) == (
        "HOST=orders.example PORT=5433 ROLE=auditor"
    )


def test_a_row_without_an_endpoint_sets_no_variables() -> None:
    assert shell_variables(row("orders", endpoint=None)) is None


@pytest.mark.parametrize("text", [HOSTILE, "$(reboot)", "a'b", "a\nb", "`id`"])
def test_a_shell_runs_no_part_of_a_name(text: str) -> None:
    line = shell_variables(row("orders", endpoint=f"{text}:5432", role=text))

    assert line is not None
    words = shlex.split(line, posix=True)
    assert [word.partition("=")[0] for word in words] == ["HOST", "PORT", "ROLE"]
    assert "\n" not in line
