"""The command on folders written here: its numbers and its words."""

from __future__ import annotations

import csv
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Timer
from typing import Any

import numpy as np
import pytest

import plot_curves
from suite.errors import UserError
from tests.fixtures.commands import MODES, ROOT, records
from tests.fixtures.facts import change_facts
from tests.fixtures.runs import write_article_files, write_evaluation, write_run


def plot(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-W", "error", "plot_curves.py", *map(str, arguments)]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)


def noisy(mode: str, seed: int, epochs: int) -> dict[str, Any]:
    """Six different curves, so that no two can be exchanged unseen."""
    rng = np.random.default_rng([MODES.index(mode), seed])
    return {
        "lossTrain": rng.uniform(0, 1, epochs),
        "accTrain": rng.uniform(0.4, 0.6, epochs),
        "lossEval": rng.uniform(1, 3, epochs),
        "accEval": rng.uniform(0.3, 0.7, epochs),
        "lossTrainClean": rng.uniform(0, 0.1, epochs),
        "accTrainClean": np.where((np.arange(epochs) + 1) % 3 == 0, rng.uniform(0.9, 1, epochs), np.nan),
    }


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four modes of 120 epochs with two seeds each, one of them unfinished, and the article's files."""
    folder = tmp_path_factory.mktemp("logs")
    for mode in MODES:
        for seed in (0, 1):
            done = 50 if (mode, seed) == ("mixup", 1) else 120
            curves = {name: values[:done] for name, values in noisy(mode, seed, 120).items()}
            write_run(folder / f"vgg_{mode}" / f"seed{seed}", mode, seed, 120, done, curves)
    write_article_files(folder / "logs_vggnet", "noAug")
    return folder


@pytest.fixture(scope="module")
def result(logs: Path) -> subprocess.CompletedProcess[str]:
    done = plot(logs, "--explain")
    assert (done.returncode, done.stderr) == (0, "")
    return done


# --- the table


def test_csv_holds_the_last_ten_epochs_of_every_curve(logs: Path, result: subprocess.CompletedProcess[str]) -> None:
    """Computed here a second time from the curves themselves, NaN and all."""
    rows = {(row["arm"], row["status"]): row for row in records(logs / "comparison" / "summary.csv") if row["seeds"]}
    assert len(rows) == 5
    for mode in ("none", "userDef", "samplePairing"):
        row = rows[mode, "finished"]
        runs = [noisy(mode, seed, 120) for seed in (0, 1)]
        for curve in runs[0]:
            means = [np.nanmean(run[curve][110:120]) for run in runs]
            assert float(row[curve]) == pytest.approx(np.mean(means))
            assert float(row[f"{curve}_sd"]) == pytest.approx(abs(means[0] - means[1]) / 2**0.5)
        gaps = [np.nanmean((run["accTrainClean"] - run["accEval"])[110:]) for run in runs]
        assert float(row["gap"]) == pytest.approx(np.mean(gaps))
        assert float(row["best"]) == pytest.approx(np.mean([run["accEval"].max() for run in runs]))
        assert (row["window_first"], row["window_last"], row["seeds"]) == ("111", "120", "0 1")
    ours, base = ([noisy(mode, seed, 120)["accEval"][110:].mean() for seed in (0, 1)] for mode in ("userDef", "none"))
    assert float(rows["userDef", "finished"]["points"]) == pytest.approx(100 * (np.mean(ours) - np.mean(base)))
    assert rows["userDef", "finished"]["baseline"] == "none"


def test_csv_keeps_an_unfinished_run_apart(logs: Path, result: subprocess.CompletedProcess[str]) -> None:
    finished, unfinished = (row for row in records(logs / "comparison" / "summary.csv") if row["arm"] == "mixup")
    assert (finished["status"], finished["n"], finished["seeds"], finished["pairs"]) == ("finished", "1", "0", "1")
    assert (unfinished["status"], unfinished["seeds"], unfinished["epochs_done"]) == ("unfinished", "1", "50")
    expected = noisy("mixup", 1, 120)["accEval"][40:50].mean()  # ten epochs, because 120 are planned
    assert float(unfinished["accEval"]) == pytest.approx(expected)
    assert unfinished["points"] == ""


def test_screen_and_markdown_name_window_mark_and_files(logs: Path, result: subprocess.CompletedProcess[str]) -> None:
    """What a reader must not have to guess; 120 columns fit a screen."""
    text = result.stdout
    assert "the last 10 epochs (111 to 120)" in " ".join(text.split())
    assert "epoch 50 of 120" in text
    table_lines = [line for line in text.splitlines() if not line.startswith(("  /", "left out"))]
    assert max(map(len, table_lines)) <= 120
    assert text.index("none: ") < text.index("accuracy, %")  # verdicts first
    *written, more = [line.strip() for line in text.partition("written:")[2].splitlines() if line.strip()]
    assert len(written) == 3 + 1 + 2 + 2  # the second group has one arm, and no clean passes
    assert all(Path(path).stat().st_size > 0 for path in written)
    assert more == "and 6 of the figures as .svg beside them"
    markdown = (logs / "comparison" / "summary.md").read_text(encoding="utf-8")
    for link in ("loss.png", "accuracy.png"):
        assert f"(googlenet-emoji16-32px-120ep/{link})" in markdown
    assert markdown.count("\n| userDef |") == 3  # accuracy, training, course


def test_its_own_output_is_no_run(logs: Path, result: subprocess.CompletedProcess[str]) -> None:
    """A second look at the folder says the same, without a word about comparison/."""
    assert plot(logs, "--explain").stdout == result.stdout


def test_the_baseline_is_no_augmentation_and_can_be_chosen(tmp_path: Path) -> None:
    """Over `userDef`, as in the article, "no augmentation" would be listed as what helps."""
    for mode, accuracy in (("none", 0.4), ("userDef", 0.5), ("mixup", 0.55)):
        write_run(tmp_path / f"vgg_{mode}" / "seed0", mode, curves={"accEval": accuracy})
    for options, expected in (([], ["", "10", "15"]), (["--baseline", "userDef"], ["-10", "", "5"])):
        plot_curves.main([str(tmp_path), *options])
        points = [row["points"] for row in records(tmp_path / "comparison" / "summary.csv")]
        assert points == expected


def test_fewer_arms_make_a_smaller_family(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Holm's correction is for what is compared: six seeds reach 5 % alone (0.031), and not among four (0.125)."""
    for place, mode in enumerate((*MODES, "mixup")):
        for seed in range(6):
            curves = {"accEval": 0.5 + 0.02 * place + seed / 1000 * (1 + place)}
            augment = {"alpha": 0.2} if place == 4 else {}
            write_run(tmp_path / f"{mode}{place}" / f"seed{seed}", mode, seed, curves=curves, augment=augment)
    plot_curves.main([str(tmp_path), "--explain"])
    assert "over 4 comparisons 0.12" in " ".join(capsys.readouterr().out.split())
    plot_curves.main([str(tmp_path), "--arms", "samplePairing", "--explain"])
    text = " ".join(capsys.readouterr().out.split())
    assert "sign-flip p 0.031): better on these images" in text
    left = "left aside by --arms: googlenet on emoji16, 32 px, 20 epochs: userDef, mixup3, mixup4;"
    assert left in text and "mixup4" not in text.replace(left, "")
    assert left in (tmp_path / "comparison/summary.md").read_text(encoding="utf-8")
    with pytest.raises(UserError, match="--arms pairing: is not the name of a single arm; there are none, userDef"):
        plot_curves.main([str(tmp_path), "--arms", "pairing"])


def test_arms_of_fewer_folds_are_still_paired(tmp_path: Path) -> None:
    """The other folds belong to arms that are left aside; counted on, no seed would be complete."""
    for mode in ("none", "mixup"):
        write_run(tmp_path / f"{mode}-f1" / "seed0", mode, fingerprint="f1", pool="p")
    write_run(tmp_path / "userDef-f2" / "seed0", "userDef", fingerprint="f2", pool="p")
    out = tmp_path / "out"
    plot_curves.main([str(tmp_path), "--baseline", "none", "--arms", "mixup", "--out", str(out)])
    [_, mixup] = csv.DictReader((out / "summary.csv").read_text(encoding="utf-8-sig").splitlines())
    assert (mixup["arm"], mixup["pairs"]) == ("mixup", "1")


def test_pictures_of_a_group_that_has_another_name_now_are_removed(tmp_path: Path) -> None:
    """While a sweep grows under `--watch`, its second step renames the first: old curves would lie beside new ones."""
    write_run(tmp_path / "a" / "seed0", pool="p", data={"images_per_class": 10})
    plot_curves.main([str(tmp_path)])
    [alone] = (folder for folder in (tmp_path / "comparison").iterdir() if folder.is_dir())
    write_run(tmp_path / "b" / "seed0", pool="p", data={"images_per_class": 40})
    (alone / "mine.txt").write_text("kept", encoding="utf-8")
    plot_curves.main([str(tmp_path)])
    assert [path.name for path in alone.iterdir()] == ["mine.txt"]
    assert {path.name for path in (tmp_path / "comparison").glob("*-sweep/*")} == {
        "images_per_class.png",
        "images_per_class.svg",
    }


def test_watching_tells_of_every_epoch_until_ctrl_c(tmp_path: Path) -> None:
    """It begins before there is a folder, waits for the baseline, sees also the end, and leaves without a traceback."""
    logs = tmp_path / "logs"
    line = [sys.executable, "plot_curves.py", str(logs), "--watch", "1", "--baseline", "none"]
    with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        patience = Timer(60, process.kill)  # a line that never comes would be waited for
        patience.start()
        assert f"waiting: {logs}: no such folder" in process.stdout.readline()
        write_run(logs / "b" / "seed0", "mixup", done=3)
        assert "waiting: --baseline none: is not the name of a single arm" in process.stdout.readline()
        run = write_run(logs / "a" / "seed0", "none")
        finished = (run / "run.json").read_text(encoding="utf-8")
        change_facts(run, status="running")
        told = process.stdout.readline()
        while told and "20/20" not in told:  # the run may have been seen as it was first written, or half of it
            told = process.stdout.readline()
        assert told.endswith(f"  0 finished, {logs}/a/seed0 20/20, {logs}/b/seed0 3/20\n")
        (run / "run.json").write_text(finished, encoding="utf-8")
        assert process.stdout.readline().endswith(f"  1 finished, {logs}/b/seed0 3/20\n")
        assert (logs / "comparison/summary.md").is_file()
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == "stopped watching\n"
        patience.cancel()
    assert process.returncode == 0


# --- what is drawn


def test_a_name_may_hold_any_characters(tmp_path: Path) -> None:
    """Dollar signs would be read as a formula, and this one cannot be parsed."""
    write_run(tmp_path / r"a$\frac$b" / "seed0", "mixup")
    write_run(tmp_path / "c" / "seed0", "mixup", augment={"alpha": 0.2})
    assert plot_curves.main([str(tmp_path)]) == 0


def test_a_group_that_ends_before_the_start_is_only_in_the_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """--start 101 of a 500-epoch study must not fail on, nor hide, a short trial in the same folder."""
    write_run(tmp_path / "long" / "seed0", epochs=40)
    write_run(tmp_path / "brief" / "seed0", epochs=10)
    plot_curves.main([str(tmp_path), "--start", "21"])
    text = capsys.readouterr().out
    assert "not drawn: googlenet on emoji16, 32 px, 10 epochs" in text
    assert sorted(path.name for path in (tmp_path / "comparison").iterdir()) == [
        "googlenet-emoji16-32px-40ep",
        "summary.csv",
        "summary.md",
    ]
    assert (tmp_path / "comparison" / "summary.md").read_text(encoding="utf-8").count(".png") == 3


# --- mistakes of the user


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--start", "9", "--end", "3"], "--end 3 lies before --start 9"),
        (["--start", "0"], "counted from 1"),
        (["--start", "21"], "the longest has 20 epochs"),
        (["--baseline", "mixpu"], "there are none, mixup"),
    ],
)
def test_options_that_cannot_be_meant(tmp_path: Path, options: Sequence[str], words: str) -> None:
    write_run(tmp_path / "a" / "seed0", "none")
    write_run(tmp_path / "b" / "seed0", "mixup")
    with pytest.raises(UserError, match=words):
        plot_curves.main([str(tmp_path), *options])
    assert not (tmp_path / "comparison").exists()


