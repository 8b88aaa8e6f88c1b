"""`prepare_data.py`, run as a user runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.fixtures.commands import ROOT, SMALL_VGG, Command
from tests.fixtures.images import encoded, photo
from tests.fixtures.odd_images import ODD_EXIF, with_exif, with_long_text
from tests.fixtures.preparation import COMMAND, class_folders, lists, write


def test_as_a_process(tmp_path: Path) -> None:
    """Imports, exit codes, a traceback shown to the user: all that a call within this process would hide."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(COMMAND), str(root), *arguments]
        return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)

    root = class_folders(tmp_path / "my photos", cat=5, dog=5)
    done = run()
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(lists(root)) == ["Eval.txt", "Train.txt", "classes.txt"]
    again = run("--split-seed", "1")
    assert (again.returncode, again.stdout) == (2, "")
    assert again.stderr.startswith(f"error: {root}: Train.txt") and again.stderr.count("\n") == 1


def test_odd_files_with_sound_pictures_pass_without_a_word(tmp_path: Path, command: Command) -> None:
    """Pillow's warnings, which name no file, in the output; photos refused for their size, pictures for their text."""
    root = class_folders(tmp_path / "images", ant=5, bee=5)
    for number, directory in enumerate(ODD_EXIF.values(), 50):
        write(root / "ant" / f"{number}.jpe", with_exif(directory, number))
    write(root / "ant" / "text.png", with_long_text(70))
    write(root / "bee" / "phone.jfif", encoded(photo(71).resize((12_000, 9_000)), "JPEG", quality=30))
    prepared = command("prepare_data.py", root)
    assert (prepared.returncode, prepared.stderr) == (0, "")
    assert "skipped" not in prepared.stdout and "left out" not in prepared.stdout and "note" not in prepared.stdout
    settings = [f"data.root={root}", *SMALL_VGG, "train.epochs=1", "train.device=cpu", "data.cache=none"]
    trained = command("train.py", "--config", ROOT / "configs/vgg_none.yaml", "--set", *settings)
    assert trained.returncode == 0, trained.stderr
    assert "EXIF" not in trained.stderr and "PIL" not in trained.stderr
