"""The numbers that pictures and page draw are the same ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from suite.report.drawn import curves_of, differences_of, known_values, pushed_apart, values_of
from suite.report.figures.curves import draw, sheets
from suite.report.language import ENGLISH
from suite.report.page.curves import curves
from tests.fixtures.runs import comparison_over, only_group, write_run


def write_seeds(folder: Path) -> None:
    """Two finished seeds with a clean pass every third epoch, and one that is still training."""
    for seed, done in ((0, 20), (1, 20), (2, 7)):
        clean = np.where(np.arange(done) % 3 == 2, 0.9 + seed / 100, np.nan)
        accuracy = np.linspace(0.2, 0.5 + seed / 10, done)
        run = {"accEval": accuracy, "accTrainClean": clean}
        write_run(folder / "none" / f"seed{seed}", "none", seed, done=done, curves=run)


def test_units(tmp_path: Path) -> None:
    """Losses are no percentages, and a gap of 0.4 is 40 points."""
    write_run(tmp_path / "seed0", curves={"lossEval": 2.0, "accEval": 0.5, "accTrainClean": 0.9})
    (run,) = only_group(tmp_path).arms[0].runs
    found = [values_of(run, quantity)[0] for quantity in ("lossEval", "accEval", "gap")]
    assert found == pytest.approx([2.0, 50.0, 40.0])


def test_the_mean_is_over_finished_runs(tmp_path: Path) -> None:
    """The third seed is another point in time; where one seed was not measured, there is no mean."""
    write_seeds(tmp_path)
    (accuracy,) = curves_of(only_group(tmp_path), "accEval")
    assert accuracy.mean[-1] == pytest.approx(55) and (accuracy.low[-1], accuracy.high[-1]) == pytest.approx((50, 60))
    (clean,) = curves_of(only_group(tmp_path), "accTrainClean")
    assert np.flatnonzero(~np.isnan(clean.mean)).tolist() == list(range(2, 20, 3))
    assert known_values(only_group(tmp_path), "accTrainClean", 4, 6).tolist() == pytest.approx([90, 91, 92])


def test_picture_and_page_draw_the_same_line(tmp_path: Path) -> None:
    """Each was once prepared by itself, so that one could be mended and the other not."""
    write_seeds(tmp_path)
    group = only_group(tmp_path)
    (line, *_) = draw(group, sheets("accuracy", ENGLISH)[2], 8, 20, ENGLISH).axes[0].lines
    traces = {
        trace["name"]: trace for trace in curves(group, ENGLISH)["data"] if trace["yaxis"] == "y3" and "name" in trace
    }
    on_page = {epoch: value for epoch, value in enumerate(traces["none"]["y"], 1) if value is not None and epoch >= 8}
    assert list(on_page) == list(line.get_xdata())
    assert list(on_page.values()) == pytest.approx(line.get_ydata(), abs=0.006)


def test_one_seed_lies_on_its_line_and_has_no_interval(tmp_path: Path) -> None:
    for mode, accuracy in (("none", 0.5), ("mixup", 0.53)):
        write_run(tmp_path / mode / "seed4", mode, 4, curves={"accEval": accuracy})
    (drawn,) = differences_of(comparison_over(tmp_path, "none"), ENGLISH)
    assert (drawn.seeds, drawn.points, drawn.offsets.tolist()) == ((4,), pytest.approx((3.0,)), [0.0])
    assert (drawn.ends, drawn.text) == (None, "+3.0")


def test_labels_are_pushed_apart_and_no_further() -> None:
    """One that is free stays where it is; those that touch share the shift, in their order, within the axes."""
    assert pushed_apart([0.9, 0.2], [0.1, 0.1], 0, 1) == pytest.approx([0.9, 0.2])
    assert pushed_apart([0.5, 0.5, 0.1], [0.2, 0.2, 0.1], 0, 1) == pytest.approx([0.4, 0.6, 0.1])
    assert pushed_apart([1.0, 0.99, 0.0], [0.2, 0.2, 0.2], 0, 1) == pytest.approx([0.9, 0.7, 0.1])
    assert pushed_apart([0.5] * 6, [0.2] * 6, 0, 1) == pytest.approx([-0.1, 0.1, 0.3, 0.5, 0.7, 0.9])  # no room
