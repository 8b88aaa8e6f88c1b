"""The recipe that CONTRIBUTING.md shows works as it is written there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.fixtures.commands import ROOT, SMALL_VGG


def insert(file: Path, before: str, line: str) -> None:
    """Put the line before the first place where `before` stands."""
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, f"{line}\n{before}", 1), encoding="utf-8")


def test_the_recipe_of_contributing_trains_and_can_be_previewed(image_set: Path, tmp_path: Path) -> None:
    """Catches a document that has been left behind, and a table that a new set does not reach."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    recipe, lines = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    project = tmp_path / "project"
    for folder in ("augment", "models", "suite"):
        shutil.copytree(ROOT / folder, project / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for command in ("train.py", "preview_augment.py"):
        shutil.copy(ROOT / command, project)
    (project / "augment/operations/fog.py").write_text(recipe, encoding="utf-8")
    imported, entry, mode = lines.splitlines()
    table = project / "augment/operations/table.py"
    insert(table, "from augment.operations.library", imported)
    insert(table, '    "standard": STANDARD,', entry)
    insert(project / "augment/settings.py", '    "standard": Mode(', mode)

    (project / "small.yaml").write_text(f"data: {{root: {image_set}, image_size: 16}}\n")
    chosen = ["--set", "augment.mode=fog", "train.epochs=1"]

    def run(command: str, *arguments: str) -> str:
        line = [sys.executable, command, "--config", "small.yaml", *chosen, *arguments]
        done = subprocess.run(line, cwd=project, capture_output=True, text=True, timeout=200)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert "fog: standard operations (crop to 35% to 100%, flip), then fog operations" in run("preview_augment.py")
    run("train.py", *SMALL_VGG, "train.device=cpu")
    assert list((project / "logs").rglob("accEval.npy"))
