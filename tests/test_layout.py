"""The house: rooms import one way, few files import Paddle, and no file grows beyond one subject."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from graphlib import TopologicalSorter
from pathlib import Path

from tests.fixtures.commands import ROOT

FLOORS = [
    {"suite"},  # the ground: the files right in it
    {"augment", "models"},
    {"suite/config"},
    {"suite/data", "suite/runs"},
    {"suite/preparation", "suite/training", "suite/evaluation", "suite/preview", "suite/comparison"},
    {"suite/report"},
    {"."},  # the commands
]
"""From below; a room imports from the floors below its own."""

PADDLE = {"suite/backend.py", "suite/training/loop.py"}
"""The files that import Paddle, besides the networks."""

STARTS_WITHOUT_PADDLE = ("augment/", "models/settings.py", "suite/config/", "suite/data/", "suite/preview/")
"""The import of these files brings no Paddle, not even through others."""

FOLDERS = [ROOT.glob("*.py"), *((ROOT / name).rglob("*.py") for name in ("augment", "models", "suite"))]
CODE = sorted(file.relative_to(ROOT) for files in FOLDERS for file in files)
TESTS = sorted(file.relative_to(ROOT) for name in ("benchmarks", "tests") for file in (ROOT / name).rglob("*.py"))
TREES = {file: ast.parse((ROOT / file).read_text(encoding="utf-8")) for file in (*CODE, *TESTS)}
MODULES = {".".join(file.with_suffix("").parts): file for file in CODE}


def imports(statements: Iterable[ast.AST]) -> Iterator[str]:
    """The modules that are imported; for a name from a module that name too, since it may be a module."""
    for node in statements:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own_files(names: Iterable[str]) -> set[Path]:
    """The files of this project that are these modules, or hold these names."""
    return {MODULES[each] for name in names for each in (name, name.rpartition(".")[0]) if each in MODULES}


def is_paddle(name: str) -> bool:
    return name.partition(".")[0] == "paddle"


ANYWHERE = {file: own_files(imports(ast.walk(TREES[file]))) for file in CODE}
AT_IMPORT = {file: own_files(imports(TREES[file].body)) for file in CODE}


def room(file: Path) -> str:
    return "/".join(file.parent.parts[: 2 if file.parts[0] == "suite" else 1]) or "."


def test_rooms_import_downwards() -> None:
    """An arrow upwards makes a circle sooner or later: then nothing can be read, tested or changed alone."""
    floor = {name: number for number, names in enumerate(FLOORS) for name in names}
    assert {room(file) for file in CODE} == set(floor)
    arrows = [(file, other) for file, others in ANYWHERE.items() for other in others if room(file) != room(other)]
    assert [f"{file} -> {other}" for file, other in arrows if floor[room(file)] <= floor[room(other)]] == []
    TopologicalSorter(ANYWHERE).prepare()  # finds a circle within a room too


def test_few_files_import_paddle() -> None:
    """One import more, and a list is read, or an image augmented, only where Paddle is installed and has started."""
    users = {str(file) for file in CODE if any(map(is_paddle, imports(ast.walk(TREES[file]))))}
    assert {file for file in users if not file.startswith("models/")} == PADDLE
    assert "models/settings.py" not in users


def test_looking_at_images_starts_without_paddle() -> None:
    """Paddle takes seconds to import: each `--help` and each mistake of the user would wait for it."""
    users = {file for file in CODE if any(map(is_paddle, imports(TREES[file].body)))}
    for start in (file for file in CODE if str(file).startswith(STARTS_WITHOUT_PADDLE)):
        reached = {start}
        while more := {other for file in reached for other in AT_IMPORT[file]} - reached:
            reached |= more
        assert not reached & users, start


def test_importing_a_room_imports_nothing_else() -> None:
    """Code in an `__init__.py` runs with every import of a single file of the room."""
    folders = {file.parent for file in CODE} - {Path()}
    for tree in (TREES[folder / "__init__.py"] for folder in folders):
        assert len(tree.body) == 1 and ast.get_docstring(tree)


def test_no_test_imports_another() -> None:
    """What several tests need is in tests/fixtures; else a test cannot be moved or deleted."""
    for file in TESTS:
        names = [name for name in imports(ast.walk(TREES[file])) if name.startswith("tests.")]
        parts = {part for name in names for part in name.split(".")}
        assert not [part for part in parts if part == "conftest" or part.startswith("test_")], file


def test_no_file_is_long() -> None:
    """A file above 350 lines has more than one subject, and a command above 160 is more than arguments and story."""
    lines = {file: len((ROOT / file).read_text(encoding="utf-8").splitlines()) for file in TREES}
    assert {str(file): count for file, count in lines.items() if count > (160 if room(file) == "." else 350)} == {}
