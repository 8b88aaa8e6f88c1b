"""What the suite says to bad input: a row of these tables is one kind of it, and word for word the answer.

Every kind is given to what reads it, inside of this process, and some to the commands themselves. Each time: the
answer on stderr, exit code 2, no traceback, nothing on stdout, and no file written, changed or removed. In the answers,
{root} stands for the folder of the case, and {library} for words that another version of a library may change.

What only looks bad, and is taken, stands at the end, and in test_data.py and test_config.py: lists with a byte order
mark, line ends of Windows or tabs; images in grey, CMYK or 16 bits, turned or moving; `1e-4`, `on` and `off` in YAML.
"""

from __future__ import annotations

import io
import os
import pickle
import re
import shutil
import struct
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from PIL import Image

import evaluate
import plot_curves
import prepare_data
from models.settings import NETWORKS
from suite import backend
from suite.config import reading
from suite.config.reading import load_config
from suite.config.schema import Config, DataConfig
from suite.data import images, lists, loading
from suite.data.lists import read_list
from suite.data.loading import load_data
from suite.errors import run_command
from suite.evaluation import request
from tests.fixtures.commands import ROOT, SMALL_VGG, Command
from tests.fixtures.facts import change_facts
from tests.fixtures.images import EVAL, SIZE, TRAIN, encoded, image_folder, photo
from tests.fixtures.runs import write_article_files, write_run

Spoil = Callable[[Path], object]


class Case(NamedTuple):
    """One kind of bad input."""

    spoil: Spoil  # makes it, in a folder that was in order
    answer: str


def said_by(call: Callable[[], object]) -> str:
    """What a command says that calls this, and leaves because of it."""

    def main() -> int:
        call()
        return 0

    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as leaving:
        run_command(main)
    assert (leaving.value.code, out.getvalue()) == (2, "")
    return err.getvalue()


def answer_to(call: Callable[[], object], root: Path) -> str:
    """The same, where everything below this folder stays as it is."""
    before = everything(root)
    said = said_by(call)
    assert everything(root) == before
    return said


def everything(root: Path) -> dict[Path, tuple[int, int]]:
    """Every file and folder with its size and the time of its last change."""
    return {path: (path.lstat().st_size, path.lstat().st_mtime_ns) for path in root.rglob("*")}


def assert_says(said: str, answer: str, root: Path) -> None:
    """Every line of the answer, word for word."""
    lines = "".join(f"error: {line}\n" for line in answer.split("\n")).replace("{root}", str(root))
    assert re.fullmatch(re.escape(lines).replace(re.escape("{library}"), ".+"), said), said


# --- how it is spoiled ----------------------------------------------------------------------------------------------


def written(name: str, content: str | bytes) -> Spoil:
    """A file of this content, in place of what is there."""

    def spoil(root: Path) -> None:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content.encode() if isinstance(content, str) else content)

    return spoil


def train(text: str) -> Spoil:
    """These lines at the end of the training list, which has four."""
    return written("Train.txt", TRAIN + text)


def evaluation(text: str) -> Spoil:
    """These lines at the end of the evaluation list, which has two."""
    return written("Eval.txt", EVAL + text)


def as_it_is(root: Path) -> None:
    """What is bad is there already, or missing from the beginning."""


def removed(name: str) -> Spoil:
    def spoil(root: Path) -> None:
        shutil.rmtree(root / name) if (root / name).is_dir() else (root / name).unlink()

    return spoil


def folder(name: str) -> Spoil:
    """A folder where a file should be."""

    def spoil(root: Path) -> None:
        (root / name).unlink(missing_ok=True)
        (root / name).mkdir(parents=True)

    return spoil


def copied(original: str, name: str) -> Spoil:
    return lambda root: shutil.copy(root / original, root / name)


def linked(name: str, target: str) -> Spoil:
    """A link to something beside the root."""
    return lambda root: (root / name).symlink_to(root.parent / target)


def of_size(name: str, size: int) -> Spoil:
    """A file that claims so many bytes and takes no room."""

    def spoil(root: Path) -> None:
        with (root / name).open("wb") as stream:
            stream.truncate(size)

    return spoil


def both(*spoils: Spoil) -> Spoil:
    return lambda root: [spoil(root) for spoil in spoils]


# --- lists ----------------------------------------------------------------------------------------------------------

WANTED = "should be `path label` with a whole number as label"
MAKE_LISTS = "make the lists with: python prepare_data.py {root}"

