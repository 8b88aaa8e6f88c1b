"""evaluate.py for several runs at once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from suite.comparison.groups import grouped
from suite.comparison.predictions import judged_by, read_predictions
from suite.comparison.reading import find_runs
from suite.config.reading import load_config
from suite.errors import UserError
from suite.training.run import train
from tests.fixtures.commands import Command, records
from tests.fixtures.facts import change_config
from tests.fixtures.judged import CLASSES, SETTINGS


def test_many_runs_on_one_list(
    trained: Path, run: Path, main: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """Catches results in the wrong run, and a file that the comparison cannot read."""
    other = run.with_name("seed1")
    train(load_config(trained / "small.yaml", [*SETTINGS, "train.seed=1"]), other)
    capsys.readouterr()
    assert main(run, other, "--list", "Test.txt") == 0
    printed = capsys.readouterr().out.splitlines()
    *lines, last = [line for line in printed if "installed font" not in line]
    assert len(printed) - len(lines) <= 2  # the note on fonts once
    assert last.endswith(f" plot_curves.py {os.path.relpath(run.parent)} --evaluation evaluation-Test-last --html")
    assert lines.pop() == "written into evaluation-Test-last of each run"
    assert [line.partition(",")[0] for line in lines] == [f"run 1 of 2: {run}", f"run 2 of 2: {other}"]
    kept = [np.load(folder / "evaluation-Test-last/predictions.npz") for folder in (run, other)]
    assert (kept[0]["logits"] != kept[1]["logits"]).all()
    for folder, arrays in zip((run, other), kept, strict=True):
        rows = records(folder / "evaluation-Test-last/predictions.csv")
        assert [row["guess"] for row in rows] == [CLASSES[guess] for guess in arrays["logits"].argmax(axis=1)]
        assert [row["label"] for row in rows] == [str(label) for label in arrays["labels"]]

    judged, notes = judged_by(find_runs(run.parent)[0], "evaluation-Test-last")
    assert notes == [] and [one.images for one in judged] == [(12, 6, 3)] * 2
    (group,) = grouped(judged)
    predictions = [read_predictions(one) for one in group.arms[0].runs]
    assert all(
        (found.logits == arrays["logits"]).all() for found, arrays in zip(predictions, kept, strict=True) if found
    )

    main(run, other, "--list", "Train.txt")
    with pytest.raises(UserError, match="12 of the 12 images of evaluation-Train-last/ were trained on"):
        judged_by(judged, "evaluation-Train-last")


def test_one_bad_run_does_not_keep_others_from_being_judged(trained: Path, run: Path, command: Command) -> None:
    """A night of 32 runs, one without a checkpoint, one damaged: what can be judged is, what cannot is named."""
    damaged, empty, gone = (run.with_name(name) for name in ("seed1", "seed2", "seed3"))
    shutil.copytree(run, damaged)
    (damaged / "last.npz").write_bytes(b"hello")
    empty.mkdir()
    last = shutil.copytree(run, run.with_name("seed4"))
    done = command("evaluate.py", damaged, empty, run, gone, last, "--list", "Test.txt", "--device", "cpu")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert [line.partition(": ")[0] for line in done.stderr.splitlines()] == ["error"] * 3
    for folder in (damaged, empty, gone):
        assert f"error: {folder}" in done.stderr
        assert not (folder / "evaluation-Test-last").exists()
    assert (run / "evaluation-Test-last/predictions.npz").is_file()
    assert (last / "evaluation-Test-last/predictions.npz").is_file()
    assert "written into evaluation-Test-last of each run" in done.stdout


def test_runs_of_different_lists_get_no_common_next_command(
    trained: Path, run: Path, main: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """It would leave out those whose folder has another name."""
    other = shutil.copytree(run, run.with_name("seed1"))
    root = shutil.copytree(trained / "images", trained / "elsewhere/images", dirs_exist_ok=True)
    change_config(other, str(trained / "images"), str(root))
    assert main(run, other, "--list", trained / "images/Test.txt") == 0
    printed = capsys.readouterr().out
    assert "written into evaluation-Test-last or evaluation-" in printed and "next:" not in printed
    assert main(run, other) == 0
    assert "next:" not in capsys.readouterr().out  # what plot_curves.py compares anyway


def test_a_list_of_many_mistakes_is_counted_once(run: Path, tmp_path: Path, main: Callable[..., int]) -> None:
    """A list that is shortened twice says that there is one more."""
    (tmp_path / "bad.txt").write_text("".join(f"{number}.png 0\n" for number in range(50)))
    with pytest.raises(UserError) as raised:
        main(run, run.parent / "none", "--list", tmp_path / "bad.txt")
    assert raised.value.problems[20] == "... and 30 more" and len(raised.value.problems) == 22


def test_many_runs_have_no_place_together(run: Path, main: Callable[..., int]) -> None:
    """Catches an evaluation that the next one overwrites, and a run that is judged by another one's weights."""
    shutil.copytree(run, run.with_name("seed1"))
    for choice in (["--out", run / "out"], ["--checkpoint", run / "best.npz"]):
        with pytest.raises(UserError, match="go with one run, and these are 2"):
            main(run.parent, *choice)


def test_a_folder_stands_for_all_runs_below(
    run: Path, main: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """Catches a run that is judged twice, or in another order than its seeds, and one in a hidden folder."""
    arm = run.parent
    for name in ("seed10", "seed2", ".old"):
        shutil.copytree(run, arm / name)
    assert main(arm.parent, run, "--list", "Test.txt") == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("run ")]
    begin = [f"run {place} of 3: {arm / name}," for place, name in enumerate(("seed0", "seed2", "seed10"), 1)]
    assert [line[: len(begun)] for line, begun in zip(lines, begin, strict=True)] == begin
    assert not (arm / ".old/evaluation-Test-last").exists()
