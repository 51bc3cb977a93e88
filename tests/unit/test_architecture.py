"""The rules of the house that no linter knows."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import rds_tls_audit

PACKAGE = Path(rds_tls_audit.__file__).parent
ROOT = Path(__file__).parents[2]
LAYERS = (ROOT / "layers/rds_tls_audit", ROOT / "layers/rds_ca")
PORTS = "rds_tls_audit.ports"
IMPURE = frozenset({"boto3", "botocore", "socket", "ssl", "os", "time"})
VAGUE = frozenset({"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"})

CORE = sorted(path for path in PACKAGE.rglob("*.py") if PACKAGE / "ports" not in path.parents)
HANDLERS = sorted((ROOT / "functions").glob("*/app.py"))
EACH_CORE = pytest.mark.parametrize(
    "path", [pytest.param(path, id=str(path.relative_to(PACKAGE))) for path in CORE]
)
EACH_HANDLER = pytest.mark.parametrize(
    "path", [pytest.param(path, id=path.parent.name) for path in HANDLERS]
)

IMPORT_IT = """
import gc, runpy, sys
runpy.run_path(sys.argv[1], run_name="app")
import boto3
from botocore.client import BaseClient
assert boto3.DEFAULT_SESSION is None
assert not [thing for thing in gc.get_objects() if issubclass(type(thing), BaseClient)]
"""


def imported(node: ast.AST) -> Iterator[str]:
    """Yield the full names of all that is imported below this node."""
    for below in ast.walk(node):
        if isinstance(below, ast.Import):
            yield from (alias.name for alias in below.names)
        elif isinstance(below, ast.ImportFrom):
            prefix = "." * below.level + (below.module or "")
            yield from (f"{prefix}.{alias.name}" for alias in below.names)


def at_run_time(tree: ast.Module) -> Iterator[str]:
    """Yield what is imported outside of the module's TYPE_CHECKING blocks."""
    for statement in tree.body:
        if not is_type_checking(statement):
            yield from imported(statement)


def is_type_checking(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.If)
        and isinstance(statement.test, ast.Name)
        and statement.test.id == "TYPE_CHECKING"
        and not statement.orelse
    )


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def test_the_core_and_the_handlers_are_found() -> None:
    assert len(CORE) > 30
    assert {"audit", "discover", "probe", "publish", "recheck", "report"} <= {
        path.parent.name for path in HANDLERS
    }


@EACH_CORE
def test_the_core_does_no_input_or_output(path: Path) -> None:
    roots = {name.split(".")[0] for name in imported(parse(path))}

    assert roots & IMPURE == set()


@EACH_CORE
def test_the_core_knows_ports_by_their_types_alone(path: Path) -> None:
    ports = {name for name in at_run_time(parse(path)) if f"{name}.".startswith(f"{PORTS}.")}

    assert ports == set()


@EACH_CORE
def test_imports_are_absolute_so_that_these_rules_see_them(path: Path) -> None:
    assert [name for name in imported(parse(path)) if name.startswith(".")] == []


@EACH_HANDLER
def test_a_handler_imports_without_an_environment_and_makes_no_client(path: Path) -> None:
    environment = {"PYTHONPATH": ":".join(str(layer) for layer in LAYERS)}

    outcome = subprocess.run(
        [sys.executable, "-W", "error", "-B", "-c", IMPORT_IT, str(path)],
        env=environment,
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )

    assert (outcome.returncode, outcome.stderr) == (0, "")


@pytest.mark.parametrize(
    ("function", "alone"),
    [
        ("discover", {"jinja2", "pg8000"}),
        ("probe", {"jinja2", "rds_tls_audit.findings.asff"}),
        ("publish", {"jinja2", "pg8000"}),
        ("recheck", {"jinja2", "pg8000"}),
        ("report", {"pg8000"}),
    ],
)
def test_a_handler_loads_nothing_that_only_others_need(function: str, alone: set[str]) -> None:
    path = ROOT / "functions" / function / "app.py"
    loaded = subprocess.run(
        [sys.executable, "-B", "-c", f"{IMPORT_IT}\nprint(*sys.modules)", str(path)],
        env={"PYTHONPATH": ":".join(str(layer) for layer in LAYERS)},
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
    )

    assert alone & {*loaded.stdout.split()} == set()


@EACH_HANDLER
def test_a_handler_is_thin(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 40


def test_no_module_has_a_name_that_says_nothing() -> None:
    sources = [*PACKAGE.rglob("*.py"), *(ROOT / "functions").rglob("*.py")]

    assert [path for path in sources if VAGUE & {path.stem, path.parent.name}] == []
