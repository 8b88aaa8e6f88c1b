"""compare.py: it stops where a person must decide, goes on where it stopped, and trains nothing twice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import compare
from suite.report.length import too_short
from tests.fixtures.commands import ROOT, SMALL_VGG, Command
from tests.fixtures.images import make_image_set
from tests.fixtures.runs import write_run
from tests.fixtures.walking import Walker

STUDY = f"""
base: {ROOT}/configs/vgg_none.yaml
set: {{train.epochs: 1, train.device: cpu}}
axes:
  arm:
    none: {{augment.mode: none}}
    mixup: {{augment.mode: mixup}}
seeds: [0, 1, 2]
"""


@pytest.fixture
def walker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Walker:
    """The steps run within this process."""
    walker = Walker(monkeypatch, capsys)

    def step(script: str, *arguments: object) -> None:
        print("$", script)
        if code := walker.call([sys.executable, str(ROOT / script), *map(str, arguments)]):
            raise compare.StepEnded(code)

    monkeypatch.setattr(compare, "step", step)
    monkeypatch.chdir(tmp_path)
    make_image_set(Path("photos"))
    Path("my.yaml").write_text(STUDY)
    return walker


def steps(printed: str) -> list[str]:
    return [line.removeprefix("$ ") for line in printed.splitlines() if line.startswith("$ ")]


def test_from_the_folder_to_the_report(walker: Walker) -> None:
    """A night of training before anyone has seen the sheet, or with a length that the pilot has found too short."""
    for name in ("Train.txt", "Eval.txt"):
        (Path("photos") / name).unlink()
    first = [sys.executable, str(ROOT / "compare.py"), "photos", "--study", "my.yaml", "--set", *SMALL_VGG]
    assert steps(walker.run(first)) == ["prepare_data.py", "preview_augment.py"]
    assert not Path("logs").exists()

    assert steps(walker.run(walker.next())) == ["train.py"]
    assert "The pilot finds 1 epochs too few.\nCaution: none is still under-fitted" in walker.printed
    assert sorted(path.name for path in Path("logs/photos-my").glob("*/seed*")) == ["seed0", "seed0", "seed1", "seed1"]
    longer = walker.next()
    assert longer[longer.index("--epochs") :] == ["--epochs", "2", "--go"]

    anyway = walker.next("or: ")
    assert steps(walker.run(anyway)) == ["train.py", "train.py", "plot_curves.py"]
    assert walker.printed.count("finished and left as it is") == 8  # the pilot's four, by the pilot and by the study
    assert Path("logs/photos-my/comparison/report.html").is_file()
    walker.run(anyway)
    assert walker.printed.count("finished and left as it is") == 4 + 6

    assert steps(walker.run(longer)) == ["train.py"]
    assert {path.parent.parent.name for path in Path("logs").glob("*/*/seed0")} == {"photos-my", "photos-my-2ep"}


def test_a_step_that_fails_ends_the_way(tmp_path: Path, command: Command) -> None:
    """A sheet of lists that could not be made, and an exit code of success."""
    (tmp_path / "empty").mkdir()
    done = command("compare.py", "empty", "--go")
    assert done.returncode == 2 and done.stderr.startswith("error: ") and "Traceback" not in done.stderr
    assert done.stdout.count("$ ") == 1 and "the same command goes on: " in done.stdout


def test_a_signal_reaches_the_step(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Ctrl-C that leaves a night of training behind, which no one sees."""
    sleeping = tmp_path / "sleep.py"
    sleeping.write_text("import sys, time\nprint('here', flush=True)\ntime.sleep(60)\n")
    program = "import sys, compare; compare.step(sys.argv[1])"
    line = [sys.executable, "-c", program, str(sleeping)]
    with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stderr
        while process.stdout.readline() != "here\n":
            assert process.poll() is None
        process.terminate()
        assert "StepEnded: -15" in process.stderr.read()


@pytest.mark.parametrize(
    ("clean", "accuracy", "why"),
    [
        (0.95, [0.6] * 20, []),
        (0.4, [0.6] * 20, ["under-fitted"]),
        (0.95, [0.03 * epoch for epoch in range(1, 21)], ["rising"]),
    ],
)
def test_a_pilot_is_too_short_by_the_rules_of_the_report(
    clean: float, accuracy: list[float], why: list[str], tmp_path: Path
) -> None:
    """Another rule than the report's; and the seeds of the study, which would change the pilot's answer."""
    for seed in (0, 1, 2):
        curves = {"accEval": accuracy, "accTrainClean": clean} if seed < 2 else {"accTrainClean": 0.1}
        write_run(tmp_path / f"none/seed{seed}", "none", seed, curves=curves)
    said = too_short(tmp_path, [0, 1])
    assert len(said) == len(why) and all(word in sentence for word, sentence in zip(why, said, strict=True))
