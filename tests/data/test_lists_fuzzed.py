"""Random lists are read or refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from suite.data.lists import read_list
from suite.errors import UserError
from tests.fixtures.fuzzing import fuzz

NAMES = ["a.png", "b c.png", "sub/d.png", "猫.png", "leads_out.png", "sub/out/e.png", "pipe.png", "sub", "none.png"]
GOOD = {"a.png", "b c.png", "sub/d.png", "猫.png"}
PIECES = [*NAMES, "../outside/e.png", "/dev/zero", "/etc/hostname", ".", "..", "//", "\0", "0", "1", "15", "-1", "1e3"]

PIECES += [
    " ",
    "  ",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "\ufeff",
    "\u3000",
    "\u2028",
    "\x85",
    "\x1b[2J",
    "x" * 300,
    "9" * 5000,
    "²",
]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with four images, two ways out, and a pipe that nobody writes to."""
    home = tmp_path_factory.mktemp("lists")
    outside, root = home / "outside", home / "root"
    (root / "sub").mkdir(parents=True)
    outside.mkdir()
    for file in (*(root / name for name in sorted(GOOD)), outside / "e.png"):
        file.touch()
    (root / "leads_out.png").symlink_to(outside / "e.png")
    (root / "sub/out").symlink_to(outside)
    os.mkfifo(root / "pipe.png")
    return root


@fuzz(200)
@given(
    st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=20).map("".join).map(str.encode)
    | st.lists(st.tuples(st.sampled_from(NAMES), st.integers(-2, 3)), max_size=8).map(
        lambda lines: "".join(f"{name} {label}\n" for name, label in lines).encode()
    )
    | st.binary(max_size=60)
)
@example(b"\0//a.png 0")  # a name that even `os.path.realpath` refuses
def test_every_line_of_a_list_is_a_sample_or_a_problem(root: Path, content: bytes) -> None:
    """Catches lines that vanish, paths that escape the folder, and a reader that opens what it was only to look at."""
    file = root / "Any.txt"
    file.write_bytes(content)
    try:
        samples, problems = read_list(file)
    except UserError as error:
        with pytest.raises(UnicodeDecodeError):
            content.decode("utf-8-sig")
        assert error.problems[0].startswith(f"{file}: not UTF-8 text")
        return
    lines = [line for line in file.read_text("utf-8-sig").split("\n") if line.strip()]
    assert len(samples) + len(problems) == len(lines) or (not lines and problems == [f"{file}: the list is empty"])
    assert {(root / sample.path).resolve() for sample in samples} <= {root.resolve() / name for name in GOOD}
    assert all(sample.label >= 0 for sample in samples)
    assert all(problem.startswith(str(file)) for problem in problems)
