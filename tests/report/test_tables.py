"""Tables on the screen and in the summary: headings, names and widths, in both languages."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest

import plot_curves
from tests.fixtures.commands import records
from tests.fixtures.runs import write_run


def test_every_number_stands_below_its_heading(tmp_path: Path) -> None:
    """The cells are put together by hand; two exchanged columns would look plausible."""
    accuracy = {"accEval": 0.4, "accTrainClean": 0.9, "accTrain": 0.6}
    accuracy |= {"balancedEval": 0.3, "balancedTrainClean": 0.8}
    loss = {"lossEval": 3.0, "lossTrainClean": 0.1, "lossTrain": 1.5}
    write_run(tmp_path / "a" / "seed3", "userDef", 3)
    write_run(tmp_path / "b" / "seed3", "mixup", 3, curves={**accuracy, **loss})
    plot_curves.main([str(tmp_path)])
    lines = (tmp_path / "comparison" / "summary.md").read_text(encoding="utf-8").splitlines()
    tables = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith("|")]
    headings = [cells for cells in tables if cells[0] in ("accuracy, %", "training", "course")]
    rows = [cells for cells in tables if cells[0] == "mixup"]
    of_accuracy, of_training, of_course = (dict(zip(*pair, strict=True)) for pair in zip(headings, rows, strict=True))
    assert of_accuracy == {
        "accuracy, %": "mixup",
        "seeds": "1 (3)",
        "eval": "40.0",
        "over baseline": "-10.0",
        "95 % interval": "-",
        "Holm p": "-",
        "seeds ahead": "0 of 1",
        "verdict": "one seed",
    }
    assert of_training == {
        "training": "mixup",
        "loss eval": "3.000",
        "loss train, clean": "0.100",
        "loss train, as seen": "1.500",
        "train, clean, %": "90.0",
        "train, as seen, %": "60.0",
        "gap": "50.0",
        "best eval": "40.0",
    }
    assert of_course == {
        "course": "mixup",
        "eval, balanced, %": "30.0",
        "train, clean, balanced, %": "80.0",
        "ECE": "-",
        "reaches": "-",
        "overtakes": "-",
        "s per epoch": "2.0",
        "over images": "-",
        "95 % interval": "-",
    }
    (record,) = (each for each in records(tmp_path / "comparison/summary.csv") if each["arm"] == "mixup")
    assert (record["accEval"], record["balancedEval"], record["unit"], record["metric"]) == (
        *("0.4", "0.3", "0.4"),
        "accuracy",
    )


def test_the_metric_changes_the_headings(tmp_path: Path) -> None:
    """A column "eval" of another accuracy would be read as the usual one."""
    curves = {"accEval": 0.9, "balancedEval": 0.6, "accTrainClean": 0.95, "balancedTrainClean": 0.7}
    write_run(tmp_path / "none" / "seed0", curves=curves, train={"metric": "balanced"})
    plot_curves.main([str(tmp_path)])
    text = (tmp_path / "comparison" / "summary.md").read_text(encoding="utf-8")
    assert "| accuracy, % | seeds | eval, balanced | over baseline |" in text and "| none | 1 (0) | 60.0 |" in text
    assert "| train, clean, balanced, % |" in text and "| 70.0 | 50.0 | 10.0 | 60.0 |" in text
    assert "| course | eval, accuracy, % | train, clean, accuracy, % |" in text and "| none | 90.0 | 95.0 |" in text


def test_under_fitted_is_marked_with_its_threshold(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_run(tmp_path / "vgg_mixup" / "seed0", "mixup", curves={"accTrainClean": 0.6})
    plot_curves.main([str(tmp_path), "--explain"])
    text = capsys.readouterr().out
    assert any("mixup" in line and line.endswith(", under-fitted") for line in text.splitlines())
    assert "under-fitted: train, clean is below 80 %" in text


def test_chinese_verdicts_and_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All of the comparison; where files were written, the command says in English as every command does."""
    for mode in ("none", "mixup"):
        for seed in range(2):
            write_run(tmp_path / mode / f"seed{seed}", mode, seed, curves={"accTrainClean": 0.3})
    write_run(tmp_path / "userDef" / "seed0", "userDef", done=5)
    plot_curves.main([str(tmp_path), "--lang", "zh", "--explain"])
    said = capsys.readouterr().out.partition("written:")[0]
    page = re.sub(r"!\[\w+\]\(.*\)", "", (tmp_path / "comparison/summary.md").read_text(encoding="utf-8"))
    words = {"vgg", "googlenet", "on", "px", "epochs", "emoji", "none", "userDef", "mixup", "ECE", "Holm", "lambda"}
    words |= {"evaluation", "evaluate", "py", "train", "metric"}  # an option, a command and a key
    words |= {"groups", "txt"}  # a file
    words |= {"python", "set", "seed", "logs"}  # commands
    words |= {"Noto", "Sans", "CJK"}  # where no font can write Chinese
    for text in (said, page):
        assert "其余各组与它比较" in text and "领先的种子" in text and "欠拟合" in text
        assert set(re.findall(r"[A-Za-z]{2,}", text)) <= words


def test_long_names_keep_the_table_on_the_screen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both ends of a name stay, since names of a study differ at either."""
    for alpha in (0.2, 0.4):
        name = "googlenet_caltech101_" + "very_" * 20 + f"long_mixup_alpha{alpha}"
        for seed in (0, 1):
            curves = {"accEval": 0.5 + seed / 10, "accTrainClean": 0.7 + seed / 10}
            write_run(tmp_path / name / f"seed{seed}", "mixup", seed, curves=curves, augment={"alpha": alpha})
    plot_curves.main([str(tmp_path), "--out", str(tmp_path / "out"), "--explain"])
    lines = capsys.readouterr().out.partition("written:")[0].splitlines()
    in_tables = [line for line in lines if "very_" * 20 not in line]  # a sentence has room for the whole name
    assert max(map(len, in_tables)) <= 120
    assert any(line.startswith("googlenet") and "alpha0.2" in line for line in in_tables)


def test_unfinished_runs_of_an_arm_can_be_told_apart_in_every_table(tmp_path: Path) -> None:
    """Only the first table has a column of seeds."""
    for seed in (0, 1):
        write_run(tmp_path / "a" / f"seed{seed}", "mixup", seed, done=3 + seed)
    plot_curves.main([str(tmp_path)])
    text = (tmp_path / "comparison/summary.md").read_text(encoding="utf-8")
    assert [text.count(f"| mixup, seed {seed} |") for seed in (0, 1)] == [3, 3]


def test_chinese_names_keep_the_columns_straight(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A Chinese character is as wide as two letters: counted as one, it pushes the numbers out of their column."""
    for name, alpha in (("混合", 0.2), ("mixup_of_the_last_fifth", 0.4), ("很长的名字" * 16, 1.0)):
        write_run(tmp_path / name / "seed0", "mixup", augment={"alpha": alpha})
    plot_curves.main([str(tmp_path), "--explain"])

    def width(text: str) -> int:
        return len(text) + sum(unicodedata.east_asian_width(character) == "W" for character in text)

    lines = [line for line in capsys.readouterr().out.splitlines() if " 1 (0) " in line]
    assert len(lines) == 3 and len({width(line[: line.index("1 (0)")]) for line in lines}) == 1
    assert max(map(width, lines)) <= 120
