"""One kind of bad input for each reader, given to the commands themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.bad_input import (
    HTML,
    NO_IMAGE,
    NO_RUN_HERE,
    NO_RUNS,
    REPLACE,
    SEVERAL_MISTAKES,
    TWO_LABELS,
    Case,
    Spoil,
    as_it_is,
    assert_says,
    both,
    everything,
    written,
)
from tests.fixtures.commands import ROOT, SMALL_VGG, Command


def installed(*builds: str) -> Spoil:
    """What pip leaves of these builds, in a folder that Python searches first."""
    return both(
        *(
            written(f"{build}-2.6.2.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {build}\nVersion: 2.6.2\n")
            for build in builds
        )
    )


MISSING = Case(
    written("paddle.py", "raise ModuleNotFoundError(\"No module named 'paddle'\")"),
    "Paddle cannot be imported (No module named 'paddle'); install it with `pip install '.[cpu]'`, or see README.md "
    "for a GPU",
)

BOTH_BUILDS = Case(
    installed("paddlepaddle", "paddlepaddle_gpu"),
    "paddlepaddle 2.6.2 and paddlepaddle-gpu 2.6.2 are both installed and overwrite each other; remove both with `pip "
    "uninstall paddlepaddle paddlepaddle-gpu` and install one of them, see README.md",
)


SHORT = [*SMALL_VGG, "train.epochs=1"]  # should it begin to train after all
ON_IMAGES = ["--config", ROOT / "configs/vgg_none.yaml", "--set", "data.root={root}", *SHORT]

COMMANDS = {
    "list": ("train.py", ON_IMAGES, TWO_LABELS),
    "image": (
        "train.py",
        ON_IMAGES,
        Case(HTML, f"{{root}}/Train.txt:2: ant/2.png: {NO_IMAGE}\n{REPLACE}"),
    ),
    "configuration": ("train.py", ["--config", "{root}/my.yaml", "--seed", 0, 1], SEVERAL_MISTAKES),
    "two seeds": (
        "train.py",
        ["--config", "{root}/my.yaml", "--seed", 0, 1, "--set", "train={seed: 3}"],
        Case(written("my.yaml", ""), "train.seed is set to 3, but the seeds are those of --seed; take it out"),
    ),
    "two seeds in a study": (
        "train.py",
        ["--study", "{root}/my.yaml"],
        Case(
            written("my.yaml", f"base: {ROOT}/configs/vgg_none.yaml\naxes: {{arm: {{a: {{train.seed: 1}}}}}}\n"),
            "{root}/my.yaml: train.seed is set to 1, but the seeds are those of the study's `seeds` or --seed; "
            "take it out",
        ),
    ),
    "class folders": (
        "prepare_data.py",
        ["{root}/ant"],
        Case(
            as_it_is,
            "{root}/ant: has no class folders; put the images of each class into a folder of its own in it",
        ),
    ),
    "logs": ("plot_curves.py", ["{root}"], Case(as_it_is, NO_RUNS)),
    "run": ("evaluate.py", ["{root}"], Case(as_it_is, NO_RUN_HERE)),
    "Paddle missing": ("train.py", ON_IMAGES, MISSING),
    "both builds of Paddle": ("train.py", ON_IMAGES, BOTH_BUILDS),
}


@pytest.mark.parametrize(("script", "arguments", "case"), COMMANDS.values(), ids=COMMANDS.keys())
def test_commands(
    root: Path, command: Command, monkeypatch: pytest.MonkeyPatch, script: str, arguments: list[Any], case: Case
) -> None:
    """One of each kind by the command itself: one that bypasses `run_command`, warns, or makes its folders first."""
    case.spoil(root)
    monkeypatch.setenv("PYTHONPATH", str(root))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    before = everything(root.parent)
    done = command(script, *(str(argument).replace("{root}", str(root)) for argument in arguments))
    assert (done.returncode, done.stdout) == (2, "")
    assert everything(root.parent) == before
    assert_says(done.stderr, case.answer, root)