def test_output_that_cannot_be_written(tmp_path: Path) -> None:
    write_run(tmp_path / "logs" / "seed0")
    (tmp_path / "taken").touch()
    with pytest.raises(UserError, match="choose a folder with --out"):
        plot_curves.main([str(tmp_path / "logs"), "--out", str(tmp_path / "taken")])


def test_help_needs_no_slow_library() -> None:
    """They take seconds to import; a mistyped option should answer at once."""
    code = "import sys, plot_curves; sys.exit(bool({'paddle', 'matplotlib', 'scipy', 'plotly'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


# --- another list


@pytest.mark.parametrize(
    ("lang", "phrase"), [("en", "none of whose images were trained on"), ("zh", "其图像都没有参与训练")]
)
def test_a_verdict_on_another_list_lies_beside_the_one_in_training(tmp_path: Path, lang: str, phrase: str) -> None:
    """Catches the one overwriting the other, and a page that does not say which it is."""
    pytest.importorskip("plotly")
    for mode, hits in (("none", 2), ("mixup", 5)):
        for seed in range(6):
            folder = write_run(tmp_path / mode / f"seed{seed}", mode, seed)
            write_evaluation(folder, np.eye(16)[[0] * hits + [1] * (6 - hits)])
    (tmp_path / "none" / "seed5" / "evaluation-Test-last" / "predictions.npz").unlink()
    assert plot(tmp_path).returncode == 0
    before = (tmp_path / "comparison/summary.md").read_text(encoding="utf-8")
    done = plot(tmp_path, "--evaluation", "evaluation-Test-last", "--html", "--explain", "--lang", lang)
    assert (done.returncode, done.stderr) == (0, "")
    out = tmp_path / "comparison-Test-last"
    left_out = f"{tmp_path}/none/seed5: no evaluation-Test-last/predictions.npz"
    for text in (done.stdout, *((out / name).read_text(encoding="utf-8") for name in ("summary.md", "report.html"))):
        for words in (phrase, left_out):
            assert "".join(words.split()) in "".join(text.split())  # lines are broken anywhere
    rows = {row["arm"]: row for row in records(out / "summary.csv")}
    assert float(rows["mixup"]["unit"]) == pytest.approx(5 / 6) and rows["mixup"]["compared"] == "evaluation"
    assert (rows["mixup"]["pairs"], rows["none"]["n"]) == ("5", "5")
    assert (tmp_path / "comparison/summary.md").read_text(encoding="utf-8") == before


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--evaluation", "evaluation-Test-last"], "no run can be compared by it; evaluate.py makes"),
        (["--evaluation", "logs/a/seed0/evaluation"], "is the name of a folder that every run has"),
        (["--evaluation", "evaluation", "--watch"], "--watch waits for epochs"),
    ],
)
def test_mistakes_about_another_list(tmp_path: Path, options: list[str], reason: str) -> None:
    write_run(tmp_path / "seed0")
    done = plot(tmp_path, *options)
    assert done.returncode == 2 and reason in done.stderr and "Traceback" not in done.stderr
    assert not list(tmp_path.glob("comparison*"))


