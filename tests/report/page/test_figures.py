"""The figures of the page, as plotly is given them."""

from __future__ import annotations

import html
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from suite import lettering
from suite.comparison.groups import grouped, sweeps
from suite.comparison.reading import find_runs
from suite.report.language import ENGLISH
from suite.report.page import confusion, plotly
from suite.report.page import curves as page_curves
from suite.report.page import differences as page_differences
from suite.report.page import sweeps as page_sweeps
from tests.fixtures.night import EPOCHS, EVIL, EVIL_ARM, SEEDS
from tests.fixtures.runs import comparison_over, only_group, write_run

pytest.importorskip("plotly", reason="the report is drawn by plotly: pip install plotly")


def test_figures_are_what_plotly_knows(night: Path, tmp_path: Path) -> None:
    """A property that plotly does not know is ignored in silence by the browser; here it raises."""
    from plotly.graph_objects import Figure

    for count in (10, None):
        write_run(tmp_path / str(count) / "none" / "seed0", "none", pool="one", data={"images_per_class": count})
    (sweep,) = sweeps(grouped(find_runs(tmp_path)[0]))
    comparison, say = comparison_over(night, "none"), ENGLISH
    figures = [
        page_differences.differences(comparison, say),
        page_curves.curves(comparison.group, say),
        confusion.confusion(comparison.group, say),
        page_sweeps.images_per_class(sweep, say),
    ]
    for figure in figures:
        Figure(figure)


def test_dots_are_the_differences(night: Path) -> None:
    comparison = comparison_over(night, "none")
    drawn = page_differences.differences(comparison, ENGLISH)
    assert drawn
    differences = [row.difference for row in comparison.rows if row.difference]
    for difference, dots, mean in zip(differences, drawn["data"][::2], drawn["data"][1::2], strict=True):
        assert dots["customdata"] == tuple(seed for seed, _ in difference.points) == (0, 1, 2)
        assert dots["x"] == pytest.approx([points for _, points in difference.points], abs=0.006)
        assert mean["x"][0] - mean["error_x"]["arrayminus"][0] == pytest.approx(difference.low, abs=0.011)
        assert mean["x"][0] + mean["error_x"]["array"][0] == pytest.approx(difference.high, abs=0.011)


def test_curves_are_the_runs_in_few_digits(night: Path) -> None:
    """Means and single seeds, of the quantity that is written above them."""
    group = only_group(night)
    drawn = page_curves.curves(group, ENGLISH)
    titles = [note["text"] for note in drawn["layout"]["annotations"]]
    arm = group.arms[0]
    expected = {
        "eval accuracy": [100 * run.curves["accEval"] for run in arm.runs],
        "eval loss": [run.curves["lossEval"] for run in arm.runs],
        "gap": [100 * (0.95 - run.curves["accEval"]) for run in arm.runs],
        "accuracy of train, as seen": [np.full(EPOCHS, 50.0)] * SEEDS,
    }
    for number, (start, values) in enumerate(expected.items(), 1):
        assert titles[number - 1].startswith(f"<b>{start}")
        axis = "y" if number == 1 else f"y{number}"
        lines = {trace["name"]: trace["y"] for trace in drawn["data"] if trace["yaxis"] == axis and "name" in trace}
        assert lines["none"] == pytest.approx(np.mean(values, axis=0), abs=0.006)
        assert lines["none, seed 2"] == pytest.approx(values[2], abs=0.006)
        assert max(len(str(value)) for value in lines["none"]) <= 6


def test_a_seed_of_the_menu_is_that_seed(night: Path) -> None:
    drawn = page_curves.curves(only_group(night), ENGLISH)
    menu = drawn["layout"]["updatemenus"][1]["buttons"]
    assert [button["label"] for button in menu] == ["means", "all seeds", "seed 0", "seed 1", "seed 2"]
    style, _, which = menu[3]["args"]
    on = {drawn["data"][index]["name"] for index, opacity in zip(which, style["opacity"], strict=True) if opacity}
    assert on == {"none, seed 1", "samplePairing, seed 1", f"{plotly.name_text(EVIL_ARM)}, seed 1"}


def test_a_single_seed_is_drawn_once(tmp_path: Path) -> None:
    """Its mean is the same line again, and the box below the pointer would name every arm twice."""
    write_run(tmp_path / "none" / "seed3", "none", 3)
    write_run(tmp_path / "mixup" / "seed3", "mixup", 3)
    write_run(tmp_path / "mixup" / "seed4", "mixup", 4, done=5)
    drawn = page_curves.curves(only_group(tmp_path), ENGLISH)
    names = [line["name"] for line in drawn["data"] if line["yaxis"] == "y" and "name" in line]
    assert names == ["none", "mixup, seed 4, epoch 5 of 20", "mixup"]


def test_the_matrix_counts_all_seeds(night: Path) -> None:
    group = only_group(night)
    drawn = confusion.confusion(group, ENGLISH)
    assert drawn
    expected = np.zeros((3, 3), int)
    for run in group.arms[0].runs:
        with np.load(run.folder / "predictions.npz") as arrays:
            np.add.at(expected, (arrays["labels"], arrays["logits"].argmax(axis=1)), 1)
    (trace,) = drawn["data"]
    assert trace["text"] == expected.tolist() and expected.sum() == 60 * SEEDS
    assert trace["z"][1][2] == pytest.approx(100 * expected[1, 2] / expected[1].sum(), abs=0.1)
    assert drawn["layout"]["yaxis"]["ticktext"][1] == html.escape(lettering.elided(EVIL, 18))


def test_a_sweep_over_folds_shows_seeds(tmp_path: Path) -> None:
    """A dot a fold would look like twice as many seeds, and spread like images."""
    for count in (10, 40):
        for fold, accuracy in (("f1", 0.4), ("f2", 0.6)):
            for seed in range(2):
                folder = tmp_path / f"{count}-{fold}" / f"seed{seed}"
                of_fold: dict[str, Any] = {
                    "fingerprint": fold,
                    "pool": "p",
                    "curves": {"accEval": accuracy + seed / 10},
                }
                write_run(folder, "mixup", seed, data={"images_per_class": count}, **of_fold)
    (sweep,) = sweeps(grouped(find_runs(tmp_path)[0]))
    (dots,) = (trace for trace in page_sweeps.images_per_class(sweep, ENGLISH)["data"] if trace["mode"] == "markers")
    small, large = math.log(10), math.log(40)
    assert (dots["x"], dots["y"]) == ([small, small, large, large], pytest.approx([50, 60, 50, 60]))
