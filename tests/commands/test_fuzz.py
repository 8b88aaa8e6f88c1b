"""Random and slightly wrong files: every reader gives what was written, or its own error in one line, and takes no more
memory than the file deserves.

The examples are the same in every run (`derandomize`), so that a failure can be repeated and a pass means something.
"""

from __future__ import annotations

import io
import os
import tracemalloc
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from suite import files
from suite.config.reading import load_config
from suite.config.schema import dump_config
from suite.data.lists import read_list
from suite.errors import UserError
from suite.runs import arrays, checkpoints
from tests.fixtures.commands import ROOT


def fuzz(examples: int) -> settings:
    return settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,  # other work on the machine must not fail a test
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


def patched(whole: bytes, patches: Sequence[tuple[int, bytes]]) -> bytes:
    """Each patch replaces bytes at a position, given modulo the length, by others."""
    content = bytearray(whole)
    for position, new in patches:
        start = position % max(1, len(content))
        content[start : start + len(new)] = new
    return bytes(content)


# --- lists ----------------------------------------------------------------------------------------------------------

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


# --- configurations -------------------------------------------------------------------------------------------------

SNIPPETS = [
    "train:",
    "  epochs: 3",
    "augment: {mode: ",
    "mixup",
    "model.name",
    "a: ",
    "- ",
    "? ",
    ": ",
    "| ",
    ">-",
    "# ",
]
SNIPPETS += ["[", "]", "{", "}", ",", '"', "'", "\n", "\n  ", "\t", "---\n", "...", "%YAML 1.1\n", "&a ", "*a", "<<: "]
SNIPPETS += ["!", "!!int x", "!!float x", "!!bool x", "!!null x", "!!timestamp x", "!!binary x", "!!set {a}", "!!map x"]
SNIPPETS += [
    "!!python/name:os.system ",
    "!!python/object/apply:os.abort []",
    "2001-01-01",
    "0x1F",
    "1_000",
    "010",
    "1e-4",
]
SNIPPETS += [
    "9" * 5000,
    "-" + "9" * 5000,
    "1e99999",
    ".nan",
    "~",
    "on",
    "true",
    "\0",
    "\x1b",
    "\ufeff",
    "猫",
    "[" * 3000,
]
SNIPPETS += ["{a: " * 500, "1: ", "null: ", "[a]: 1", "{b: c}: 1", "model: []", "data:\n  root: ''\n", "train: {seed: "]
SHIPPED = [file.read_text() for file in sorted((ROOT / "configs").glob("*.yaml"))]

Edit = tuple[int, int, str]


def edited(text: str, edits: Sequence[Edit]) -> str:
    """Each edit replaces some characters at a position, given modulo the length, by others."""
    for position, length, new in edits:
        start = position % (len(text) + 1)
        text = text[:start] + new + text[start + length :]
    return text


def config_or_user_error(file: Path, *overrides: str) -> None:
    """What is read can be written and read again; what is not is told by file or override."""
    try:
        config = load_config(file, overrides)
    except UserError as error:
        assert error.problems
        assert all(problem.startswith((str(file), "--set ")) for problem in error.problems)
        return
    again = file.with_name("again.yaml")
    again.write_text(dump_config(config))
    assert load_config(again) == config


@fuzz(150)
@given(st.lists(st.sampled_from(SNIPPETS) | st.text(max_size=4), max_size=12).map("".join))
@example(f"train: {{seed: {'9' * 5000}}}")
@example("train: {seed: !!int x}")
@example("data: {root: !!timestamp x}")
def test_any_text_is_a_configuration_or_a_user_error(tmp_path: Path, text: str) -> None:
    """Catches what PyYAML's constructors raise besides YAMLError, deep nesting, and numbers that int() refuses."""
    (tmp_path / "any.yaml").write_bytes(text.encode())
    config_or_user_error(tmp_path / "any.yaml")