def test_a_seed_that_was_made_elsewhere_is_named_on_screen_and_in_both_documents(tmp_path: Path) -> None:
    """With another OpenCV a third of the images have other pixels: no pair, and the reader must see why."""
    for mode in ("none", "mixup"):
        for seed in range(3):
            machine = {"versions": {"opencv": "5.0" if (mode, seed) == ("mixup", 2) else "4.10"}, "cpu": f"CPU {seed}"}
            write_run(tmp_path / mode / f"seed{seed}", mode, seed, machine=machine)
    done = plot(tmp_path, "--html", "--explain")
    assert (done.returncode, done.stderr) == (0, "")
    said = "Not paired: seed 2, not made alike: opencv 5.0 in mixup, 4.10 in none."
    pages = [(tmp_path / "comparison" / name).read_text() for name in ("summary.md", "report.html")]
    for text in (done.stdout, *pages):
        assert said in " ".join(text.split()) and "no interval from 2 seeds" in text
    assert "CPU CPU 0, CPU 1, CPU 2" in pages[1] and "opencv 4.10, 5.0" in pages[1]  # shown, and no reason to refuse


def test_files_that_were_edited_are_named_and_left_out(tmp_path: Path) -> None:
    """One digit more, in a curve or in run.json, would be a result that no one has trained."""
    for seed in range(3):
        write_run(tmp_path / "none" / f"seed{seed}", "none", seed)
    curve = np.load(tmp_path / "none/seed0/accEval.npy")
    np.save(tmp_path / "none/seed0/accEval.npy", curve + 0.01)
    facts = tmp_path / "none/seed1/run.json"
    facts.write_text(facts.read_text().replace('"seed": 1', '"seed": 2'))
    done = plot(tmp_path, "--explain")
    assert done.returncode == 0
    for file in (tmp_path / "none/seed0/accEval.npy", facts):
        assert f"left out: {file} is damaged: " in " ".join(done.stdout.split())  # it is wrapped
    assert "(n = 1)" in done.stdout
