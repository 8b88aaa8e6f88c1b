"""Too little memory, and a GPU that fails: one sentence each, and a run that has done nothing takes other settings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import paddle
import pytest

from suite import backend
from suite.errors import RunFailed
from suite.runs.facts import read_facts
from tests.fixtures.commands import ROOT, SMALL_VGG, Command
from tests.fixtures.images import make_image_set

CUDA = (
    "(External) CUDA error(209), no kernel image is available for execution on the device. \n"
    "  [Hint: 'cudaErrorNoKernelImageForDevice'. This indicates that there is no kernel image] (at /paddle/phi/x.cc:7)"
)


def limited(kilobytes: int, *line: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command that may have so much memory."""
    shell = ["bash", "-c", f'ulimit -v {kilobytes}; exec "$@"', "bash", sys.executable]
    return subprocess.run([*shell, *map(str, line)], cwd=cwd, capture_output=True, text=True, check=False, timeout=300)


def training(image_set: Path, *overrides: str) -> list[object]:
    settings = [*SMALL_VGG, f"data.root={image_set}", "train.epochs=2", "train.batch_size=4", *overrides]
    return [ROOT / "train.py", "--config", ROOT / "configs/vgg_none.yaml", "--set", *settings]


def test_a_batch_that_is_too_large_can_be_made_smaller(image_set: Path, tmp_path: Path) -> None:
    """Before: a traceback, and then the smaller batch was refused, since the run had begun with the larger one."""
    wide = ["data.image_size=256", "model.conv_arch=[[1,1024]]", "train.batch_size=24", "data.cache=none"]
    done = limited(5_000_000, *training(image_set, *wide), cwd=tmp_path)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    [line] = [line for line in done.stderr.splitlines() if line.startswith("stopped: ")]
    assert line.startswith("stopped: there is too little memory (") and "; lower train.batch_size, " in line
    folder = tmp_path / "logs/vgg_none/seed0"
    facts = read_facts(folder)
    assert facts is not None and facts.epochs_done == 0
    assert "there is too little memory" in (folder / "train.log").read_text()
    done = limited(5_000_000, *training(image_set), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "cannot be repeated bit for bit" not in done.stdout
    facts = read_facts(folder)
    assert facts is not None and facts.finished


def test_a_run_with_an_epoch_keeps_its_settings(image_set: Path, tmp_path: Path, command: Command) -> None:
    _, *arguments = training(image_set)
    assert command("train.py", *arguments).returncode == 0
    done = command("train.py", *arguments, "train.batch_size=5")
    assert done.returncode == 2 and "train.batch_size was 4 when this run began and is 5 now" in done.stderr


def test_images_that_do_not_fit_are_one_sentence(tmp_path: Path) -> None:
    image_set = make_image_set(tmp_path / "set", train_per_class=200)
    done = limited(1_500_000, *training(image_set, "data.image_size=1024", "data.cache=none"), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "error: 612 images of 1024 px take 1.93 GB of memory, more than there is; lower data.image_size, list fewer "
        "images, or name a folder on a disk as data.cache\n"
    )


def test_too_little_memory_in_evaluation_is_one_sentence(image_set: Path, tmp_path: Path, command: Command) -> None:
    _, *arguments = training(image_set)
    assert command("train.py", *arguments).returncode == 0
    program = (
        f"import os, sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "import evaluate\n"
        "from suite.errors import run_command\n"
        "def predict(*_): raise MemoryError('(ResourceExhausted) Out of memory error on GPU 0. Cannot allocate 2GB')\n"
        "evaluate.predict = predict\n"
        "sys.argv[1:] = ['logs/vgg_none/seed0']\n"
        "run_command(evaluate.main)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("stopped: there is too little memory (Out of memory error on GPU 0. Cannot allocate")
    assert "--list with fewer images" in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.parametrize("error", [OSError(CUDA), RuntimeError(CUDA)])
def test_an_error_of_cuda_names_card_and_build(error: Exception) -> None:
    """Paddle raises it as an OSError, which was told as a file that cannot be written."""
    with pytest.raises(RunFailed) as failed, backend.trouble_in_words("-"):
        raise error
    said = str(failed.value)
    assert said.startswith(
        "the GPU failed: CUDA error(209), no kernel image is available for execution on the device; "
    )
    assert f"with Paddle {paddle.__version__}, built for CUDA " in said and "\n" not in said


def test_other_errors_pass() -> None:
    with pytest.raises(OSError, match="disk"), backend.trouble_in_words("-"):
        raise OSError(5, "disk")


def test_a_run_that_the_system_has_killed_says_so(image_set: Path, tmp_path: Path, command: Command) -> None:
    """The kernel's killer of processes that need too much leaves no word of its own."""
    _, *arguments = training(image_set)
    line = [sys.executable, str(ROOT / "tests/reliability/faults.py"), *map(str, arguments), "--seed", "0", "1"]
    environment = os.environ | {"FAULT": "kill half last.npz 1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(line, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout.count("failed (exit code -9): ") == 4  # when it happens, and in the end
    assert "it was killed, perhaps for want of memory: try fewer --jobs" in done.stdout
