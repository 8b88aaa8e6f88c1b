"""What comes from a stranger is read and never run: real payloads through the real commands, and a look at every call.

Every payload makes one and the same file when it works; a test passes when that file is not there, and the command has
said in one line what it refuses.
"""

from __future__ import annotations

import ast
import io
import os
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import EpsImagePlugin, Image

from suite.config.reading import load_config
from suite.data import images
from suite.training.run import train
from tests.fixtures.commands import ROOT, SMALL_VGG, Command
from tests.fixtures.facts import change_config, change_facts
from tests.fixtures.images import make_image_set

SETTINGS = [*SMALL_VGG, "augment.mode=none", "train.epochs=2", "train.device=cpu"]


class Payload:
    """When it is unpickled, it makes the file `mark`."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (self.mark,))


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """The file that no test may find."""
    return tmp_path / "was_here"


def payloads(mark: Path) -> dict[str, bytes]:
    """File contents that run code in a careless reader."""
    objects = np.empty(2, object)
    objects[:] = Payload(mark)
    array, archive = io.BytesIO(), io.BytesIO()
    np.save(array, objects)
    np.savez(archive, **{"model/a": objects, "facts": objects, "digest": objects})  # type: ignore[arg-type]
    return {
        "pickle": pickle.dumps({"epochs_done": 1, "model/a": Payload(mark)}),
        "object array": array.getvalue(),
        "archive of object arrays": archive.getvalue(),
    }


KINDS = list(payloads(Path()))


def spoil(folder: Path, mark: Path, kind: str) -> None:
    """Put the payload in the place of every binary file of a run."""
    for file in [*folder.glob("*.npy"), *folder.glob("*.npz")]:
        file.write_bytes(payloads(mark)[kind])


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of two epochs in logs/small/seed0, with its images and its configuration."""
    home = tmp_path_factory.mktemp("trained")
    root = make_image_set(home / "images", train_per_class=4)
    (home / "small.yaml").write_text(f"data:\n  root: {root}\n")
    assert train(load_config(home / "small.yaml", SETTINGS), home / "logs/small/seed0") == 0
    return home


@pytest.fixture
def run(trained: Path, tmp_path: Path) -> Path:
    """A copy of the run for a test to spoil."""
    return shutil.copytree(trained / "logs/small/seed0", tmp_path / "logs/small/seed0")


@pytest.mark.parametrize("kind", KINDS)
def test_the_payloads_work(mark: Path, kind: str) -> None:
    """Otherwise all tests below would pass for nothing."""
    stream = io.BytesIO(payloads(mark)[kind])
    loaded = np.load(stream, allow_pickle=True)
    if isinstance(loaded, np.lib.npyio.NpzFile):
        loaded = dict(loaded)
    assert mark.exists()


# --- files of a run -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["pickle", "archive of object arrays"])
def test_training_does_not_go_on_from_a_payload(
    trained: Path, run: Path, mark: Path, kind: str, command: Command
) -> None:
    change_facts(run, status="running")
    spoil(run, mark, kind)
    done = command("train.py", "--config", trained / "small.yaml", "--logs", run.parents[1], "--set", *SETTINGS)
    assert (done.returncode, mark.exists(), "Traceback" in done.stderr) == (2, False, False), done.stderr
    assert "last.npz is damaged or was not written by this suite" in done.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_a_payload_is_not_judged(run: Path, mark: Path, kind: str, command: Command) -> None:
    spoil(run, mark, kind)
    done = command("evaluate.py", run, "--device", "cpu", "--checkpoint", "best")
    assert (done.returncode, mark.exists(), "Traceback" in done.stderr) == (2, False, False), done.stderr
    assert "best.npz is damaged or was not written by this suite" in done.stderr
    stranger = run / "from_the_net.npz"
    stranger.write_bytes(payloads(mark)[kind])
    done = command("evaluate.py", run, "--device", "cpu", "--checkpoint", stranger)
    assert (done.returncode, mark.exists(), "Traceback" in done.stderr) == (2, False, False), done.stderr
    assert "from_the_net.npz is damaged or was not written by this suite" in done.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_payloads_are_no_curves(run: Path, mark: Path, kind: str, command: Command) -> None:
    spoil(run, mark, kind)
    done = command("plot_curves.py", run.parents[1])
    assert (done.returncode, mark.exists(), "Traceback" in done.stderr) == (2, False, False), done.stderr
    assert "no runs to compare" in done.stderr
    assert "lossTrain.npy" in done.stderr


# --- configurations -------------------------------------------------------------------------------------------------


