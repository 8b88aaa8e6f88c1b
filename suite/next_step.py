"""The command that comes next: every line `next: ...` that a command prints is made here.

A line can be pasted into the shell as it stands, from the directory in which it was printed. It names the interpreter
in use and what the user has chosen. Words behind # say when to run it; the shell leaves them out.
"""

from __future__ import annotations

import importlib.util
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from suite.machine import processors

ROOT = Path(__file__).parent.parent

STUDY = "configs/studies/mild.yaml"
"""The study for a first night, relative to `ROOT`: small images, which a CPU can do, and operations that leave a photo
upright."""

FOLDS = "configs/studies/folds.yaml"
"""The same for the lists that `prepare_data.py --folds` makes."""

KNOWN_FOLDS = 5
"""How many folds this study names."""

NEW_PHOTOS = "path/to/new_photos"

MOST_JOBS = 8
"""Each job is a process with Paddle and all images in its memory."""


def command(script: str, *arguments: object) -> str:
    """The call of a command of this suite, quoted for the shell."""
    return shlex.join([from_here(sys.executable), from_here(ROOT / script), *map(str, arguments)])


def again() -> str:
    """The call of this process once more. It continues, as `--fresh`, which would start over, is left out."""
    return shlex.join([from_here(sys.executable), *(word for word in sys.argv if word != "--fresh")])


def from_here(path: str | Path) -> str:
    """The path relative to the working directory where it lies below that, otherwise absolute.

    Links stay: the interpreter of a virtual environment is one.
    """
    whole, here = Path(path).absolute(), Path.cwd()
    return str(whole.relative_to(here) if whole.is_relative_to(here) else whole)


def jobs() -> int:
    """How many runs at a time this machine has cores for."""
    return min(processors(), MOST_JOBS)


def setting(overrides: Sequence[str]) -> list[str]:
    """The option `--set`, where there is something to set."""
    return ["--set", *overrides] if overrides else []


def after_lists(overrides: Sequence[str], folds: int | None) -> str:
    """A look at what a study does to these images, then the study. `overrides` say where images and lists are."""
    study = from_here(ROOT / (FOLDS if folds else STUDY))
    lines = [f"first: let `fold` in {study} name fold1 to fold{folds}"] if folds not in (None, KNOWN_FOLDS) else []
    lines.append("next: " + command("preview_augment.py", "--study", study, *setting(overrides)))
    lines.append("then: " + _train(["--study", study], overrides))
    return "\n".join(lines)


def after_preview(what: Sequence[str], overrides: Sequence[str]) -> str:
    """The training of what was shown; `what` is `--study FILE` or `--config FILE`."""
    return "next: " + _train(what, overrides)


def _train(what: Sequence[str], overrides: Sequence[str]) -> str:
    several = ["--jobs", jobs()] if "--study" in what else []
    return command("train.py", *what, *several, *setting(overrides))


def with_seeds(call: str, seeds: Sequence[int]) -> str:
    """A call of `train.py` for these seeds in place of its own; without any, as it was."""
    words = shlex.split(call)
    if not seeds:
        return call
    if "--seed" in words:
        start = words.index("--seed")
        end = next((place for place in range(start + 1, len(words)) if not words[place].isdecimal()), len(words))
        del words[start:end]
    return shlex.join([*words, "--seed", *map(str, seeds)])


def after_run(folder: Path) -> str:
    """One run is judged by itself."""
    return "next: " + command("evaluate.py", folder)


def after_runs(folder: Path) -> str:
    """The runs below a folder are compared."""
    return "next: " + command("plot_curves.py", folder, *page())


def after_comparison(tops: Sequence[Path], test_list: str, folder: Path, baseline: str | None) -> str:
    """The runs below `tops` are judged on a list that no choice has seen, then compared again.

    The runs lie two folders below: `top/arm/seed0`.
    """
    runs = " ".join(f"{shlex.quote(str(top))}/*/seed*" for top in tops)
    judging = f"{command('evaluate.py')} {runs} --list {shlex.quote(test_list)}"
    name = f"evaluation-{Path(test_list).stem}-last"
    return "\n".join(
        [
            f"next: {judging}    # once, when no further night is planned",
            f"then: {_comparison(folder, name, baseline)}",
        ]
    )


def after_evaluations(folder: Path, name: str) -> str:
    """The runs below a folder are compared by what `evaluate.py` wrote into the folder `name` of each."""
    return "next: " + _comparison(folder, name)


def _comparison(folder: Path, evaluation: str, baseline: str | None = None) -> str:
    over = ["--baseline", baseline] if baseline else []
    return command("plot_curves.py", folder, *over, "--evaluation", evaluation, *page())


def after_answer(run: Path) -> str:
    """The network of a run names the classes of new photos."""
    return "next: " + command("predict.py", run, NEW_PHOTOS)


def after_sheet(asked: Sequence[object]) -> str:
    """`compare.py` goes on with the training."""
    return "next: " + command("compare.py", *asked, "--go")


def after_short_pilot(asked: Sequence[object], length: Sequence[object], longer: Sequence[object]) -> str:
    """`compare.py` trains longer, or goes on as it is."""
    return "\n".join(
        [
            "next: " + command("compare.py", *asked, *longer, "--go"),
            "or:   " + command("compare.py", *asked, *length, "--anyway"),
        ]
    )


def page() -> list[str]:
    """The option that makes the page, where the package for it is installed."""
    return ["--html"] if importlib.util.find_spec("plotly") else []
