"""Lists, images and folders that may not be read."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from suite.config.schema import Config
from suite.evaluation import request
from tests.fixtures.bad_input import REPLACE, assert_says, everything, said_by
from tests.fixtures.images import EVAL, TRAIN, image_folder, load


@contextmanager
def closed(path: Path) -> Iterator[None]:
    """Nobody has rights to this path; root, to whom that is nothing, is somebody else meanwhile."""
    was_root = os.geteuid() == 0
    path.chmod(0)
    if was_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if was_root:
            os.seteuid(0)
        path.chmod(0o755)


@pytest.fixture
def open_root() -> Iterator[Path]:
    """The root, in a folder that everybody may enter, unlike pytest's."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield image_folder(Path(name) / "images", TRAIN, EVAL)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("Train.txt", "{root}/Train.txt: cannot be read: Permission denied"),
        ("", "{root}/Train.txt: cannot be read: Permission denied"),
        ("ant/2.png", f"{{root}}/Train.txt:2: ant/2.png: cannot be read: Permission denied\n{REPLACE}"),
        ("classes.txt", "{root}/classes.txt: cannot be read: Permission denied"),
    ],
    ids=["list", "root", "image", "class names"],
)
def test_what_may_not_be_read(open_root: Path, path: str, answer: str) -> None:
    """On shared machines: the data of a colleague. pathlib's `is_file` raises where a folder may not be entered."""
    (open_root / "classes.txt").write_text("ant\nbee\n")
    before = everything(open_root)
    with closed(open_root / path):
        said = said_by(lambda: load(open_root, cache="none"))
    assert everything(open_root) == before
    assert_says(said, answer, open_root)


def test_a_list_where_nobody_may_look(open_root: Path) -> None:
    """For whatever may not be read or written and has no sentence of its own, `run_command` has one."""
    with closed(open_root / "ant"):
        said = said_by(lambda: request.find_list(Config(), str(open_root / "ant/Test.txt")))
    assert_says(said, "{root}/ant/Test.txt: Permission denied; change its rights, or ask its owner", open_root)
