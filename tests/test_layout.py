"""The house: rooms import one way, few files import Paddle, and nothing grows beyond one subject."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.commands import ROOT

FLOORS = [
    {"suite"},  # the ground: the files right in it
    {"augment", "models"},
    {"suite.config"},
    {"suite.data", "suite.runs"},
    {"suite.preparation", "suite.training", "suite.evaluation", "suite.preview", "suite.comparison"},
    {"suite.report"},
]
"""From below; a room imports from the floors below its own."""

ROOMS = {room for floor in FLOORS for room in floor}
PADDLE = {"suite/backend.py", "suite/training/loop.py"}
"""Besides the networks."""

FILES = sorted(
    file.relative_to(ROOT)
    for folder in ("augment", "benchmarks", "models", "suite", "tests")
    for file in (ROOT / folder).rglob("*.py")
)
CODE = [file for file in FILES if file.parts[0] in ("augment", "models", "suite")]


def imports(file: Path) -> Iterator[str]:
    """Every module that a file imports anywhere, and every name from one, as that may be a module too."""
    for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module is not None
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room_of(module: str) -> str | None:
    """The room a module is in, such as suite.data; None outside of the rooms."""
    first, _, rest = module.partition(".")
    inner = f"{first}.{rest.partition('.')[0]}"
    return inner if inner in ROOMS else first if first in ROOMS else None


def test_every_folder_of_the_code_is_a_room() -> None:
    """A folder that the order does not name would pass for ground."""
    folders = {file.parent for file in CODE}
    assert {".".join(folder.parts[:2]) for folder in folders if folder.parts[0] == "suite"} == {
        room for room in ROOMS if room.startswith("suite")
    }


@pytest.mark.parametrize("file", CODE, ids=str)
def test_rooms_import_downwards(file: Path) -> None:
    """An arrow upwards makes a circle sooner or later: then nothing can be read, tested or changed alone."""
    own = room_of(".".join(file.with_suffix("").parts))
    below = set().union(*FLOORS[: next(height for height, floor in enumerate(FLOORS) if own in floor)])
    assert {room for module in imports(file) if (room := room_of(module))} <= below | {own}


def test_few_files_import_paddle() -> None:
    """One import more, and a list is read, or an image augmented, only where Paddle is installed and has started."""
    users = {str(file) for file in CODE if any(module.partition(".")[0] == "paddle" for module in imports(file))}
    assert {file for file in users if not file.startswith("models/")} == PADDLE
    assert "models/settings.py" not in users


def test_importing_a_room_imports_nothing_else() -> None:
    """Code in an `__init__.py` runs for everybody who imports a single file of the room."""
    rooms = [file for file in CODE if file.name == "__init__.py"]
    assert {file.parent for file in rooms} == {file.parent for file in CODE}
    for file in rooms:
        assert len(ast.parse((ROOT / file).read_text(encoding="utf-8")).body) == 1, file
        assert ast.get_docstring(ast.parse((ROOT / file).read_text(encoding="utf-8"))), file


def test_no_test_imports_another() -> None:
    """What several tests need is in tests/fixtures; else a test cannot be moved or deleted."""
    for file in FILES:
        parts = {part for module in imports(file) if module.startswith("tests.") for part in module.split(".")}
        assert not [part for part in parts if part == "conftest" or part.startswith("test_")], file


def test_no_file_is_long() -> None:
    """A file above 350 lines has more than one subject."""
    long = [file for file in FILES if len((ROOT / file).read_text(encoding="utf-8").splitlines()) > 350]
    assert long == []
