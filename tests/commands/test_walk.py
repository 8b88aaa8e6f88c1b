"""A new user's way from a folder of photos to the answer and its use, along the printed commands alone."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.fixtures.commands import ROOT, records
from tests.fixtures.walking import Walker

FAST = ["model.conv_arch=[[1,4]]", "model.fc=[8]", "data.image_size=16", "train.epochs=1", "train.device=cpu"]
"""What the test sets beside the printed command, so that a night takes seconds."""


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of class folders in the working directory, with a blank in its name."""
    monkeypatch.chdir(tmp_path)
    folder = Path("my photos")
    for name in ("bird", "tool"):
        (folder / name).mkdir(parents=True)
        for file in sorted((ROOT / "datasets/emoji16" / name).iterdir())[:10]:
            shutil.copy(file, folder / name)
    return folder


def test_every_command_leads_to_the_next(
    photos: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A next step that is a dead end, that forgets the user's folder, or that takes days on a CPU."""
    walker = Walker(monkeypatch, capsys)
    walker.run([sys.executable, str(ROOT / "prepare_data.py"), "my photos", "--test", "0.2"])
    for script in ("preview_augment.py", "train.py", "plot_curves.py", "evaluate.py", "plot_curves.py"):
        words = walker.next()
        assert Path(words[1]).name == script
        walker.run([*words, *(FAST if script == "train.py" else [])])
    assert Path("previews/mild-root_my-photos/arms.png").is_file()
    assert {len(list(Path("logs/mild", arm).glob("seed*"))) for arm in ("none", "mixup")} == {8}
    for report in ("comparison", "comparison-Test-last"):
        assert (Path("logs/mild") / report / "report.html").is_file()
    python, script, run, new_photos = walker.next()
    assert Path(script).name == "predict.py" and Path(run).parent.parent == Path("logs/mild")
    assert new_photos == "path/to/new_photos"
    walker.run([python, script, run, "my photos"])
    [table] = Path("predictions").glob("my photos-*/predictions.csv")
    assert len(records(table)) == 20