LISTS = {
    "no list": Case(removed("Train.txt"), "{root}/Train.txt: no such list; " + MAKE_LISTS),
    "no evaluation list": Case(removed("Eval.txt"), "{root}/Eval.txt: no such list; " + MAKE_LISTS),
    "a folder": Case(folder("Train.txt"), "{root}/Train.txt: is a folder, not a list; " + MAKE_LISTS),
    "empty": Case(written("Train.txt", ""), "{root}/Train.txt: the list is empty"),
    "blank lines only": Case(written("Eval.txt", "\ufeff \r\n\t\n"), "{root}/Eval.txt: the list is empty"),
    "not UTF-8": Case(
        written("Train.txt", TRAIN.encode("utf-16")),
        "{root}/Train.txt: not UTF-8 text (invalid start byte at byte 0); save it as UTF-8",
    ),
    "endless": Case(
        of_size("Train.txt", lists.LARGEST_LIST + 1), "{root}/Train.txt: is larger than 50 MB, too large for a list"
    ),
    # lines
    "no label": Case(train("ant/4.png"), "{root}/Train.txt:5: " + WANTED + ", got: 'ant/4.png'"),
    "no path": Case(train("0"), "{root}/Train.txt:5: " + WANTED + ", got: '0'"),
    "a word as label": Case(train("ant/4.png ant"), "{root}/Train.txt:5: " + WANTED + ", got: 'ant/4.png ant'"),
    "a fraction as label": Case(train("ant/4.png 1.0"), "{root}/Train.txt:5: " + WANTED + ", got: 'ant/4.png 1.0'"),
    "a superscript as label": Case(train("ant/4.png ²"), "{root}/Train.txt:5: " + WANTED + ", got: 'ant/4.png ²'"),
    "label of 20 digits": Case(
        train(f"ant/4.png {'9' * 20}"), "{root}/Train.txt:5: " + WANTED + f", got: 'ant/4.png {'9' * 20}'"
    ),
    "label of 5,000 digits": Case(  # which Python refuses to convert; the rest of the line is of no use to anybody
        train(f"ant/4.png {'9' * 5000}"), "{root}/Train.txt:5: " + WANTED + ", got: 'ant/4.png 9{library} ..."
    ),
    "commas": Case(train("ant/4.png,0"), "{root}/Train.txt:5: " + WANTED + ", got: 'ant/4.png,0'"),
    "a null character": Case(train("ant\0/4.png 0"), "{root}/Train.txt:5: " + WANTED + r", got: 'ant\x00/4.png 0'"),
    "label negative": Case(train("ant/4.png -1"), "{root}/Train.txt:5: label -1 is negative; labels count from 0"),
    "image missing": Case(train("ant/9.png 0"), "{root}/Train.txt:5: no such image: ant/9.png (in {root})"),
    "a folder as image": Case(train("ant 0"), "{root}/Train.txt:5: no such image: ant (in {root})"),
    "separators of Windows": Case(train(r"ant\1.png 0"), r"{root}/Train.txt:5: no such image: ant\1.png (in {root})"),
    "a command to the terminal": Case(
        train("\x1b[2J.png 0"), r"{root}/Train.txt:5: no such image: \x1b[2J.png (in {root})"
    ),
    "name too long for any file": Case(
        train(f"{'x' * 300} 0"), f"{{root}}/Train.txt:5: no such image: {'x' * 300} (in {{root}})"
    ),
    "line twice": Case(
        train("bee/2.png 1"), "{root}/Train.txt:5: bee/2.png stands already in line 4; keep one of them"
    ),
    "line twice, two labels": Case(
        train("bee/2.png 0"),
        "{root}/Train.txt:5: bee/2.png stands already in line 4 with label 1, here with 0; keep one of them",
    ),
    "file twice, spelled in two ways": Case(
        train("./bee//2.png 1"), "{root}/Train.txt:5: ./bee//2.png stands already in line 4; keep one of them"
    ),
    "several mistakes": Case(  # all at once, with the numbers an editor shows
        written("Train.txt", "\r\nant/1.png 0\r\n\r\nant/2.png\r\nbee/1.png -1\r\nbee/2.png 1\r\n"),
        "{root}/Train.txt:4: " + WANTED + ", got: 'ant/2.png'\n"
        "{root}/Train.txt:5: label -1 is negative; labels count from 0",
    ),
    "hundreds of mistakes": Case(  # as after a wrong root; the first ones must stay on the screen
        written("Train.txt", "".join(f"{number}.png 0\n" for number in range(500))),
        "\n".join(f"{{root}}/Train.txt:{number + 1}: no such image: {number}.png (in {{root}})" for number in range(20))
        + "\n... and 480 more",
    ),
    # paths that lead out
    "absolute path": Case(
        train("/etc/hostname 0"),
        "{root}/Train.txt:5: /etc/hostname leads out of {root}; paths are relative to that folder",
    ),
    "..": Case(
        both(written("../4.png", encoded(photo())), train("ant/../../4.png 0")),
        "{root}/Train.txt:5: ant/../../4.png leads out of {root}; paths are relative to that folder",
    ),
    "link to a file outside": Case(
        both(written("../4.png", encoded(photo())), linked("ant/4.png", "4.png"), train("ant/4.png 0")),
        "{root}/Train.txt:5: ant/4.png leads out of {root}; paths are relative to that folder",
    ),
    "link to a folder outside": Case(
        both(written("../cow/4.png", encoded(photo())), linked("cow", "cow"), train("cow/4.png 0")),
        "{root}/Train.txt:5: cow/4.png leads out of {root}; paths are relative to that folder",
    ),
    # labels and classes
    "label too large": Case(
        both(copied("ant/1.png", "ant/4.png"), train("ant/4.png 400000000")),
        "{root}: ant/4.png has label 400000000, but there are only 7 images; labels count from 0 without gaps",
    ),
    "gap in the labels": Case(
        written("Train.txt", TRAIN.replace(" 1\n", " 2\n")),
        "{root}/Train.txt: class 1 (1) has no image; labels count from 0 without gaps",
    ),
    "labels from 1": Case(
        both(written("Train.txt", "ant/1.png 1\nbee/1.png 2\n"), written("Eval.txt", "ant/3.png 1\nbee/3.png 2\n")),
        "{root}/Train.txt: class 0 (0) has no image; labels count from 0 without gaps",
    ),
    "class to be judged by, not to learn": Case(
        both(copied("ant/3.png", "cow.png"), evaluation("cow.png 2\n")),
        "{root}/Train.txt: class 2 (2) has no image; labels count from 0 without gaps",
    ),
    "label out of range": Case(
        both(written("classes.txt", "ant\nbee\n"), written("Eval.txt", "ant/3.png 0\nbee/3.png 2\n")),
        "{root}/Eval.txt:2: label 2 is out of range: classes.txt names 2 classes, from 0 on",
    ),
    "class without images": Case(
        written("classes.txt", "ant\nbee\ncow\n"),
        "{root}/Train.txt: class 2 (cow) has no image; labels count from 0 without gaps",
    ),
    "no class names": Case(
        written("classes.txt", "\n"), "{root}/classes.txt: is empty; write one name a line, or remove it"
    ),
    "class names in Latin-1": Case(
        written("classes.txt", "café".encode("latin-1")),
        "{root}/classes.txt: not UTF-8 text (unexpected end of data at byte 3); save it as UTF-8",
    ),
    # one list against the other, and images against each other
    "same file in both lists": Case(
        evaluation("bee/2.png 1\n"),
        "{root}/Eval.txt:3: bee/2.png is also trained on (Train.txt, line 4); an image may be on one side only",
    ),
    "same content in both lists": Case(
        copied("bee/1.png", "bee/3.png"),
        "{root}/Eval.txt:2: bee/3.png is a copy of bee/1.png (Train.txt, line 3); prepare_data.py keeps copies on one "
        "side",
    ),
    "two labels for one content": Case(
        copied("ant/2.png", "bee/1.png"),
        "{root}/Train.txt:3: bee/1.png has label 1, and its copy ant/2.png (line 2) has label 0; keep one of them",
    ),
    "two labels for one content, to be judged by": Case(
        copied("ant/3.png", "bee/3.png"),
        "{root}/Eval.txt:2: bee/3.png has label 1, and its copy ant/3.png (line 1) has label 0; keep one of them",
    ),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Six images of two classes, and lists, in order."""
    return image_folder(tmp_path / "images", TRAIN, EVAL)


def load(root: Path) -> loading.Data:
    return load_data(DataConfig(root=str(root), image_size=SIZE, cache="none"))


@pytest.mark.parametrize("case", LISTS.values(), ids=LISTS.keys())
def test_lists(root: Path, case: Case) -> None:
    """Each would be a traceback, a crash at epoch k, or an accuracy that means nothing."""
    case.spoil(root)
    assert_says(answer_to(lambda: load(root), root), case.answer, root)


def test_a_root_that_is_none(tmp_path: Path) -> None:
    """A path typed wrongly is the commonest mistake of all; a file is no folder."""
    (tmp_path / "file").touch()
    for name in ("imgaes", "file", "x" * 300):
        said = answer_to(partial(load, tmp_path / name), tmp_path)
        assert_says(said, f"data.root: no such folder: {{root}}/{name} (looked from {Path.cwd()})", tmp_path)


def test_a_list_of_100_000_lines_asks_the_system_little(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Following the links of every path takes longer than all else; a search through the lines before, minutes."""
    asked: list[Path] = []
    real = os.path.realpath

    def counted(path: Path) -> str:
        asked.append(path)
        return real(path)

    monkeypatch.setattr("suite.data.lists.os.path.realpath", counted)
    (root / "Train.txt").write_text("".join(f"{('ant', 'bee')[n % 2]}/{n}.png {n % 2}\n" for n in range(100_000)))
    samples, problems = read_list(root / "Train.txt")
    assert (len(samples), len(problems)) == (3, 99_997)
    assert len(asked) == 3  # the root and the two folders


# --- images ---------------------------------------------------------------------------------------------------------

JPEG, PNG = (encoded(photo(7, 200, 150), kind) for kind in ("JPEG", "PNG"))
NO_IMAGE = "not an image of the formats BMP, GIF, JPEG, PNG, TIFF and WebP"
REPLACE = "replace these files, or take their lines out of the list"
REPAIR = "nothing was written; repair these files, or leave them out with --skip-bad"
TOO_DEEP = "cannot be decoded: its values have more than 16 bits; save it with 8 or 16"


def cut(content: bytes, percent: int) -> bytes:
    return content[: len(content) * percent // 100]


def claims_to_be_huge() -> bytes:
    """A PNG of some hundred bytes that says it is 20,000 x 20,000."""
    content = bytearray(encoded(photo()))
    content[16:24] = struct.pack(">II", 20_000, 20_000)
    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    return bytes(content)


def one_bit_flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


IMAGES = {
    "empty": Case(written("ant/2.png", b""), NO_IMAGE),
    "text": Case(written("ant/2.png", "see folder two\n"), NO_IMAGE),
    "HTML": Case(written("ant/2.png", "<!DOCTYPE html><title>404 Not Found</title>"), NO_IMAGE),
    "EPS, which Pillow has Ghostscript run": Case(written("ant/2.png", encoded(photo(), "EPS")), NO_IMAGE),
    "SVG": Case(written("ant/2.png", '<svg xmlns="http://www.w3.org/2000/svg"/>'), NO_IMAGE),
    **{
        f"{kind} cut at {percent} %": Case(written("ant/2.png", cut(content, percent)), "cannot be decoded: {library}")
        for kind, content in (("JPEG", JPEG), ("PNG", PNG))
        for percent in (10, 50, 99)
    },
    "flipped bit": Case(written("ant/2.png", one_bit_flipped(PNG)), "cannot be decoded: {library}"),
    "bomb by dimensions": Case(
        written("ant/2.png", claims_to_be_huge()),
        "cannot be decoded: 20000 x 20000 pixels are more than 100,000,000",
    ),
    "bomb by size": Case(
        of_size("ant/2.png", images.LARGEST_FILE + 1), "cannot be decoded: 200,000,001 bytes are more than 200,000,000"
    ),
    "floating point": Case(  # Pillow takes 0.0 to 1.0 for black
        written("ant/2.png", encoded(Image.fromarray(np.eye(8, dtype=np.float32)), "TIFF")), TOO_DEEP
    ),
    "32 bits": Case(
        written("ant/2.png", encoded(Image.fromarray(np.full((8, 8), 70_000, np.int32)), "TIFF")), TOO_DEEP
    ),
}


@pytest.mark.parametrize("case", IMAGES.values(), ids=IMAGES.keys())
def test_images(root: Path, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """By name, before epoch 0 and when the lists are made; OpenCV has a picture for a cut JPEG, and None for text."""
    case.spoil(root)
    said = answer_to(lambda: load(root), root)
    assert_says(said, f"{{root}}/Train.txt:2: ant/2.png: {case.answer}\n{REPLACE}", root)
    monkeypatch.setattr("sys.argv", ["prepare_data.py", str(root)])
    said = answer_to(prepare_data.main, root)
    assert_says(said, f"{{root}}/ant/2.png: {case.answer}\n{REPAIR}", root)


# --- what may not be read -------------------------------------------------------------------------------------------


@contextmanager
def closed(path: Path) -> Iterator[None]:
    """Nobody has rights to this path; root, to whom that is nothing, is somebody else meanwhile."""
    was_root = os.geteuid() == 0
    path.chmod(0)
    if was_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if was_root:
            os.seteuid(0)
        path.chmod(0o755)


@pytest.fixture
def open_root() -> Iterator[Path]:
    """The root, in a folder that everybody may enter, unlike pytest's."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield image_folder(Path(name) / "images", TRAIN, EVAL)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("Train.txt", "{root}/Train.txt: cannot be read: Permission denied"),
        ("", "{root}/Train.txt: cannot be read: Permission denied"),
        ("ant/2.png", f"{{root}}/Train.txt:2: ant/2.png: cannot be read: Permission denied\n{REPLACE}"),
        ("classes.txt", "{root}/classes.txt: cannot be read: Permission denied"),
    ],
    ids=["list", "root", "image", "class names"],
)
def test_what_may_not_be_read(open_root: Path, path: str, answer: str) -> None:
    """On shared machines: the data of a colleague. pathlib's `is_file` raises where a folder may not be entered."""
    (open_root / "classes.txt").write_text("ant\nbee\n")
    before = everything(open_root)
    with closed(open_root / path):
        said = said_by(lambda: load(open_root))
    assert everything(open_root) == before
    assert_says(said, answer, open_root)


def test_a_list_where_nobody_may_look(open_root: Path) -> None:
    """For whatever may not be read or written and has no sentence of its own, `run_command` has one."""
    with closed(open_root / "ant"):
        said = said_by(lambda: request.find_list(Config(), str(open_root / "ant/Test.txt")))
    assert_says(said, "{root}/ant/Test.txt: Permission denied; change its rights, or ask its owner", open_root)


# --- configurations -------------------------------------------------------------------------------------------------

SHIPPED = "the shipped ones are configs/*.yaml"
NO_NETWORK = f"is not one of {', '.join(NETWORKS)}"


def yaml(text: str | bytes) -> Spoil:
    return written("my.yaml", text)


CONFIGS = {
    "missing": Case(as_it_is, "{root}/my.yaml: no such file; " + SHIPPED),
    "a folder": Case(folder("my.yaml"), "{root}/my.yaml: is a folder, not a file; " + SHIPPED),
    "endless": Case(
        of_size("my.yaml", reading.LARGEST_FILE + 1), "{root}/my.yaml: is larger than 1 MB, too large for a file"
    ),
    "not UTF-8": Case(
        yaml(b"# caf\xe9\ntrain:"),
        "{root}/my.yaml: not UTF-8 text (invalid continuation byte at byte 5); save it as UTF-8",
    ),
    # YAML
    "not YAML": Case(yaml("train: {lr: [1}"), "{root}/my.yaml:1: not valid YAML: expected ',' or ']', but got '}'"),
    "a picture": Case(yaml("GIF89a\0\0"), "{root}/my.yaml:1: not valid YAML: character 0x0 is not text"),
    "tabs": Case(
        yaml("train:\n\tepochs: 3"),
        r"{root}/my.yaml:2: not valid YAML: found character '\t' that cannot start any token",
    ),
    "brackets without end": Case(yaml("[" * 3000), "{root}/my.yaml: not valid YAML: nested too deeply"),
    "two documents": Case(
        yaml("train: {}\n---\ndata: {}"), "{root}/my.yaml:2: not valid YAML: but found another document"
    ),
    "a list": Case(yaml("- train\n- data"), "{root}/my.yaml: should hold keys such as `train:`, not a list"),
    "a word": Case(yaml("mixup"), "{root}/my.yaml: should hold keys such as `train:`, not 'mixup'"),
    "a list as key": Case(yaml("[train, epochs]: 3"), "{root}/my.yaml:1: not valid YAML: a key should be a word"),
    "alias": Case(
        yaml("train: &x {}\ndata: *x"), "{root}/my.yaml:2: not valid YAML: aliases (*name) are not used here"
    ),
    "python tag": Case(
        yaml("train: !!python/object/apply:os.system ['true']"),
        "{root}/my.yaml:1: not valid YAML: tags (!name) are not used here",
    ),
    # keys
    "unknown key": Case(
        yaml("augment: {alfa: 0.2}"), "{root}/my.yaml:1: augment.alfa: unknown key; did you mean augment.alpha?"
    ),
    "unknown section": Case(yaml("trian:\n  epochs: 3"), "{root}/my.yaml:1: trian: unknown key; did you mean train?"),
    "key outside of its section": Case(
        yaml("epochs: 3"), "{root}/my.yaml:1: epochs: unknown key; did you mean train.epochs?"
    ),
    "key like no other": Case(
        yaml("train: {}\nhello: 1"),
        "{root}/my.yaml:2: hello: unknown key; valid here: model, augment, data, train, log",
    ),
    "key of the other network": Case(
        yaml("model:\n  fc: [64]"),
        "{root}/my.yaml:2: model.fc: unknown key of googlenet; it belongs to model.name: vgg or alexnet",
    ),
    "duplicate key": Case(
        yaml("train:\n  epochs: 3\n  lr: 1\n  epochs: 4"),
        "{root}/my.yaml:4: train.epochs: given twice, first in line 2; keep one of them",
    ),
    "value for a section": Case(
        yaml("train: 3"), "{root}/my.yaml:1: train: should be a section with keys of its own, got 3"
    ),
    "section without keys": Case(  # as when all of them are commented out
        yaml("train:\n  # epochs: 3\n"),
        "{root}/my.yaml:1: train: should be a section with keys of its own, got nothing",
    ),
    # values
    "unknown mode": Case(
        yaml("augment: {mode: Mixup}"),
        "{root}/my.yaml:1: augment.mode: 'Mixup' is not one of none, userDef, samplePairing, mixup; did you mean "
        "mixup?",
    ),
    "unknown network": Case(
        yaml("model: {name: vg}"), f"{{root}}/my.yaml:1: model.name: 'vg' {NO_NETWORK}; did you mean vgg?"
    ),
    "network like no other": Case(
        yaml("model: {name: no-net}"), f"{{root}}/my.yaml:1: model.name: 'no-net' {NO_NETWORK}"
    ),
    "batch of one for BatchNorm": Case(
        yaml("model: {name: resnet}\ntrain: {batch_size: 1}"),
        "{root}/my.yaml: train.batch_size is 1, but resnet normalises over the images of a batch: use 2 or more",
    ),
    "warm-up without end": Case(
        yaml("train: {epochs: 3, warmup: 3}"),
        "{root}/my.yaml: train.warmup is 3 epochs, but the run has 3: use fewer",
    ),
    "nothing to recalibrate": Case(
        yaml("train: {recalibrate: true}"),
        "{root}/my.yaml: train.recalibrate is true, but this googlenet trains no BatchNorm: leave it out",
    ),
    "frozen without weights": Case(
        yaml("model: {name: vgg, freeze: body}"),
        "{root}/my.yaml:1: model: freeze is body, but without weights these layers know nothing: set weights too",
    ),
    "negative epochs": Case(
        yaml("train: {epochs: -1}"), "{root}/my.yaml:1: train.epochs: should be greater than or equal to 1, got -1"
    ),
    "half an epoch": Case(
        yaml("train: {epochs: 1.5}"), "{root}/my.yaml:1: train.epochs: should be an integer, got 1.5"
    ),
    "5,000 digits": Case(
        yaml(f"train: {{epochs: {'9' * 5000}}}"), "{root}/my.yaml:1: train.epochs: should be an integer, got inf"
    ),
    "number in quotes": Case(
        yaml("train: {batch_size: '8'}"), "{root}/my.yaml:1: train.batch_size: should be an integer, got '8'"
    ),
    "true for a number": Case(
        yaml("train: {epochs: true}"), "{root}/my.yaml:1: train.epochs: should be an integer, got True"
    ),
    "off for a number": Case(yaml("train: {lr: off}"), "{root}/my.yaml:1: train.lr: should be a number, got 'off'"),
    "not a number": Case(yaml("train: {lr: .nan}"), "{root}/my.yaml:1: train.lr: should be a number, got '.nan'"),
    "infinite": Case(yaml("train: {lr: 1e999}"), "{root}/my.yaml:1: train.lr: should be a finite number, got inf"),
    "nothing": Case(yaml("train: {lr: }"), "{root}/my.yaml:1: train.lr: should be a number, got nothing"),
    "alpha 0": Case(
        yaml("augment: {alpha: 0}"), "{root}/my.yaml:1: augment.alpha: should be greater than or equal to 0.01, got 0"
    ),
    "schedule that ends before it starts": Case(
        yaml("augment: {schedule: {start: 0.5, end: 0.2}}"),
        "{root}/my.yaml:1: augment.schedule: end (0.2) lies before start (0.5)",
    ),
    "mode that is not what is done": Case(
        yaml("augment: {mode: userDef, operations: none}"),
        "{root}/my.yaml:1: augment: mode is userDef, but operations none with mixer none are mode none: set "
        "augment.mode to none, or leave operations and mixer to the mode",
    ),
    "mixing in batches of one": Case(
        yaml("augment: {mode: mixup}\ntrain: {batch_size: 1}"),
        "{root}/my.yaml: train.batch_size is 1, but mixup mixes images of one batch: use 2 or more, or "
        "augment.partner=dataset",
    ),
    "endless patience": Case(
        yaml("data: {patience: 1e12}"),
        "{root}/my.yaml:1: data.patience: should be less than or equal to 86400, got 1000000000000.0",
    ),
    "number for a list": Case(
        yaml("model: {name: vgg, fc: 64}"), "{root}/my.yaml:1: model.fc: should be a list, got 64"
    ),
    "list that is too long": Case(
        yaml("augment: {ops: {crop: [1, 2, 3]}}"),
        "{root}/my.yaml:1: augment.ops.crop: should have at most 2 items, got [1, 2, 3]",
    ),
    "list that is too short": Case(
        yaml("augment: {ops: {crop: [1]}}"), "{root}/my.yaml:1: augment.ops.crop.1: is missing"
    ),
    "range the wrong way round": Case(
        yaml("augment: {ops: {crop: [2, 1]}}"),
        "{root}/my.yaml:1: augment.ops.crop: should be [from, to] with 1 <= from <= to <= 5, got [2.0, 1.0]",
    ),
    "image size the network cannot take": Case(
        yaml("model: {name: vgg}\ndata: {image_size: 16}"),
        "{root}/my.yaml: data.image_size is 16, but this vgg takes 32 or more: every block of "
        "model.conv_arch halves the image",
    ),
    "a study": Case(
        yaml("base: other.yaml\naxes: {train.lr: [1]}"), "{root}/my.yaml: is a study; train.py --study trains it"
    ),
    "several mistakes": Case(
        yaml("train:\n  epochs: 0\n  lr: x\naugment:\n  mood: none\n"),
        "{root}/my.yaml:5: augment.mood: unknown key; did you mean augment.mode?\n"
        "{root}/my.yaml:2: train.epochs: should be greater than or equal to 1, got 0\n"
        "{root}/my.yaml:3: train.lr: should be a number, got 'x'",
    ),
}


@pytest.mark.parametrize("case", CONFIGS.values(), ids=CONFIGS.keys())
def test_configurations(tmp_path: Path, case: Case) -> None:
    """Each would be a traceback, or a night of training with something else than was written."""
    case.spoil(tmp_path)
    assert_says(answer_to(lambda: load_config(tmp_path / "my.yaml"), tmp_path), case.answer, tmp_path)


OVERRIDES = {
    "train.lr=x": "--set train.lr=x: train.lr: should be a number, got 'x'",
    "train.seed=-1": "--set train.seed=-1: train.seed: should be greater than or equal to 0, got -1",
    "train.epoch=3": "--set train.epoch=3: train.epoch: unknown key; did you mean train.epochs?",
    "train.lr": "--set train.lr: write it as key.path=value, such as train.epochs=30",
    "=3": "--set =3: write it as key.path=value, such as train.epochs=30",
    "train.lr.x=1": "--set train.lr.x=1: lr is a value, not a section",
    "train={lr: x}": "--set train={lr: x}: train.lr: should be a number, got 'x'",
    "train.lr=[": "--set train.lr=[: the value is not valid YAML; quote it as you would in a file",
    "train.lr=!!int x": "--set train.lr=!!int x: the value is not valid YAML; quote it as you would in a file",
    "data.root=": "--set data.root=: data.root: should be a string, got nothing",
}


@pytest.mark.parametrize(("override", "answer"), OVERRIDES.items(), ids=OVERRIDES.keys())
def test_overrides(tmp_path: Path, override: str, answer: str) -> None:
    """What is typed on the command line is named as it was typed."""
    yaml("train: {lr: 1}")(tmp_path)
    assert_says(answer_to(lambda: load_config(tmp_path / "my.yaml", [override]), tmp_path), answer, tmp_path)


# --- run folders ----------------------------------------------------------------------------------------------------

RUN = "vgg_none/seed0"
NO_RUNS = "{root}: no runs to compare; train some first: python train.py --config configs/googlenet_mixup.yaml"


def curve(values: Any, name: str = "accEval") -> Spoil:
    """One of the six curves, which have 20 epochs, replaced."""
    return lambda logs: np.save(logs / RUN / f"{name}.npy", values)


def header(text: str) -> bytes:
    """The beginning of an .npy file, which says in the syntax of Python what follows."""
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()


def replaced(file: Path, old: str, new: str) -> None:
    """A file edited by hand."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def facts(text: str) -> Spoil:
    return written(f"{RUN}/run.json", text)


CURVES = {
    "no runs": Case(removed("vgg_none"), ""),
    "other program's .npy": Case(
        both(removed("vgg_none"), lambda logs: np.save(logs / "embeddings.npy", np.zeros(3))), ""
    ),
    "other program's .npy under our names": Case(
        both(removed("vgg_none"), lambda logs: np.save(logs / "lossTrain.npy", np.zeros(3))),
        "{root}: no run.json, so nothing says what was trained",
    ),
    "article's files of an unknown mode": Case(
        both(removed("vgg_none"), lambda logs: write_article_files(logs, "smoteAug")),
        "{root}/smoteAug_*.npy: not the name of a mode; known are noAug, userDefAug, samplePairingAug, mixupAug",
    ),
    "objects": Case(
        curve(np.array([{}] * 20, object)),
        "{root}/" + RUN + "/accEval.npy cannot be read: Object arrays cannot be loaded when allow_pickle=False",
    ),
    "pickle": Case(
        written(f"{RUN}/accEval.npy", pickle.dumps([0.5] * 20)),
        "{root}/" + RUN + "/accEval.npy cannot be read: {library}",
    ),
    "another value in an epoch": Case(
        curve(np.r_[np.full(19, 0.5), 0.6]),
        "{root}/" + RUN + "/accEval.npy is damaged: its content does not match its digest in run.json",
    ),
    "different lengths": Case(
        curve(np.zeros(3)),
        "{root}/" + RUN + "/accEval.npy is damaged: its content does not match its digest in run.json",
    ),
    "two columns": Case(
        curve(np.zeros((20, 2))), "{root}/" + RUN + "/accEval.npy is not one value an epoch, but of shape [20, 2]"
    ),
    "words": Case(curve(np.array(["good"] * 20)), "{root}/" + RUN + "/accEval.npy does not hold numbers"),
    "empty file": Case(written(f"{RUN}/accEval.npy", b""), "{root}/" + RUN + "/accEval.npy cannot be read: {library}"),
    "terabytes, as its header says": Case(
        written(f"{RUN}/accEval.npy", header("{'descr': '<f8', 'fortran_order': False, 'shape': (9999999999999,)}")),
        "{root}/" + RUN + "/accEval.npy cannot be read: {library}",
    ),
    "header that is no Python": Case(
        written(f"{RUN}/accEval.npy", header("(((")), "{root}/" + RUN + "/accEval.npy cannot be read: {library}"
    ),
    "a curve missing": Case(removed(f"{RUN}/lossEval.npy"), "{root}/" + RUN + "/lossEval.npy is missing"),
    "no facts": Case(removed(f"{RUN}/run.json"), "{root}/" + RUN + ": no run.json, so nothing says what was trained"),
    "facts cut off": Case(facts('{"status": '), "{root}/" + RUN + "/run.json is damaged ({library})"),
    "facts of another program": Case(facts('{"status": "ok"}'), "{root}/" + RUN + "/run.json is damaged ({library})"),
    "facts that are a list": Case(facts("[]"), "{root}/" + RUN + "/run.json is damaged ({library})"),
    "configuration changed by hand": Case(
        written(f"{RUN}/config.yaml", "train: {epoch: 20}"),
        "{root}/" + RUN + "/config.yaml is damaged: its content does not match its fingerprint in run.json",
    ),
    "facts changed by hand": Case(
        lambda logs: replaced(logs / RUN / "run.json", '"seed": 0', '"seed": 1'),
        "{root}/" + RUN + "/run.json is damaged: its content does not match its fingerprint",
    ),
}


@pytest.mark.parametrize("case", CURVES.values(), ids=CURVES.keys())
def test_curves(tmp_path: Path, case: Case) -> None:
    """Where no run is left to be shown, its reason is the answer; beside sound runs it is a note (test_compare.py)."""
    write_run(tmp_path / RUN)
    case.spoil(tmp_path)
    said = answer_to(lambda: plot_curves.main([str(tmp_path)]), tmp_path)
    assert_says(said, f"{NO_RUNS}\n{case.answer}".rstrip("\n"), tmp_path)


def test_logs_that_are_none(tmp_path: Path) -> None:
    """As above, for the folder of the runs."""
    (tmp_path / "file").touch()
    for name in ("lgos", "file", "x" * 300):
        said = answer_to(partial(plot_curves.main, [str(tmp_path / name)]), tmp_path)
        hint = "give the folder train.py writes to, which is logs unless you chose"
        assert_says(said, f"{{root}}/{name}: no such folder; {hint}", tmp_path)


DAMAGED = "is damaged or was not written by this suite ({library}); choose another one with --checkpoint last|best|FILE"

RESTORE = "the command that trained the run writes it anew"

RUNS = {
    "empty folder": Case(
        both(shutil.rmtree, Path.mkdir),
        "{root}: no run in this folder; name a run folder, such as logs/googlenet_mixup/seed0",
    ),
    "a file": Case(
        both(shutil.rmtree, Path.touch),
        "{root}: no such folder; name a run folder, such as logs/googlenet_mixup/seed0",
    ),
    "facts cut off": Case(written("run.json", '{"status": '), "{root}/run.json is damaged ({library}); " + RESTORE),
    "facts of another program": Case(
        written("run.json", '{"status": "ok"}'), "{root}/run.json is damaged ({library}); " + RESTORE
    ),
    "no configuration": Case(removed("config.yaml"), "{root}/config.yaml is missing; " + RESTORE),
    "configuration changed by hand": Case(
        lambda run: replaced(run / "config.yaml", "image_size: 32", "image_size: 64"),
        "{root}/config.yaml is damaged: its content does not match its fingerprint in run.json; " + RESTORE,
    ),
    "no checkpoint": Case(
        as_it_is,
        "{root}/last.npz: no such checkpoint; train.py writes last.npz and best.npz after the first epoch",
    ),
    "text as checkpoint": Case(written("last.npz", "hello"), "{root}/last.npz " + DAMAGED),
    "pickle as checkpoint": Case(written("last.npz", pickle.dumps({"model/a": 1})), "{root}/last.npz " + DAMAGED),
    "objects as checkpoint": Case(
        lambda run: np.savez(run / "last.npz", facts=np.array([{}], object)), "{root}/last.npz " + DAMAGED
    ),
    "other program's .npz": Case(lambda run: np.savez(run / "last.npz", w=np.zeros(3)), "{root}/last.npz " + DAMAGED),
}


@pytest.mark.parametrize("case", RUNS.values(), ids=RUNS.keys())
def test_runs_to_judge(tmp_path: Path, root: Path, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that was copied in part, or is another program's."""
    run = write_run(tmp_path / "logs" / RUN, data={"root": str(root)})
    change_facts(run, data={"class_names": ["ant", "bee"]})
    case.spoil(run)
    monkeypatch.setattr("sys.argv", ["evaluate.py", str(run), "--device", "cpu"])
    assert_says(answer_to(evaluate.main, tmp_path), case.answer, run)


# --- Paddle ---------------------------------------------------------------------------------------------------------


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


def test_a_gpu_that_is_absent(tmp_path: Path) -> None:
    """Training on the CPU without a word would take a hundred times as long as was asked for."""
    paddle = backend.start_paddle("cpu", 1)
    if paddle.is_compiled_with_cuda():
        pytest.skip("this build of Paddle has GPU support")
    answer = "device gpu was asked for, but Paddle {library} was built without GPU support; use --device cpu, or see "
    assert_says(answer_to(lambda: backend.start_paddle("gpu", 1), tmp_path), f"{answer}README.md", tmp_path)


# --- the commands themselves ----------------------------------------------------------------------------------------

SHORT = [*SMALL_VGG, "train.epochs=1"]  # should it begin to train after all
ON_IMAGES = ["--config", ROOT / "configs/vgg_none.yaml", "--set", "data.root={root}", *SHORT]

COMMANDS = {
    "list": ("train.py", ON_IMAGES, LISTS["two labels for one content"]),
    "image": (
        "train.py",
        ON_IMAGES,
        Case(IMAGES["HTML"].spoil, f"{{root}}/Train.txt:2: ant/2.png: {NO_IMAGE}\n{REPLACE}"),
    ),
    "configuration": ("train.py", ["--config", "{root}/my.yaml", "--seed", 0, 1], CONFIGS["several mistakes"]),
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
    "run": ("evaluate.py", ["{root}"], Case(as_it_is, RUNS["empty folder"].answer)),
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


# --- what only looks bad --------------------------------------------------------------------------------------------

ODD = {
    "1 x 1": ("ant/2.png", encoded(photo(30, 1, 1))),
    "10000 x 3": ("ant/2.png", encoded(photo(30, 10_000, 3))),
    "3 x 10000": ("ant/2.png", encoded(photo(30, 3, 10_000))),
    "wrong extension": ("ant/2.png", encoded(photo(30), "WEBP")),
    "no extension": ("ant/two", encoded(photo(30), "JPEG")),
    "progressive": ("ant/2.jpg", encoded(photo(30), "JPEG", progressive=True)),
    "Chinese name": ("蚂蚁/二.png", encoded(photo(30))),
    "emoji name": ("ant/🐜 👩‍🔬.png", encoded(photo(30))),
}


@pytest.mark.parametrize(("path", "content"), ODD.values(), ids=ODD.keys())
def test_odd_images_are_taken(root: Path, path: str, content: bytes) -> None:
    """The content decides, not the name, and no size is too small; as Pillow alone makes them."""
    written(path, content)(root)
    written("Train.txt", TRAIN.replace("ant/2.png", path))(root)
    with Image.open(io.BytesIO(content)) as opened:
        expected = np.asarray(opened.convert("RGB").resize((SIZE, SIZE), Image.Resampling.BILINEAR))
    loaded = load(root).train
    assert loaded.paths[1] == path
    assert np.array_equal(loaded.images[1], expected)


GOOD_LISTS = {
    "same content twice with one label": both(copied("ant/1.png", "ant/4.png"), train("ant/4.png 0")),
    "link within the root": both(linked("ant/4.png", "images/ant/1.png"), train("ant/4.png 0")),
    "link to a folder within the root": both(linked("cow", "images/ant"), train("cow/1.png 0")),
    ".. within the root": both(copied("ant/1.png", "ant/4.png"), train("bee/../ant/4.png 0")),
}


@pytest.mark.parametrize("change", GOOD_LISTS.values(), ids=GOOD_LISTS.keys())
def test_good_lists_are_taken(root: Path, change: Spoil) -> None:
    """A check that is too strict sends people to another program."""
    change(root)
    assert len(load(root).train.labels) == 5


def test_configurations_with_little_in_them(tmp_path: Path) -> None:
    """An empty file is the article's experiment; editors of Windows add a mark and line ends."""
    for text, epochs in (("", 500), ("# later\n", 500), ("\ufefftrain:\r\n  epochs: 3\r\n", 3)):
        yaml(text)(tmp_path)
        assert load_config(tmp_path / "my.yaml") == Config.model_validate({"train": {"epochs": epochs}})
