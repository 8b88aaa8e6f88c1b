"""The report in two languages: each text has its Chinese, and the pictures speak like the sentences."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

import plot_curves
from suite import lettering
from suite.comparison.groups import grouped, sweeps
from suite.comparison.reading import find_runs
from suite.comparison.verdict import Verdict
from suite.report.figures.curves import draw, sheets
from suite.report.figures.differences import draw_differences
from suite.report.figures.sweeps import draw_sweep
from suite.report.language import CHINESE, ENGLISH, LANGUAGES
from suite.report.writing import say_in_pictures
from tests.fixtures.commands import ROOT
from tests.fixtures.runs import comparison_over, write_arms, write_run

ZH = LANGUAGES["zh"]

VERDICTS = {"row.verdict", "first.verdict"}
"""The only texts that come from elsewhere."""


def said_in(function: ast.FunctionDef) -> Iterator[tuple[str, bool]]:
    """What a function gives to `say`: a text, or the code it comes from, and whether it is a text.

    A text stands in the call or in a variable of the function.
    """
    assigned: dict[str, list[str]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            assigned.setdefault(ast.unparse(node.targets[0]), []).append(node.value.value)
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "say":
            first = node.args[0]
            if isinstance(first, ast.Constant):
                yield first.value, True
            elif ast.unparse(first) in assigned:
                yield from ((text, True) for text in assigned[ast.unparse(first)])
            else:
                yield ast.unparse(first), False


def names_in(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def test_every_text_has_its_chinese_and_no_chinese_is_left_over() -> None:
    """A text that was changed in English only would end the making of Chinese reports; one without use would rot."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in (ROOT / "suite/report").rglob("*.py")]
    functions = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    said = {found for function in functions for found in said_in(function)}
    assert {code for code, is_text in said if not is_text} == VERDICTS
    texts = {text for text, is_text in said if is_text} | set(get_args(Verdict))
    assert texts == CHINESE.keys()
    assert len(texts) > 100  # or the search has found nothing


@pytest.mark.parametrize("text", CHINESE)
def test_both_languages_name_the_same_values(text: str) -> None:
    """A number that is missing in one of them would not be missed by readers of the other."""
    assert set(names_in(CHINESE[text])) == set(names_in(text))


def test_values_are_filled_in_as_they_are() -> None:
    """A name may hold braces, which are no places for values."""
    assert ENGLISH("{arm} is {state}", arm="{state}", state="x") == "{state} is x"


# --- pictures


def english_words(figure: object) -> set[str]:
    from matplotlib.text import Text

    texts = [text.get_text() for text in figure.findobj(Text)]  # type: ignore[attr-defined]
    return set(re.findall(r"[A-Za-z]{2,}", " ".join(texts)))


@pytest.fixture
def chinese_font(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a font were installed that has every character."""
    monkeypatch.setattr(lettering, "known_characters", lambda: range(0x110000))


@pytest.mark.filterwarnings("ignore:Glyph")
def test_pictures_speak_chinese(tmp_path: Path, chinese_font: None) -> None:
    """Titles, legends, axes and verdicts: each word of English in them is a name."""
    write_arms(tmp_path / "night", none=[0.5] * 3, mixup=[0.51, 0.52, 0.53])
    write_run(tmp_path / "night/userDef/seed0", "userDef", done=7)
    comparison = comparison_over(tmp_path / "night", "none")
    for count in (10, None):
        write_run(tmp_path / f"sweep/{count}/seed0", pool="p", data={"images_per_class": count})
    (sweep,) = sweeps(grouped(find_runs(tmp_path / "sweep")[0]))
    figures = [draw(comparison.group, sheet, 1, 20, ZH) for sheet in sheets("accuracy", ZH)]
    figures += [draw_differences(comparison, ZH), draw_sweep(sweep, ZH)]
    names = {"googlenet", "on", "emoji", "px", "epochs", "none", "mixup", "userDef"}
    for figure in figures:
        assert english_words(figure) <= names, figure


def test_pictures_stay_english_without_a_font_and_say_so_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A picture of boxes tells nothing, and the reader would not know what to install."""
    latin = frozenset(range(0x250)) | {ord("○"), ord("…")}
    monkeypatch.setattr(lettering, "known_characters", lambda: latin)
    assert say_in_pictures(ZH) is ENGLISH and say_in_pictures(ENGLISH) is ENGLISH
    write_arms(tmp_path, none=[0.5] * 2, mixup=[0.5] * 2)
    plot_curves.main([str(tmp_path), "--lang", "zh"])
    assert capsys.readouterr().out.count("图片仍为英文") == 1
    monkeypatch.setattr(lettering, "known_characters", lambda: range(0x110000))
    assert say_in_pictures(ZH) is ZH
