"""What stands in the figures, read from matplotlib's own objects, and which files there are afterwards."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import same_color, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from suite.comparison.groups import baseline_arm, grouped, sweeps
from suite.comparison.reading import find_runs
from suite.comparison.records import Group
from suite.comparison.rows import Comparison, compare
from suite.report.figures.curves import Sheet, draw, sheets
from suite.report.figures.differences import draw_differences
from suite.report.figures.files import write_figures, write_sweep
from suite.report.figures.sweeps import draw_sweep
from suite.report.language import ENGLISH
from suite.report.looks import look_of_mode
from tests.fixtures.runs import comparison_over, only_group, write_arms, write_article_files, write_run

LOSS, ACCURACY, GAP = sheets("accuracy", ENGLISH)


def eval_lines(axes: Axes) -> list[Line2D]:
    return [line for line in axes.lines if len(x(line)) > 1]


def x(line: Line2D) -> list[float]:
    return list(np.asarray(line.get_xdata()))


def y(line: Line2D) -> list[float]:
    return list(np.asarray(line.get_ydata()))


def axes_of(group: Group, start: int = 1, end: int | None = None, sheet: Sheet = ACCURACY) -> Axes:
    """Those of the large panel."""
    return draw(group, sheet, start, end or group.reached, ENGLISH).axes[0]


def test_epochs_are_true_and_counted_from_one(tmp_path: Path) -> None:
    """--start 11 --end 15 shows the values of the eleventh to the fifteenth epoch, at 11 to 15."""
    accuracy = np.arange(20) / 100
    write_run(tmp_path / "seed0", curves={"accEval": accuracy})
    (line,) = eval_lines(axes_of(only_group(tmp_path), 11, 15))
    assert x(line) == [11, 12, 13, 14, 15]
    assert y(line) == pytest.approx(100 * accuracy[10:15])
    (whole,) = eval_lines(axes_of(only_group(tmp_path)))
    assert x(whole) == list(range(1, 21))


def test_colours_keep_the_hues_of_the_article(tmp_path: Path) -> None:
    modes = ("none", "userDef", "samplePairing", "mixup")
    for mode in modes:
        write_run(tmp_path / mode / "seed0", mode)
    lines = eval_lines(axes_of(only_group(tmp_path)))
    colours = {mode: line.get_color() for mode, line in zip(modes, lines, strict=True)}
    strongest = {mode: int(np.argmax(to_rgb(colours[mode]))) for mode in modes[1:]}
    assert strongest == {"userDef": 1, "samplePairing": 2, "mixup": 0}  # green, blue, red
    assert all(same_color(colour, look_of_mode(mode).colour) for mode, colour in colours.items())


def test_mean_and_band_over_the_finished_seeds(tmp_path: Path) -> None:
    """An unfinished seed inside the mean would make it jump where that seed ends."""
    for seed, accuracy in enumerate((0.4, 0.5, 0.9)):
        write_run(tmp_path / "a" / f"seed{seed}", seed=seed, done=20 if seed < 2 else 7, curves={"accEval": accuracy})
    axes = axes_of(only_group(tmp_path))
    mean, unfinished = eval_lines(axes)
    assert y(mean) == pytest.approx([45] * 20)
    assert x(unfinished) == list(range(1, 8))
    assert unfinished.get_linewidth() < mean.get_linewidth()
    (band,) = axes.collections
    corners = band.get_paths()[0].get_extents()
    assert (corners.y0, corners.y1) == pytest.approx((40, 50))
    assert any("2 seeds, 1 unfinished" in text.get_text().replace("\n", " ") for text in axes.texts)


def test_arms_of_one_mode_can_be_told_apart(tmp_path: Path) -> None:
    for alpha in (0.2, 0.4, 1.0):
        write_run(tmp_path / f"vgg_mixup{alpha}" / "seed0", "mixup", augment={"alpha": alpha})
    lines = eval_lines(axes_of(only_group(tmp_path)))
    assert len({line.get_color() for line in lines}) == len({line.get_marker() for line in lines}) == 3


def test_epochs_without_a_clean_pass_leave_no_hole(tmp_path: Path) -> None:
    """With a clean pass every few epochs, a line over NaN would be invisible."""
    clean = np.where(np.arange(20) % 5 == 4, 0.9, np.nan)
    write_run(tmp_path / "seed0", curves={"accTrainClean": clean})
    figure = draw(only_group(tmp_path), ACCURACY, 1, 20, ENGLISH)
    for axes in (figure.axes[1], draw(only_group(tmp_path), GAP, 1, 20, ENGLISH).axes[0]):
        (line,) = axes.lines
        assert x(line) == [5, 10, 15, 20] and not np.isnan(y(line)).any()


def test_names_stand_at_the_line_ends_and_never_over_each_other(tmp_path: Path) -> None:
    """Nor on the lines, nor outside of the picture, however many arms there are and however long their names."""
    for alpha in range(1, 21):
        folder = tmp_path / f"googlenet_caltech101_quarter_width_mixup_alpha{alpha}"
        write_run(folder / "seed0", "mixup", augment={"alpha": float(alpha)}, curves={"lossEval": 1 + alpha % 7 / 50})
    figure = draw(only_group(tmp_path), LOSS, 1, 20, ENGLISH)
    figure.draw_without_rendering()
    large = figure.axes[0]
    assert large.get_window_extent().width > 0.5 * figure.bbox.width
    names = [text for text in large.texts if "alpha" in text.get_text()]
    boxes = sorted((Text.get_window_extent(name) for name in names), key=lambda box: -box.y0)
    assert len(boxes) == 20 and all(above.y0 >= below.y1 for above, below in pairwise(boxes))
    assert all(large.bbox.x1 < box.x0 and box.x1 <= figure.bbox.x1 and box.y1 <= large.bbox.y1 + 1 for box in boxes)
    by_height = sorted(names, key=lambda name: name.xyann[1])
    assert [name.xy[1] for name in by_height] == sorted(name.xy[1] for name in names)


def test_two_bands_at_most(tmp_path: Path) -> None:
    """Four over each other are mud. The two are of the baseline and of the best, and a note says so."""
    write_arms(tmp_path, none=[0.5, 0.52], userDef=[0.4, 0.41], samplePairing=[0.6, 0.62], mixup=[0.55, 0.56])
    group = only_group(tmp_path)
    none, *_, best, _ = group.arms
    axes = draw(group, ACCURACY, 1, 20, ENGLISH, none).axes[0]
    bands = [(box.y0, box.y1) for box in (band.get_paths()[0].get_extents() for band in axes.collections)]
    assert bands == [pytest.approx((50, 52)), pytest.approx((60, 62))] and best.mode == "samplePairing"
    assert any("here of none, samplePairing." in text.get_text() for text in axes.texts)
    assert len(axes_of(group).collections) == 1  # without a baseline


@pytest.mark.parametrize(("spike", "cut"), [(1e6, True), (np.inf, False), (3.0, False)])
def test_one_exploding_loss_does_not_flatten_the_rest(tmp_path: Path, spike: float, cut: bool) -> None:
    """Cut off only when it would hide the curves, and never in silence; infinity has no place on a scale anyway."""
    loss = np.linspace(2.8, 1.5, 20)
    loss[7] = spike
    write_run(tmp_path / "seed0", curves={"lossTrain": loss})
    axes = draw(only_group(tmp_path), LOSS, 1, 20, ENGLISH).axes[2]
    assert axes.get_ylim()[1] < 5
    assert ("cut off" in axes.get_title(loc="left")) is cut


def test_a_run_of_one_epoch_can_be_seen(tmp_path: Path) -> None:
    """A line through one point is no line."""
    write_run(tmp_path / "seed0", epochs=1)
    (line,) = axes_of(only_group(tmp_path)).lines
    assert line.get_marker() not in ("", "None")


def test_the_gap_is_clean_minus_eval(tmp_path: Path) -> None:
    """Of the same epoch and the same seed, in points; the training images as seen are another task."""
    curves = {"accTrainClean": np.linspace(0.5, 0.9, 20), "accEval": np.linspace(0.4, 0.6, 20), "accTrain": 0.3}
    write_run(tmp_path / "seed0", curves=curves)
    (line,) = axes_of(only_group(tmp_path), sheet=GAP).lines
    assert y(line) == pytest.approx(100 * np.linspace(0.1, 0.3, 20))


def test_training_curves_stand_below_under_their_names(tmp_path: Path) -> None:
    """Three panels, of which two look alike: exchanged, they would tell of a network that knows nothing by heart."""
    write_run(tmp_path / "seed0", curves={"accEval": 0.5, "accTrainClean": 0.9, "accTrain": 0.6})
    large, clean, seen = draw(only_group(tmp_path), ACCURACY, 1, 20, ENGLISH).axes
    assert [y(axes.lines[0])[0] for axes in (large, clean, seen)] == pytest.approx([50, 90, 60])
    assert "without augmentation" in clean.get_title(loc="left") and "as seen" in seen.get_title(loc="left")


# --- differences


def differing(folder: Path) -> Comparison:
    """mixup ahead by 1 to 4 points in seeds 0 to 3, userDef behind in the only seed that it has."""
    write_arms(folder, none=[0.5] * 4, userDef=[0.45], mixup=[0.51, 0.52, 0.53, 0.54])
    return comparison_over(folder, "none")


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_dots_are_seeds_and_the_bar_is_the_interval(tmp_path: Path) -> None:
    """A bar of standard deviations, or one whose ends stick out, would look the same and say something else."""
    comparison = differing(tmp_path)
    figure = draw_differences(comparison, ENGLISH)
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["userDef", "mixup"]
    zero, *lines = axes.lines
    assert x(zero) == [0, 0]
    dots, bar, diamond = lines[2:]  # after the dot and the diamond of the only seed of userDef
    assert x(dots) == pytest.approx([1, 2, 3, 4]) and len(set(y(dots))) == 4
    difference = comparison.rows[-1].difference
    assert difference and x(bar) == [difference.low, difference.high] and bar.get_solid_capstyle() == "butt"
    assert x(diamond) == pytest.approx([2.5])
    title = axes.get_title(loc="left")
    assert title.startswith("Differences from none: ") and any(
        "Dark line: no difference" in text for text in texts(figure)
    )


def test_the_words_at_the_right_are_those_of_their_line(tmp_path: Path) -> None:
    """The verdicts are annotations, put there by hand; with one seed there is no interval to speak of."""
    figure = draw_differences(differing(tmp_path), ENGLISH)
    beside = {text.get_text(): text.xy[1] for text in figure.axes[0].texts}
    assert (beside["one seed"], beside["-5.0"], beside["too few seeds"]) == (0, 0, 1)
    assert any(text.startswith("+2.5  (+0.4 to +4.6)") for text in beside)


def test_words_and_names_lie_within_the_picture(tmp_path: Path) -> None:
    for alpha in range(1, 9):
        for seed in (0, 1):
            folder = tmp_path / f"googlenet_caltech101_quarter_width_mixup_alpha{alpha}" / f"seed{seed}"
            curves = {"accEval": np.linspace(0.1, 0.6 + seed / 100 * alpha, 20), "accTrainClean": 0.5}
            write_run(folder, "mixup", seed, curves=curves, augment={"alpha": float(alpha)})
    group = only_group(tmp_path)
    figure = draw_differences(compare(group, group.arms[0]), ENGLISH)
    figure.draw_without_rendering()
    box = figure.axes[0].get_tightbbox()
    assert box is not None and figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1
    assert figure.axes[0].get_window_extent().width > 0.4 * figure.bbox.width
    assert "too few seeds, under-fitted, rising" in texts(figure)


def test_names_that_differ_in_the_middle_stay_apart(tmp_path: Path) -> None:
    """Names of a study begin and end alike: with the middle left out, two lines would bear the same name."""
    for alpha in (0.2, 0.4):
        folder = tmp_path / f"googlenet_caltech101_alpha{alpha}_mixup_then_clean" / "seed0"
        write_run(folder, "mixup", augment={"alpha": alpha})
    write_run(tmp_path / "none" / "seed0")
    axes = draw_differences(comparison_over(tmp_path, "none"), ENGLISH).axes[0]
    names = [label.get_text().replace("\n", "") for label in axes.get_yticklabels()]
    assert names == [f"googlenet_caltech101_alpha{alpha}_mixup_then_clean" for alpha in (0.2, 0.4)]


# --- images per class


def test_a_sweep_has_a_dot_for_every_seed(tmp_path: Path) -> None:
    """Of two folds the mean: otherwise one seed would look like two. What all images are stands at the end."""
    for place, count in enumerate((10, 40, None)):
        for seed in (0, 1):
            for fold in (0, 1):
                curves = {"accEval": 0.3 + 0.1 * place + 0.02 * seed + 0.01 * fold}
                folder = tmp_path / f"{count}" / f"fold{fold}" / f"seed{seed}"
                per_class = {"images_per_class": count}
                write_run(folder, "mixup", seed, curves=curves, fingerprint=f"{fold}", pool="p", data=per_class)
    groups = grouped(find_runs(tmp_path)[0])
    (sweep,) = sweeps(groups)
    (axes,) = draw_sweep(sweep, ENGLISH).axes
    mean, dots = axes.lines
    assert y(mean) == pytest.approx([31.5, 41.5, 51.5])
    assert y(dots) == pytest.approx([30.5, 32.5, 40.5, 42.5, 50.5, 52.5])
    assert [label.get_text() for label in axes.get_xticklabels()] == ["10", "40", "all"]
    assert x(mean)[1] - x(mean)[0] == pytest.approx(np.log(4))


def test_a_sweep_without_a_finished_run_has_no_picture_yet(tmp_path: Path) -> None:
    """With `--watch`, every sweep begins like this; the command must not end with it."""
    for count in (10, 40):
        per_class = {"images_per_class": count}
        write_run(tmp_path / f"{count}" / "seed0", done=7, fingerprint=f"{count}", pool="p", data=per_class)
    groups = grouped(find_runs(tmp_path)[0])
    (sweep,) = sweeps(groups)
    assert write_sweep(sweep, tmp_path / "out", ENGLISH) == []


# --- files


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def both(*names: str) -> set[str]:
    return {f"{name}.{suffix}" for name in names for suffix in ("png", "svg")}


def test_old_pictures_of_what_is_not_drawn_now_are_removed(tmp_path: Path) -> None:
    """An old difference beside new curves would be taken for the new one; what others put there stays."""
    comparison, out = differing(tmp_path / "logs"), tmp_path / "out"
    written = write_figures(comparison, 1, 20, out, ENGLISH)
    assert {path.name for path in written} == names(out) == both("loss", "accuracy", "gap", "differences")
    (out / "mine.png").touch()
    before = (out / "loss.svg").read_bytes()
    write_figures(comparison, 1, 20, out, ENGLISH)
    assert (out / "loss.svg").read_bytes() == before  # no dates, no random names: nothing to commit
    write_figures(compare(comparison.group, None), 1, 20, out, ENGLISH)
    assert names(out) == both("loss", "accuracy", "gap") | {"mine.png"}
    write_figures(comparison, 21, 30, out, ENGLISH)  # as after --start 21: no run has come so far
    assert names(out) == both("differences") | {"mine.png"}


def test_what_was_not_measured_has_no_picture(tmp_path: Path) -> None:
    """The article's files have no clean training images: an empty gap would look like none."""
    write_article_files(tmp_path / "logs_vgg", "mixupAug", accEval=np.linspace(0.1, 0.5, 100))
    (group,) = grouped(find_runs(tmp_path)[0])
    write_figures(compare(group, baseline_arm(group, "none")), 1, 100, tmp_path / "out", ENGLISH)
    assert names(tmp_path / "out") == both("loss", "accuracy")
    assert len(draw(group, ACCURACY, 1, 100, ENGLISH).axes) == 2