def tagged(mark: Path) -> list[str]:
    """YAML values that run code in `yaml.unsafe_load`, and text that runs in `eval`."""
    return [
        f"!!python/object/apply:os.system ['touch {mark}']",
        f"!!python/object/apply:subprocess.check_output [[touch, {mark}]]",
        f"!!python/object/new:pathlib.Path.touch [!!python/object/apply:pathlib.Path [{mark}]]",
        "!!python/name:os.system",
        "!!python/module:this",
        f"__import__('pathlib').Path('{mark}').touch()",
    ]


def test_a_configuration_cannot_run_code(run: Path, mark: Path, command: Command) -> None:
    """As the file that is trained from, as the copy in a run folder, and as an override."""
    config = mark.with_name("stranger.yaml")
    training = ["train.py", "--logs", mark.with_name("new"), "--config"]
    change_config(run, "lr: 0.0001", f"lr: {tagged(mark)[0]}")
    attempts = [(["evaluate.py", run], tagged(mark)[0]), (["plot_curves.py", run.parents[1]], tagged(mark)[0])]
    attempts += [([*training, config], value) for value in tagged(mark)]
    plain = ROOT / "configs/vgg_none.yaml"
    attempts += [([*training, plain, "--set", f"train.lr={value}"], value) for value in tagged(mark)[::5]]
    for line, value in attempts:
        config.write_text(f"train:\n  lr: {value}\n")
        done = command(*line)
        assert (done.returncode, mark.exists(), "Traceback" in done.stderr) == (2, False, False), done.stderr
        if "--set" in line:
            assert done.stderr.startswith("error: --set train.lr=")
        else:
            expected = "tags (!name) are not used here" if "!!" in value else "train.lr: should be a number"
            assert expected in done.stderr


# --- lists and images -----------------------------------------------------------------------------------------------


def test_a_list_reaches_no_file_outside_its_folder(image_set: Path, tmp_path: Path, command: Command) -> None:
    """And opens neither a device that never ends nor a pipe that nobody writes to."""
    secret = tmp_path / "secret.png"
    Image.new("RGB", (8, 8)).save(secret)
    (image_set / "red/link.png").symlink_to(secret)
    (image_set / "red/zero.png").symlink_to("/dev/zero")
    (image_set / "away").symlink_to(tmp_path)
    os.mkfifo(image_set / "red/pipe.png")
    paths = ["../secret.png", str(secret), "red/link.png", "red/zero.png", "away/secret.png", "red/../../secret.png"]
    paths += ["/dev/zero", "/dev/stdin", "red/pipe.png"]
    (image_set / "Train.txt").write_text("".join(f"{path} 0\n" for path in paths))
    done = command("train.py", "--config", ROOT / "configs/vgg_none.yaml", "--set", f"data.root={image_set}")
    assert (done.returncode, done.stdout, "Traceback" in done.stderr) == (2, "", False)
    told = done.stderr.splitlines()
    for number, path in enumerate(paths, 1):
        what = f"no such image: {path}" if path == "red/pipe.png" else f"{path} leads out of"
        assert any(f"Train.txt:{number}: {what}" in line for line in told), done.stderr


def test_a_pipe_stops_no_command(run: Path, image_set: Path, tmp_path: Path, command: Command) -> None:
    """To open it would be to wait for ever, and a tar archive may hold one."""
    for file in (tmp_path / "pipe", image_set / "red/pipe.png", tmp_path / "logs/other/lossTrain.npy"):
        file.parent.mkdir(parents=True, exist_ok=True)
        os.mkfifo(file)
    shutil.copy(run / "run.json", tmp_path / "logs/other")
    shutil.copy(run / "config.yaml", tmp_path / "logs/other")
    for line, wanted in (
        (["train.py", "--config", tmp_path / "pipe"], "no such"),
        (["evaluate.py", run, "--checkpoint", tmp_path / "pipe"], "no such checkpoint"),
        (["evaluate.py", run, "--list", tmp_path / "pipe"], "no such list"),
        (["prepare_data.py", image_set], "pipe.png: cannot be decoded: not a regular file"),
        (["plot_curves.py", tmp_path / "logs/other"], "lossTrain.npy is missing"),
    ):
        done = command(*line)
        assert (done.returncode, wanted in done.stderr) == (2, True), done.stderr


EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\nshowpage\n%%EOF\n"


