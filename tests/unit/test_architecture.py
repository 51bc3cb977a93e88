"""Architecture rules that no linter checks."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import rds_tls_audit
from tests.support.repository import ROOT

PACKAGE = Path(rds_tls_audit.__file__).parent
LAYERS = (ROOT / "layers/rds_tls_audit", ROOT / "layers/rds_ca")
FLOORS = (
    ("text", "codec", "protocol"),
    ("evidence",),
    ("fleet",),
    ("pipeline", "settings"),
    ("checks", "readiness"),
    ("findings",),
    ("results",),
    ("digest", "html_report"),
    ("ports",),
    ("stages", "adapters"),
    ("wiring",),
)
"""The rooms of the package from the lowest floor up; docs/architecture.md describes them."""
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
DOING_IO = ("adapters", "wiring")
IMPURE = frozenset({"boto3", "botocore", "socket", "ssl", "os", "time"})
VAGUE = frozenset({"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"})

MODULES = sorted(PACKAGE.rglob("*.py"))
CORE = [path for path in MODULES if path.relative_to(PACKAGE).parts[0] not in DOING_IO]
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
assert not [found for found in gc.get_objects() if issubclass(type(found), BaseClient)]
"""


def imported(node: ast.AST) -> Iterator[str]:
    """Yield the full names of everything that is imported below this node."""
    for child in ast.walk(node):
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            prefix = "." * child.level + (child.module or "")
            yield from (f"{prefix}.{alias.name}" for alias in child.names)


def name_of(path: Path) -> str:
    """Return the full name of the module or package at this path."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def room_of(name: str) -> str:
    """Return the room of a module, given its full name."""
    return name.split(".")[1]


def modules_imported(path: Path) -> frozenset[str]:
    """Return the modules of the package that a file imports, including under TYPE_CHECKING."""
    names = {name_of(module) for module in MODULES}
    found = set()
    for name in imported(parse(path)):
        parent = name.rpartition(".")[0]
        found |= {name} & names or {parent} & names
    return frozenset(found - {PACKAGE.name})


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


EACH_MODULE = pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=str(path.relative_to(PACKAGE)))
        for path in MODULES
        if path != PACKAGE / "__init__.py"
    ],
)


@EACH_MODULE
def test_every_module_is_in_a_room(path: Path) -> None:
    room = room_of(name_of(path))

    assert room in FLOOR_OF, (
        f"{path.name} is in {room}, which is not a room of FLOORS. Move the module to a room that "
        "docs/architecture.md describes, or add the room there and to FLOORS."
    )


@EACH_MODULE
def test_a_room_imports_only_rooms_below_it(path: Path) -> None:
    room = room_of(name_of(path))
    below = {other for other, floor in FLOOR_OF.items() if floor < FLOOR_OF[room]}
    above = sorted(name for name in modules_imported(path) if room_of(name) not in below | {room})

    assert not above, (
        f"{room} may import only the rooms below it ({', '.join(sorted(below)) or 'none'}), but "
        f"{path.name} imports {', '.join(above)}. Move what both need to a room below, or combine "
        "the two in a room above (see docs/architecture.md)."
    )


def test_no_modules_import_each_other() -> None:
    graph = TopologicalSorter({name_of(path): modules_imported(path) for path in MODULES})

    graph.prepare()  # raises CycleError, which names the circle


def test_only_the_registry_knows_the_catalog_of_checks() -> None:
    engine = [path for path in (PACKAGE / "checks").glob("*.py") if path.stem != "registry"]

    assert [
        path.name for path in engine if any("catalog" in name for name in modules_imported(path))
    ] == []


@EACH_CORE
def test_imports_are_absolute(path: Path) -> None:
    assert [name for name in imported(parse(path)) if name.startswith(".")] == []


@pytest.mark.thorough
@EACH_HANDLER
def test_importing_a_handler_needs_no_environment_and_creates_no_client(path: Path) -> None:
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


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("function", "unneeded"),
    [
        ("discover", {"jinja2", "pg8000", "rds_tls_audit.digest"}),
        ("probe", {"jinja2", "rds_tls_audit.findings.asff"}),
        ("publish", {"jinja2", "pg8000"}),
        ("recheck", {"jinja2", "pg8000"}),
        ("report", {"pg8000"}),
    ],
)
def test_a_handler_does_not_load_what_only_other_functions_need(
    function: str, unneeded: set[str]
) -> None:
    path = ROOT / "functions" / function / "app.py"
    loaded = subprocess.run(
        [sys.executable, "-B", "-c", f"{IMPORT_IT}\nprint(*sys.modules)", str(path)],
        env={"PYTHONPATH": ":".join(str(layer) for layer in LAYERS)},
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
    )

    assert unneeded & {*loaded.stdout.split()} == set()


@EACH_HANDLER
def test_a_handler_is_thin(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 40


ROOMS = sorted(path.parent for path in PACKAGE.rglob("__init__.py"))


@pytest.mark.parametrize(
    "room", [pytest.param(room, id=str(room.relative_to(PACKAGE.parent))) for room in ROOMS]
)
def test_a_room_says_what_it_is_for(room: Path) -> None:
    assert ast.get_docstring(parse(room / "__init__.py"))


def test_every_module_is_imported() -> None:
    # The registry imports every module of the catalog by walking the folder.
    modules = [path for path in MODULES if path.parent.name != "catalog"]
    users = [*MODULES, *HANDLERS]

    imports = frozenset[str]().union(*(modules_imported(path) for path in users))

    unused = [path for path in modules if path.stem != "__init__" and name_of(path) not in imports]
    assert unused == []


def test_no_module_has_a_vague_name() -> None:
    sources = [*PACKAGE.rglob("*.py"), *(ROOT / "functions").rglob("*.py")]

    assert [path for path in sources if VAGUE & {path.stem, path.parent.name}] == []