@fuzz(100)
@given(st.binary(max_size=40))
def test_any_bytes_are_a_configuration_or_a_user_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "any.yaml").write_bytes(content)
    config_or_user_error(tmp_path / "any.yaml")


@fuzz(200)
@given(
    st.sampled_from(SHIPPED),
    st.lists(
        st.tuples(st.integers(0, 2000), st.integers(0, 12), st.sampled_from(SNIPPETS) | st.text(max_size=3)),
        min_size=1,
        max_size=4,
    ),
)
def test_a_shipped_configuration_with_slips_of_the_pen(tmp_path: Path, text: str, edits: list[Edit]) -> None:
    """Comes closer to what users write than random text: most of it is valid, one place is not."""
    (tmp_path / "mine.yaml").write_bytes(edited(text, edits).encode())
    config_or_user_error(tmp_path / "mine.yaml")


@fuzz(150)
@given(
    st.sampled_from(["train.lr", "train", "train.epochs.x", "", ".", "augment.ops.crop", "model.fc", "nothing.at.all"]),
    st.lists(st.sampled_from(SNIPPETS) | st.text(max_size=4), max_size=6).map("".join),
    st.booleans(),
)
@example("train.seed", "9" * 5000, True)
@example("model.fc", "[" * 3000, True)
def test_any_override_is_taken_or_a_user_error(tmp_path: Path, key: str, value: str, with_equals: bool) -> None:
    (tmp_path / "mine.yaml").write_text("train: {epochs: 2}\n")
    config_or_user_error(tmp_path / "mine.yaml", f"{key}{'=' * with_equals}{value}")


@fuzz(150)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["model", "augment", "train", "name", "ops", "mode", "mixer", "schedule", "x"])
                | st.text(max_size=5),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_any_tree_is_a_configuration_or_a_user_error(tmp_path: Path, tree: Any) -> None:
    """Valid YAML with values of every type in every place, past the parser and into the schema."""
    (tmp_path / "any.yaml").write_text(yaml.safe_dump(tree))
    config_or_user_error(tmp_path / "any.yaml")


# --- checkpoints ----------------------------------------------------------------------------------------------------

ARRAYS = {"model/a": np.arange(60, dtype=np.float32).reshape(5, 12), "optimizer/a/moment1_0": np.float32(0.1)}
FACTS = {"epochs_done": 3, "curves": {"lossTrain": [1.0, 0.5, 0.25]}}


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    file = tmp_path_factory.mktemp("real") / "last.npz"
    checkpoints.save_checkpoint(
        file, checkpoints.Checkpoint({name: np.asarray(array) for name, array in ARRAYS.items()}, FACTS)
    )
    return file.read_bytes()


def load_within_means(file: Path, content: bytes) -> checkpoints.Checkpoint | None:
    """Read a file of this content; None when it is refused. Neither may take much memory."""
    file.write_bytes(content)
    tracemalloc.start()
    try:
        return checkpoints.load_checkpoint(file)
    except files.DamagedFile as error:
        assert str(error).startswith(f"{file} is damaged")
        return None
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 10_000_000  # no file here is longer than 300 kB; what is measured besides has come to 1.2 MB


@fuzz(200)
@given(st.lists(st.tuples(st.integers(0, 5000), st.binary(min_size=1, max_size=6)), min_size=1, max_size=4))
def test_a_damaged_checkpoint_is_refused_or_still_the_same(
    tmp_path: Path, real: bytes, patches: list[tuple[int, bytes]]
) -> None:
    """Weights that are silently wrong would be the worst of all; some bytes of a zip mean nothing."""
    kept = load_within_means(tmp_path / "last.npz", patched(real, patches))
    if kept is not None:
        assert kept.facts == FACTS
        assert {name: array.tobytes() for name, array in kept.arrays.items()} == {
            name: array.tobytes() for name, array in ARRAYS.items()
        }