def test_an_image_is_not_handed_to_ghostscript(mark: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """EPS is a program. Pillow runs it when it is asked to open any kind of image, whatever the file is called."""
    ghostscript = tmp_path / "bin/gs"
    ghostscript.parent.mkdir()
    ghostscript.write_text(f"#!/bin/sh\ntouch {mark}\n")
    ghostscript.chmod(0o755)
    monkeypatch.setenv("PATH", str(ghostscript.parent), prepend=os.pathsep)
    monkeypatch.setattr(EpsImagePlugin, "gs_binary", None)  # where Pillow remembers whether there is one
    with pytest.raises(Exception, match="not identify"):
        images.decode_image(EPS, 8)
    assert not mark.exists()

    with Image.open(io.BytesIO(EPS)) as image, pytest.raises(OSError, match=r".*"):
        image.load()
    assert mark.exists()  # the trap was set


def test_a_file_too_large_to_be_an_image_is_not_read(image_set: Path, command: Command) -> None:
    with (image_set / "red/000.png").open("ab") as stream:
        stream.truncate(images.LARGEST_FILE + 1)  # takes no room on the disk
    done = command("prepare_data.py", image_set)
    assert done.returncode == 2
    assert "000.png: cannot be decoded: 200,000,001 bytes are more than 200,000,000" in done.stderr


# --- every call -----------------------------------------------------------------------------------------------------

FORBIDDEN = {
    *("eval", "exec", "compile", "__import__", "breakpoint"),
    *("pickle", "_pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"),
    *("os.system", "os.popen", "os.execv", "os.execvp", "os.spawnv", "pty", "runpy", "subprocess.getoutput"),
    *("yaml.load", "yaml.load_all", "yaml.full_load", "yaml.unsafe_load", "yaml.Loader", "yaml.FullLoader"),
    *("yaml.UnsafeLoader", "yaml.unsafe_load_all", "yaml.full_load_all"),
    *("paddle.load", "paddle.jit.load", "paddle.static.load", "paddle.static.load_program_state", "paddle.hub"),
    *("paddle.utils.download", "paddle.vision.datasets", "paddle.Model", "paddle.utils.cpp_extension"),
    *("tarfile", "shutil.unpack_archive", "urllib.request", "requests", "tempfile.mktemp"),
}
"""Names that run what they are given, or fetch it. Not here: methods such as `model.eval`."""

MUST_BE_FALSE = {"allow_pickle", "shell"}


def dangers(source: str) -> list[str]:
    """The forbidden names and arguments in a module, each behind its line number."""
    nodes = list(ast.walk(ast.parse(source)))
    imports = [alias for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    real_names = {alias.asname: alias.name for alias in imports if alias.asname}
    used = [(alias.lineno, alias.name) for alias in imports]
    found = []
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            used += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
            first, dot, rest = ast.unparse(node).partition(".")
            used.append((node.lineno, real_names.get(first, first) + dot + rest))
        elif isinstance(node, ast.keyword) and node.arg in MUST_BE_FALSE and ast.unparse(node.value) != "False":
            found.append(f"{node.lineno}: {node.arg}={ast.unparse(node.value)}")
    found += [f"{line}: {name}" for line, name in used if any(f"{name}.".startswith(f"{bad}.") for bad in FORBIDDEN)]
    return found


MODULES = sorted(
    file.relative_to(ROOT).as_posix()
    for files in (
        ROOT.glob("*.py"),
        *((ROOT / name).rglob("*.py") for name in ("augment", "models", "suite", "benchmarks")),
    )
    for file in files
)

RESTRICTED = {
    "suite/weights/unpickling.py": {"pickle", "pickle._Unpickler"},
    "suite/training/afterwards.py": {"shell=True"},
}
"""What a module uses all the same: an unpickler that looks up nothing but what it is given; and the command that the
user gives to `--on-finish`, which is one for the shell."""


@pytest.mark.parametrize("module", MODULES)
def test_no_module_runs_what_it_reads(module: str) -> None:
    found = dangers((ROOT / module).read_text(encoding="utf-8"))
    assert {danger.partition(": ")[2] for danger in found} == RESTRICTED.get(module, set()), found


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("import pickle", 1),
        ("from pickle import loads", 1),
        ("eval('1')", 1),
        ("run = exec", 1),
        ("import os\nos.system('ls')", 1),
        ("from os import system", 1),
        ("import yaml\nyaml.load(text, Loader=yaml.Loader)", 2),
        ("import paddle as p\np.load('x')", 1),
        ("import numpy as np\nnp.load('x', allow_pickle=True)", 1),
        ("import subprocess\nsubprocess.run('ls', shell=trust)", 1),
        ("import paddle\npaddle.jit.load('x')", 1),
        ("class Sides:\n    eval: int\nmodel.eval()\nre.compile('x')", 0),
        ("np.load('x', allow_pickle=False)\nconfig.load('x')", 0),
    ],
)
def test_the_look_at_every_call_sees(source: str, count: int) -> None:
    assert len(dangers(source)) == count
