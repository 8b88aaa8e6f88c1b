"""`prepare_data.py`, run as a user runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.fixtures.preparation import COMMAND, class_folders, lists


def test_as_a_process(tmp_path: Path) -> None:
    """Imports, exit codes, a traceback shown to the user: all that a call within this process would hide."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(COMMAND), str(root), *arguments]
        return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)

    root = class_folders(tmp_path / "my photos", cat=5, dog=5)
    done = run()
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(lists(root)) == ["Eval.txt", "Train.txt", "classes.txt"]
    again = run("--seed", "1")
    assert (again.returncode, again.stdout) == (2, "")
    assert again.stderr.startswith(f"error: {root}: Train.txt") and again.stderr.count("\n") == 1
