"""Random and slightly wrong configurations are read or refused."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from suite.config.reading import load_config
from suite.config.schema import dump_config
from suite.errors import UserError
from tests.fixtures.commands import ROOT
from tests.fixtures.fuzzing import fuzz

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
