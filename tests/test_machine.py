"""What run.json says of the code that computed a run."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from suite.machine import DECIDES_RESULTS, ROOT, code_fingerprint, deciding_files

DECIDE_NOTHING = (
    "suite/config/",  # a run keeps its whole configuration
    "suite/runs/",  # keeps results and puts them back as they were
    "suite/section.py",
    "suite/errors.py",
    "suite/files.py",
    "suite/image_source.py",  # a type
    "suite/machine.py",
    "suite/stopping.py",
    "suite/training/clock.py",
)
"""What the loop imports besides, files and folders of them."""


def imported(file: Path) -> Iterator[Path]:
    """The files of this program that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, (ast.Import, ast.ImportFrom)) else []
        if isinstance(node, ast.ImportFrom):
            names = [str(node.module), *(f"{node.module}.{name}" for name in names)]
        for name in names:
            path = ROOT / Path(*name.split(".")).with_suffix(".py")
            if path.is_file():
                yield path


def test_all_that_the_loop_imports_is_in_the_fingerprint_or_decides_nothing() -> None:
    """A new file that the loop uses, and that is missing there, would let two programs pass for one."""
    reached, left = set(), [ROOT / "suite/training/loop.py"]
    while left:
        file = left.pop()
        if file not in reached:
            reached.add(file)
            left += imported(file)
    counted = set(deciding_files())
    assert len(counted & reached) > 20
    others = {file.relative_to(ROOT).as_posix() for file in reached - counted}
    assert [name for name in others if not name.startswith(DECIDE_NOTHING)] == []


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of what decides results, without git and without documents."""
    for name in DECIDES_RESULTS:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, tmp_path / name)
    return tmp_path


def test_the_fingerprint_is_that_of_the_code(copy: Path) -> None:
    """The same in another folder and without git; documents and bytecode do not count, every deciding file does."""
    assert code_fingerprint(copy) == code_fingerprint()
    (copy / "augment/README.md").write_text("words")
    (copy / "models/__pycache__").mkdir(exist_ok=True)
    (copy / "models/__pycache__/vgg.cpython-311.pyc").write_bytes(b"?")
    assert code_fingerprint(copy) == code_fingerprint()
    for file in deciding_files(copy):
        content = file.read_bytes()
        file.write_bytes(content + b"\n")
        assert code_fingerprint(copy) != code_fingerprint(), file
        file.write_bytes(content)
    (copy / "augment/newer.py").write_text("")
    assert code_fingerprint(copy) != code_fingerprint()