def test_exchanged_names_are_noticed(tmp_path: Path, real: bytes) -> None:
    """A zip has a checksum for every member's content and none for its name."""
    assert load_within_means(tmp_path / "last.npz", real.replace(b"model/a.npy", b"model/b.npy")) is None


@fuzz(100)
@given(st.binary(max_size=200), st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06" + bytes(18), b"\x93NUMPY\x01\x00"]))
def test_any_bytes_are_no_checkpoint(tmp_path: Path, content: bytes, magic: bytes) -> None:
    assert load_within_means(tmp_path / "last.npz", magic + content) is None


SHAPES = [
    "()",
    "(3,)",
    "(-1,)",
    "(0, 2**0)",
    f"({10**6},)",
    f"({10**12},)",
    f"({2**62}, 4)",
    f"({10**30},)",
    "(3, )" * 2,
]
SHAPES += ["3", "(True,)", "('3',)", "(" * 500, "(3.0,)"]
TYPES = ["'<f4'", "'<f8'", "'|O'", "'|V2147483647'", "'<U500000000'", "[('a', '<f4')]", "'<M8[s]'", "'zz'", "None"]
HEADERS = st.builds(
    lambda descr, order, shape: f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}".encode(),
    st.sampled_from(TYPES),
    st.sampled_from(["False", "True", "2"]),
    st.sampled_from(SHAPES),
)
MEMBERS = st.tuples(
    st.sampled_from(["model/a.npy", "facts.npy", "digest.npy", "facts", "../out.npy", "/etc/x.npy", "", "猫.npy"]),
    st.one_of(
        st.binary(max_size=40),
        st.builds(
            lambda version, header, values: (
                b"\x93NUMPY" + version + len(header).to_bytes(2 if version[0] == 1 else 4, "little") + header + values
            ),
            st.sampled_from([b"\x01\x00", b"\x02\x00", b"\x03\x00", b"\x09\x09"]),
            HEADERS | st.binary(max_size=20),
            st.binary(max_size=64),
        ),
    ),
    st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]),
)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@fuzz(200)
@given(
    st.lists(MEMBERS, max_size=4),
    st.booleans(),
    st.lists(st.tuples(st.integers(0, 5000), st.binary(min_size=1, max_size=4)), max_size=2),
)
def test_odd_archives_are_no_checkpoints(
    tmp_path: Path, members: list[tuple[str, bytes, int]], with_facts: bool, patches: list[tuple[int, bytes]]
) -> None:
    """Headers that claim terabytes or overflow, foreign compressions, object arrays, names that lead out."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content, compression in members:
            archive.writestr(zipfile.ZipInfo(name), content, compression)
        if with_facts:
            for name in ("facts", "digest"):
                buffer = io.BytesIO()
                np.save(buffer, np.frombuffer(b"{}", np.uint8))
                archive.writestr(f"{name}.npy", buffer.getvalue())
    assert load_within_means(tmp_path / "last.npz", patched(stream.getvalue(), patches)) is None


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_bomb_is_not_unpacked(tmp_path: Path, compression: int) -> None:
    """64 MB in a few kB here; with the same trick, a gigabyte in one megabyte."""
    array = io.BytesIO()
    np.save(array, np.zeros(64_000_000, np.uint8))
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", compression) as archive:
        archive.writestr("model/a.npy", array.getvalue())
    assert len(bomb.getvalue()) < 100_000
    assert load_within_means(tmp_path / "last.npz", bomb.getvalue()) is None


@pytest.mark.parametrize("facts", [b"not JSON", b"[1]", b"{}", b"[" * 100_000])
def test_a_digest_that_fits_does_not_make_a_checkpoint(tmp_path: Path, facts: bytes) -> None:
    """Anybody can compute a digest: it tells damage, not intent."""
    file = tmp_path / "last.npz"
    arrays.write_arrays(file, {"facts": np.frombuffer(facts, np.uint8)})
    assert load_within_means(file, file.read_bytes()) is None
