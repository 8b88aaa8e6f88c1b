"""Colours, dashes and markers of the arms."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from augment.settings import MODES
from suite.report.figures.style import LINES, MARKS
from suite.report.looks import COLOURS, DASHES, MARKERS, look_of_mode, looks_of
from suite.report.page.plotly import AT_NIGHT
from tests.fixtures.runs import only_group, write_run

EYES = {
    "usual": np.eye(3),
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
}
"""What they see of linear RGB, by Machado, Oliveira and Fernandes (2009), severity 1."""

APART = 15.0
"""In CIELAB. From 10 on, two colours are told apart at a glance."""


def linear(colour: str) -> NDArray[np.float64]:
    parts = np.array(list(bytes.fromhex(colour[1:]))) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """CIELAB under D65 of linear sRGB."""
    matrix = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    x, y, z = np.cbrt(np.maximum(np.array(matrix) @ rgb / [0.9505, 1, 1.089], 1e-9))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("night", [False, True])
def test_colour_blind_people_tell_all_modes_apart(eyes: str, night: bool) -> None:
    """By colour, or by the dash where colours are used again. Red and green of equal lightness would fail."""

    def seen(colour: str) -> NDArray[np.float64]:
        shown = AT_NIGHT.get(colour, colour) if night else colour
        return lab(np.clip(np.array(EYES[eyes]) @ linear(shown), 0, 1))

    for one, other in combinations(map(look_of_mode, MODES), 2):
        is_far = np.linalg.norm(seen(one.colour) - seen(other.colour)) > APART
        assert is_far or (one.colour == other.colour and one.dash != other.dash), (one, other)


def test_both_drawing_libraries_know_every_dash_and_marker() -> None:
    assert (tuple(LINES), tuple(MARKS)) == (DASHES, MARKERS)


def test_day_and_night_can_be_exchanged() -> None:
    """The page maps colours back for paper; two equal ones would become one."""
    assert len({*AT_NIGHT, *AT_NIGHT.values(), *COLOURS}) == 2 * len(AT_NIGHT) + len(COLOURS) - 1  # black is in both


def test_a_name_looks_the_same_among_others(tmp_path: Path) -> None:
    """Shades by place made alpha 0.4 another line in every choice of arms; arms of one mode stay apart."""
    for alpha in (0.1, 0.2, 0.4, 1.0):
        write_run(tmp_path / "all" / f"mixup-alpha{alpha}" / "seed0", "mixup", augment={"alpha": alpha})
    write_run(tmp_path / "all" / "none" / "seed0", "none")
    arms = only_group(tmp_path / "all").arms
    looks = looks_of(arms)
    assert len({look.colour for look in looks.values()}) == len(arms)
    assert looks_of(arms[:1])[arms[0]] == looks[arms[0]] == look_of_mode("none")
    assert looks_of([arms[0], arms[2]])[arms[2]] == looks_of([arms[2]])[arms[2]]


def test_more_arms_than_colours_stay_apart(tmp_path: Path) -> None:
    for alpha in range(1, 31):
        write_run(tmp_path / f"mixup-alpha{alpha}" / "seed0", "mixup", augment={"alpha": alpha}, epochs=1)
    assert len(set(looks_of(only_group(tmp_path).arms).values())) == 30
