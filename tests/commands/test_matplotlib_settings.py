"""Figures look the same whatever the user has set for matplotlib."""

from __future__ import annotations

from pathlib import Path

from tests.fixtures.commands import ROOT, SMALL_VGG, Command
from tests.fixtures.images import make_image_set
from tests.fixtures.runs import write_run

THEIRS = "text.usetex: True\nfigure.facecolor: black\naxes.titlesize: 40\nsavefig.dpi: 30\nlines.linewidth: 9\n"


def figures(folder: Path, command: Command, **environment: str) -> dict[str, bytes]:
    """Every figure of every command, as the bytes of its file."""
    make_image_set(folder / "set")
    for seed in range(2):
        write_run(folder / f"plotted/none/seed{seed}", seed=seed)
    settings = ["--set", *SMALL_VGG, "data.root=set", "train.epochs=1"]
    config = ["--config", ROOT / "configs/vgg_mixup.yaml"]
    for line in (
        ["train.py", *config, *settings],
        ["evaluate.py", "logs/vgg_mixup/seed0"],
        ["preview_augment.py", *config, *settings],
        ["plot_curves.py", "plotted"],
    ):
        done = command(*line, cwd=folder, **environment)
        assert done.returncode == 0, done.stderr
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.suffix in (".png", ".svg") and "set" not in file.parts
    }


def test_a_notebook_s_backend_and_the_user_s_style_do_not_leak_in(tmp_path: Path, command: Command) -> None:
    """Jupyter and Colab export a backend that may be missing here: all three commands ended with a traceback."""
    plain, styled = tmp_path / "plain", tmp_path / "styled"
    for folder in (plain, styled):
        folder.mkdir()
    (styled / "matplotlibrc").write_text(THEIRS)
    ours = figures(plain, command)
    theirs = figures(styled, command, MPLBACKEND="nbagg_of_another_version")
    assert len(ours) > 8
    assert [name for name in ours if ours[name] != theirs.get(name)] == []
    assert ours.keys() == theirs.keys()
