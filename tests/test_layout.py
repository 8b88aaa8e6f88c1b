"""The order of the rooms: an arrow upwards, a circle, or an import of Paddle in the wrong file fails here."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from graphlib import TopologicalSorter
from pathlib import Path

from tests.fixtures.commands import ROOT

FLOORS = (
    {"suite"},
    {"augment", "models"},
    {"suite/config"},
    {"suite/data", "suite/runs"},
    {"suite/weights"},
    {
        *("suite/comparison", "suite/evaluation", "suite/export", "suite/prediction"),
        *("suite/preparation", "suite/preview", "suite/training"),
    },
    {"suite/planning", "suite/report"},
    {"."},
)
"""The rooms, from the ground to the commands. A room imports rooms of lower floors only."""

MAY_IMPORT_PADDLE = (
    "models/",
    "suite/export/example.py",
    "suite/export/graph.py",
    "suite/training/loop.py",
    "suite/training/optimizer.py",
    "suite/weights/fitting.py",
)
WITHOUT_PADDLE = (
    "models/settings.py",
    "augment/",
    "suite/comparison/",
    "suite/config/",
    "suite/data/",
    "suite/preview/",
    "suite/weights/reading.py",
)
"""Their import brings no Paddle, not even through other files."""

PACKAGES = ("augment", "models", "suite")
FOLDERS = [ROOT.glob("*.py"), *((ROOT / name).rglob("*.py") for name in PACKAGES)]
FILES = sorted(file.relative_to(ROOT) for files in FOLDERS for file in files)
MODULES = {".".join(file.with_suffix("").parts): file for file in FILES}
TREES = {file: ast.parse((ROOT / file).read_text()) for file in FILES}


def imported(statements: Iterable[ast.AST]) -> Iterator[str]:
    for node in statements:
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{name.name}" for name in node.names)


def own_files(names: Iterable[str]) -> set[Path]:
    """The files of this project that are these modules, or hold these names."""
    return {MODULES[each] for name in names for each in (name, name.rpartition(".")[0]) if each in MODULES}


ANYWHERE = {file: own_files(imported(ast.walk(tree))) for file, tree in TREES.items()}
AT_IMPORT = {file: own_files(imported(tree.body)) for file, tree in TREES.items()}


def room(file: Path) -> str:
    return "/".join(file.parent.parts[:2] if file.parts[0] == "suite" else file.parent.parts[:1]) or "."


def test_a_room_imports_lower_floors_only() -> None:
    floor = {name: number for number, names in enumerate(FLOORS) for name in names}
    arrows = [(file, other) for file, others in ANYWHERE.items() for other in others if room(file) != room(other)]
    assert [arrow for arrow in arrows if floor[room(arrow[0])] <= floor[room(arrow[1])]] == []
    TopologicalSorter(ANYWHERE).prepare()  # no circle, also within a room


def test_paddle_is_imported_where_it_is_needed() -> None:
    """Seconds for every `--help` and every mistake of the user, and a preview that fails without Paddle."""
    paddle = {file for file, tree in TREES.items() if any(name.startswith("paddle") for name in imported(tree.body))}
    assert [str(file) for file in paddle if not str(file).startswith(MAY_IMPORT_PADDLE)] == []
    for start in (file for file in FILES if str(file).startswith(WITHOUT_PADDLE)):
        reached = {start}
        while more := {other for file in reached for other in AT_IMPORT[file]} - reached:
            reached |= more
        assert not reached & paddle, start


def test_importing_a_room_imports_nothing() -> None:
    rooms = {file: tree for file, tree in TREES.items() if file.name == "__init__.py"}
    assert [str(file) for file, tree in rooms.items() if len(tree.body) != 1 or not ast.get_docstring(tree)] == []


def test_no_test_imports_another() -> None:
    """What several tests need is in tests/fixtures; else a test cannot be moved or deleted."""
    for file in (ROOT / "tests").rglob("*.py"):
        names = {part for name in imported(ast.walk(ast.parse(file.read_text()))) for part in name.split(".")}
        assert not [name for name in names if name == "conftest" or name.startswith("test_")], file


def test_every_file_is_short_enough_for_one_subject() -> None:
    others = [file.relative_to(ROOT) for name in ("benchmarks", "tests") for file in (ROOT / name).rglob("*.py")]
    lines = {file: len((ROOT / file).read_text().splitlines()) for file in [*FILES, *others]}
    assert {str(file): count for file, count in lines.items() if count > (160 if file.parent == Path() else 350)} == {}
