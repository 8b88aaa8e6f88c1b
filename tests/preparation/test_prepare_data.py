"""The command that makes the lists, from its arguments to its files and what it says."""

from __future__ import annotations

import io
import os
import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image

import prepare_data
import train
from suite.config.reading import load_config
from suite.config.schema import DataConfig
from suite.data.lists import read_list
from suite.data.loading import load_data
from suite.errors import run_command
from suite.preparation import splitting
from suite.training import plan

COMMAND = Path(prepare_data.__file__)


def picture(number: int, kind: str = "PNG") -> bytes:
    """A small image file that differs from those with other numbers."""
    content = io.BytesIO()
    pixels = np.random.default_rng(number).integers(0, 256, (6, 5, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(content, kind)
    return content.getvalue()


def write(file: Path, content: bytes) -> None:
    """Write a file and the folders it needs."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def class_folders(root: Path, **sizes: int) -> Path:
    """Folders with so many different images."""
    for label, (name, size) in enumerate(sizes.items()):
        for number in range(size):
            write(root / name / f"{number:03}.png", picture(1000 * label + number))
    return root


class Outcome(NamedTuple):
    """What the command leaves."""

    code: object
    out: str
    err: str


def prepare(*arguments: object) -> Outcome:
    """The command, without the time that a process of its own takes."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["prepare_data.py", *map(str, arguments)])
        with pytest.raises(SystemExit) as leaving:
            run_command(prepare_data.main)
    return Outcome(leaving.value.code, out.getvalue(), err.getvalue())


def prepared(*arguments: object) -> str:
    """What the command says when it succeeds."""
    outcome = prepare(*arguments)
    assert outcome.code == 0, outcome.err
    assert outcome.err == ""  # in a log file, a progress bar is thousands of lines
    return outcome.out


def refused(*arguments: object) -> str:
    """What the command says when it refuses."""
    outcome = prepare(*arguments)
    assert outcome.code == 2
    assert outcome.out == ""
    return outcome.err


def lists(root: Path) -> dict[str, bytes]:
    """The text files of the root."""
    return {file.name: file.read_bytes() for file in root.glob("*.txt")}


def paths(root: Path, name: str) -> list[str]:
    """The images of a list, which must be free of problems."""
    samples, problems = read_list(root / name)
    assert not problems
    return [sample.path for sample in samples]


def test_training_accepts_what_the_command_wrote(tmp_path: Path) -> None:
    """Any disagreement on format, labels, class names or copies between writer and reader."""
    root = class_folders(tmp_path / "my photos", cat=10, dog=20, ant=5)
    for copy in range(6):
        write(root / "dog" / f"copy{copy}.png", picture(1003))
    prepared(root, "--test", "0.2")

    loaded = load_data(DataConfig(root=str(root), image_size=8))
    assert loaded.class_names == ["ant", "cat", "dog"]
    for images in (loaded.train, loaded.eval):
        assert [loaded.class_names[label] for label in images.labels] == [path.split("/")[0] for path in images.paths]
    everything = [*loaded.train.paths, *loaded.eval.paths, *paths(root, "Test.txt")]
    assert sorted(everything) == sorted(file.relative_to(root).as_posix() for file in root.rglob("*.png"))


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


def test_every_class_is_split_by_the_shares(tmp_path: Path) -> None:
    """A split over all images at once leaves small classes without evaluation images."""
    root = class_folders(tmp_path, big=40, small=2, middle=11)
    prepared(root, "--eval", "0.25")
    counts = Counter(path.split("/")[0] for path in paths(root, "Eval.txt"))
    assert counts == {"big": 10, "middle": 3, "small": 1}
    assert not (root / "Test.txt").exists()


def test_copies_stay_on_one_side_and_do_not_fill_the_evaluation(tmp_path: Path) -> None:
    """Copies on both sides make evaluation meaningless; a picture with many copies would be most of a small list."""
    for seed in range(8):
        root = class_folders(tmp_path / str(seed), cat=4, dog=4)
        for copy in range(20):
            write(root / "cat" / "again" / f"{copy}.png", picture(0))
        write(root / "dog" / "again.png", picture(1001))
        prepared(root, "--seed", seed, "--test", 0.2)
        sides = [paths(root, name) for name in ("Train.txt", "Eval.txt", "Test.txt")]
        contents = [{(root / path).read_bytes() for path in side} for side in sides]
        assert not contents[0] & contents[1] and not contents[0] & contents[2] and not contents[1] & contents[2]
        assert {path for path in sides[0] if "again" in path} >= {f"cat/again/{copy}.png" for copy in range(20)}
        assert all(len({path.split("/")[0] for path in side}) == 2 for side in sides)


@pytest.mark.parametrize("sizes", [[1, 1], [3, 3], [1, 97, 1], [5, 1, 1, 1], [2, 2, 2, 2]])
@pytest.mark.parametrize(("eval_share", "test_share"), [(0.2, 0.0), (0.9, 0.0), (0.01, 0.01), (0.6, 0.3), (0.1, 0.85)])
def test_no_side_is_ever_empty(sizes: list[int], eval_share: float, test_share: float) -> None:
    """Groups of copies too large for a share, or shares that take all there is, leave a list without a class."""
    if test_share and len(sizes) < 3:
        return  # refused before
    groups = [[f"cat/{group}-{copy}" for copy in range(size)] for group, size in enumerate(sizes)]
    split = splitting.split(groups, eval_share, test_share)
    assert split.train and split.eval and bool(split.test) == bool(test_share)
    assert sorted([*split.train, *split.eval, *split.test]) == sorted(path for group in groups for path in group)


def test_a_share_counts_images_not_groups_of_copies() -> None:
    """Ten pictures in two copies each, 0.4 of them: 8 images, not 16."""
    split = splitting.split([[f"cat/{group}a", f"cat/{group}b"] for group in range(10)], 0.4, 0.2)
    assert (len(split.train), len(split.eval), len(split.test)) == (8, 8, 4)


def test_the_seed_decides_and_the_order_of_creation_does_not(tmp_path: Path) -> None:
    """A split that follows the file system's order cannot be repeated on another machine."""
    first = class_folders(tmp_path / "first", ant=9, bee=9)
    second = tmp_path / "second"
    for file in sorted(first.rglob("*.png"), reverse=True):
        write(second / file.relative_to(first), file.read_bytes())
    prepared(first)
    prepared(second)
    assert lists(first) == lists(second)
    ant, bee = ({Path(path).name for path in paths(first, "Eval.txt") if path.startswith(name)} for name in ("a", "b"))
    assert ant != bee  # each class has a draw of its own
    prepared(second, "--seed", 1, "--force")
    assert lists(first)["Eval.txt"] != lists(second)["Eval.txt"]


def test_listing_order_of_the_system_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, where this file system happens to list by name."""
    root = class_folders(tmp_path, ant=5, bee=5)
    prepared(root)
    before = lists(root)

    walk = os.walk

    def reversed_walk(folder: Path, onerror: Callable[[OSError], None]) -> Iterator[tuple[str, list[str], list[str]]]:
        for place, folders, files in walk(folder, onerror=onerror):
            folders.sort(reverse=True)
            yield place, folders, sorted(files, reverse=True)

    monkeypatch.setattr("suite.preparation.folders.os.walk", reversed_walk)
    prepared(root, "--force")
    assert lists(root) == before


def test_what_counts_as_an_image(tmp_path: Path) -> None:
    """Endings in capitals, deep folders, hidden files and foreign files."""
    root = class_folders(tmp_path, ant=2)
    kinds = {"a.JPG": "JPEG", "b.jpeg": "JPEG", "c.Png": "PNG", "d.bmp": "BMP", "e.GIF": "GIF", "f.webp": "WEBP"}
    kinds |= {"g.tif": "TIFF", "deep/er/h.TIFF": "TIFF"}
    for number, (name, kind) in enumerate(kinds.items()):
        write(root / "bee" / name, picture(500 + number, kind))
    write(root / "bee" / ".hidden.png", picture(1))
    write(root / "bee" / ".thumbs" / "x.png", picture(2))
    write(root / "bee" / "notes.TXT", b"")
    write(root / "bee" / "LICENCE", b"")
    write(root / "README.md", b"")
    said = prepared(root)
    listed = paths(root, "Train.txt") + paths(root, "Eval.txt")
    assert sorted(path for path in listed if path.startswith("bee")) == sorted(f"bee/{name}" for name in kinds)
    assert "left out: 1 .txt, 2 hidden, 1 without ending\n" in said


def test_paths_with_blanks_and_any_script_work(tmp_path: Path) -> None:
    """An unquoted path in the last line, bytes in place of characters, a table out of line."""
    root = tmp_path / "my 照片 🎈"
    for label, name in enumerate(["red fox", "猫", "🐶 dogs"]):
        for number in range(3):
            write(root / name / f"img  ({number}) é 7.png", picture(10 * label + number))
    said = prepared(root)
    loaded = load_data(DataConfig(root=str(root), image_size=8))
    assert loaded.class_names == ["red fox", "猫", "🐶 dogs"]
    table = said.splitlines()[:5]
    assert len({len(line) + sum(line.count(wide) for wide in "猫🐶") for line in table}) == 1


@pytest.mark.parametrize("name", ["photos", "my photos", "2024", "a: b #c", "照片", "on", "it's"])
def test_the_next_command_means_this_folder(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--set` reads its value as YAML: a folder called 2024 would be a number, a blank would end the argument."""
    class_folders(tmp_path / name, ant=2, bee=2)
    monkeypatch.chdir(tmp_path)
    *_, last = prepared(name).splitlines()
    words = shlex.split(last)
    config = COMMAND.with_name("configs") / "googlenet_none.yaml"
    assert words[:6] == ["next:", "python", "train.py", "--config", "configs/googlenet_none.yaml", "--set"]
    assert load_config(config, words[6:]).data.root == name


def test_summary_counts(tmp_path: Path) -> None:
    """Columns swapped or totals that do not add up."""
    root = class_folders(tmp_path, ant=10, bee=5)
    write(root / "ant" / "again.png", picture(0))
    lines = prepared(root, "--test", "0.2").splitlines()
    assert lines[0].split() == ["class", "images", "train", "eval", "test", "copies"]
    assert lines[1].split() == ["ant", "11", "7", "2", "2", "1"]
    assert lines[2].split() == ["bee", "5", "3", "1", "1", "0"]
    assert lines[3].split() == ["2", "classes", "16", "10", "3", "3", "1"]


def test_all_unreadable_images_are_named_and_nothing_is_written(tmp_path: Path) -> None:
    """Stopping at the first one makes the user run the command once for each."""
    root = class_folders(tmp_path, ant=5, bee=5)
    write(root / "ant" / "page.jpg", b"<html>")
    write(root / "bee" / "half.jpg", picture(77, "JPEG")[:-40])
    write(root / "bee" / "empty.png", b"")
    said = refused(root)
    for name in ("ant/page.jpg: not an image", "bee/half.jpg: cannot be decoded", "bee/empty.png: not an image"):
        assert f"{root}/{name}" in said
    assert "--skip-bad" in said
    assert lists(root) == {}

    said = prepared(root, "--skip-bad")
    assert said.count("skipped: ") == 3
    assert len(paths(root, "Train.txt") + paths(root, "Eval.txt")) == 10


def test_one_picture_in_two_classes_is_refused(tmp_path: Path) -> None:
    """It would be trained on with two labels, or be on both sides."""
    root = class_folders(tmp_path, ant=3, bee=3)
    write(root / "bee" / "same.png", picture(1))
    said = refused(root)
    assert f"{root}/ant/001.png and {root}/bee/same.png" in said
    assert lists(root) == {}


def photographers(root: Path, count: int = 12) -> Path:
    """Two classes of photos by as many people, `cat/ann_0.png`; the first three have one class only, two or more each.

    One photo of the last is a copy of one of the last but one.
    """
    for person in range(count):
        for label, name in enumerate(("cat", "dog")):
            for number in range(2 + person % 3 if person > 2 or person % 2 == label else 0):
                write(root / name / f"p{person:02}_{number}.png", picture(1000 * label + 10 * person + number))
    write(root / "cat" / f"p{count - 1:02}_9.png", (root / "cat" / f"p{count - 2:02}_0.png").read_bytes())
    return root


def people(root: Path, name: str) -> set[str]:
    """Whose photos are in a list; the two who share a copy are one."""
    return {path.split("/")[1][:3].replace("p11", "p10") for path in paths(root, name)}


def test_photos_of_one_person_stay_on_one_side_in_whatever_class(tmp_path: Path) -> None:
    """A network that knows the room by heart would be judged on the room. Copies tie two people together."""
    for seed in range(6):
        root = photographers(tmp_path / str(seed))
        said = prepared(root, "--together", "/(p[0-9]+)_", "--seed", seed, "--eval", 0.25, "--test", 0.2)
        names = ("Train.txt", "Eval.txt", "Test.txt")
        sides = [people(root, name) for name in names]
        assert sum(map(len, sides)) == 11 == len(set().union(*sides))
        counts = [Counter(path.split("/")[0] for path in paths(root, name)) for name in names]
        images = counts[0] + counts[1] + counts[2]
        for side, share in ((counts[1], 0.25), (counts[2], 0.2)):
            assert all(1 <= side[name] <= round(share * images[name]) for name in ("cat", "dog"))
        assert said.splitlines()[0].split()[-2:] == ["copies", "groups"]
        assert said.splitlines()[3].split()[-2:] == ["1", "11"]


def test_photos_of_one_person_stay_in_one_fold(tmp_path: Path) -> None:
    root = photographers(tmp_path)
    prepared(root, "--together", "/(p[0-9]+)_", "--folds", 3)
    judged = [people(root, f"Eval-fold{fold}.txt") for fold in (1, 2, 3)]
    assert sum(map(len, judged)) == 11 == len(set().union(*judged))
    for fold, there in enumerate(judged, 1):
        assert not there & people(root, f"Train-fold{fold}.txt")
    sizes = [len(paths(root, f"Eval-fold{fold}.txt")) for fold in (1, 2, 3)]
    assert max(sizes) - min(sizes) <= 8  # as many as the largest group


@pytest.mark.parametrize("more", [[], ["--together", "/(p[0-9]+)_"]])
def test_what_is_kept_aside_is_the_same_with_folds(tmp_path: Path, more: list[str]) -> None:
    """Yesterday's test images would be trained on tomorrow, and today's have been looked at."""
    root = photographers(tmp_path)
    prepared(root, "--test", 0.25, *more)
    aside = paths(root, "Test.txt")
    prepared(root, "--test", 0.25, "--folds", 3, "--force", *more)
    assert paths(root, "Test.txt") == aside
    prepared(root, "--test", 0.25, "--eval", 0.4, "--force", *more)
    assert paths(root, "Test.txt") == aside


@pytest.mark.parametrize(("pattern", "groups"), [("/(.*)/", 5), ("(.*)/", 10)])
def test_images_of_a_folder_stay_together(tmp_path: Path, pattern: str, groups: int) -> None:
    """The patterns of --help: a person who is in both classes is one, an item of each class is two."""
    for label, name in enumerate(("cat", "dog")):
        for item in range(5):
            for number in range(3):
                write(tmp_path / name / f"p{item}" / f"{number}.png", picture(100 * label + 10 * item + number))
    said = prepared(tmp_path, "--together", pattern)
    assert said.splitlines()[3].split()[-1] == str(groups)
    sides = [{path.rpartition("/")[0] for path in paths(tmp_path, name)} for name in ("Train.txt", "Eval.txt")]
    assert not sides[0] & sides[1] and len(sides[1]) == 2
    if groups == 5:
        assert len({folder.rpartition("/")[2] for folder in sides[1]}) == 1


def test_patterns_that_keep_nothing_or_everything_together(tmp_path: Path) -> None:
    root = class_folders(tmp_path / "images", cat=6, dog=6)
    assert "has no (...)" in refused(root, "--together", "cat")
    assert "no regular expression" in refused(root, "--together", "(cat")
    assert "--together /(x): finds nothing in cat/000.png" in refused(root, "--together", "/(x)")
    assert "--together /(?:(x))?: finds nothing in cat/000.png" in refused(root, "--together", "/(?:(x))?")
    assert "--together (.*): keeps no two images together" in refused(root, "--together", "(.*)")
    assert f"{root}/cat: too few groups of images: 1, and each of the 2 lists" in refused(root, "--together", "(.*)/")
    assert not list(root.glob("*.txt"))
    few = tmp_path / "few"
    for number, (cats, dogs) in enumerate([(9, 1), (1, 9)]):
        for label, count in enumerate((cats, dogs)):
            for image in range(count):
                write(few / ("cat", "dog")[label] / f"{number}_{image}.png", picture(100 * number + 50 * label + image))
    write(few / "ant" / "0_0.png", picture(7000))
    write(few / "ant" / "0_1.png", picture(7001))
    write(few / "ant" / "2_1.png", picture(7002))
    write(few / "cow" / "1_1.png", picture(7003))
    write(few / "cow" / "2_2.png", picture(7004))
    said = refused(few, "--together", "/([0-9])_")
    assert "is missing in one of the lists, for its images stay together in few, large groups" in said
    assert not list(few.glob("*.txt"))


def test_a_class_with_too_few_different_images_is_refused(tmp_path: Path) -> None:
    """Copies do not count, an empty folder is a class too, and with --test three are needed."""
    root = class_folders(tmp_path, ant=3, bee=1, cow=2)
    write(root / "bee" / "again.png", picture(1000))
    (root / "void").mkdir()
    said = refused(root)
    assert f"{root}/bee: too few different images: 1" in said
    assert f"{root}/void: too few different images: 0" in said
    assert "cow" not in said
    assert f"{root}/cow: too few different images: 2" in refused(root, "--test", "0.1")


def test_what_was_left_out_of_a_class_is_said_when_it_is_too_small(tmp_path: Path) -> None:
    """Somebody who sees a folder full of photos from a telephone, and reads that there are 0 images in it."""
    root = class_folders(tmp_path, ant=3, cow=3)
    said = refused(root, "--folds", 4)
    assert "cow: too few" in said and "left out" not in said
    for number in range(4):
        write(root / "bee" / f"{number}.HEIC", b"")
    said = refused(root)
    assert f"{root}/bee: too few different images: 0" in said
    assert said.endswith(f"{root}: left out: 4 .heic; save images among them as JPEG or PNG\n")


def test_layouts_that_are_not_class_folders(tmp_path: Path) -> None:
    """Training on the classes `train` and `val`, or on one class, costs hours before anybody notices."""
    assert "cannot be read: No such file" in refused(tmp_path / "nowhere")
    write(tmp_path / "flat" / "a.jpg", picture(1))
    assert "has no class folders" in refused(tmp_path / "flat")
    nested = class_folders(tmp_path / "nested" / "inner", ant=2, bee=2)
    assert f"python prepare_data.py {nested}" in refused(nested.parent)
    class_folders(tmp_path / "split" / "Train", ant=2, bee=2)
    class_folders(tmp_path / "split" / "val", ant=2, bee=2)
    assert "Train and val are the sides of a split" in refused(tmp_path / "split")
    stray = class_folders(tmp_path / "stray", ant=2, bee=2)
    write(stray / "cover.jpg", picture(1))
    assert f"{stray}/cover.jpg: lies in no class folder" in refused(stray)


@pytest.mark.skipif(os.name == "nt", reason="names and links that Windows does not have")
def test_names_and_links_that_a_list_cannot_hold(tmp_path: Path) -> None:
    """They would be written, and refused by training: a break in a line, a lost blank, a link that leads out."""
    root = class_folders(tmp_path / "root", ant=2, bee=2)
    write(root / " cow" / "a.png", picture(1))
    write(root / "ant" / "two\nlines.png", picture(2))
    write(root / "ant" / os.fsdecode(b"caf\xe9.png"), picture(3))
    outside = class_folders(tmp_path / "outside", cow=2)
    (root / "ant" / "link.png").symlink_to(outside / "cow" / "000.png")
    (root / "cow").symlink_to(outside / "cow")
    said = refused(root)
    for name in ("' cow/a.png' cannot", r"'ant/two\nlines.png' cannot", r"'ant/caf\udce9.png' cannot"):
        assert name in said
    assert f"{root}/ant/link.png: is a link" in said
    assert f"{root}/cow: is a link" in said
    assert lists(root) == {}


def test_lists_that_are_there_are_kept(tmp_path: Path) -> None:
    """Lists made with care, lost to a command run twice; and a second run must not even touch equal ones."""
    root = class_folders(tmp_path, ant=10, bee=10)
    prepared(root, "--test", "0.2")
    before = {file: file.stat().st_mtime_ns for file in root.glob("*.txt")}
    assert "the lists are as they were" in prepared(root, "--test", "0.2")
    assert {file: file.stat().st_mtime_ns for file in root.glob("*.txt")} == before

    old = lists(root)
    assert "--force" in refused(root, "--test", "0.2", "--seed", "5")
    assert lists(root) == old
    prepared(root, "--test", "0.2", "--seed", "5", "--force")
    assert lists(root)["Eval.txt"] != old["Eval.txt"]


def test_an_old_test_list_does_not_outlive_its_split(tmp_path: Path) -> None:
    """Its images are training images now: judged on them, any model looks good."""
    root = class_folders(tmp_path, ant=10, bee=10)
    prepared(root, "--test", 0.2)
    assert "Test.txt" in refused(root)
    prepared(root, "--force")
    assert not (root / "Test.txt").exists()


def test_an_interrupted_rewrite_leaves_no_mixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new Train.txt beside an old Eval.txt trains on images it is judged by."""
    root = class_folders(tmp_path, ant=10, bee=10)
    prepared(root)
    old = lists(root)

    def killed_at_the_evaluation(file: Path, text: str) -> None:
        if file.name == "Eval.txt":
            raise KeyboardInterrupt
        file.write_text(text)

    monkeypatch.setattr("suite.preparation.writing.write_text", killed_at_the_evaluation)
    assert prepare(root, "--seed", 3, "--force").code == 130
    assert "Eval.txt" not in lists(root)
    assert lists(root)["Train.txt"] != old["Train.txt"]


# --- folds ----------------------------------------------------------------------------------------------------------


def fold_lists(root: Path, folds: int) -> list[tuple[list[str], list[str]]]:
    """Training and evaluation images of every fold."""
    return [(paths(root, f"Train-fold{n}.txt"), paths(root, f"Eval-fold{n}.txt")) for n in range(1, folds + 1)]


@pytest.mark.parametrize("test", [[], ["--test", "0.25"]])
def test_every_image_is_evaluated_on_in_one_fold_and_trained_on_in_the_others(tmp_path: Path, test: list[str]) -> None:
    """Images in no evaluation list, or in two; trained and judged on in one fold; a Test.txt that leaks into a fold."""
    root = class_folders(tmp_path, ant=13, bee=22, cow=5)
    for copy in range(4):
        write(root / "bee" / f"copy{copy}.png", picture(1003))
    said = prepared(root, "--folds", 4, *test)
    aside = set(paths(root, "Test.txt")) if test else set()
    everything = {file.relative_to(root).as_posix() for file in root.rglob("*.png")} - aside
    folds = fold_lists(root, 4)
    assert sorted(path for _, judged in folds for path in judged) == sorted(everything)
    for trained_on, judged in folds:
        assert not set(trained_on) & set(judged) and set(trained_on) | set(judged) == everything
        contents = [{(root / path).read_bytes() for path in side} for side in (trained_on, judged, aside)]
        assert not contents[0] & contents[1] and not contents[2] & (contents[0] | contents[1])
        assert {path.split("/")[0] for path in judged} == {"ant", "bee", "cow"}
    assert not (root / "Train.txt").exists() and not (root / "Eval.txt").exists()
    counts = [len(judged) for _, judged in folds]
    sides = [*counts, *([len(aside)] if test else [])]
    assert said.splitlines()[4].split() == ["3", "classes", *map(str, [44, *sides, 4])]


def test_folds_are_of_one_size(tmp_path: Path) -> None:
    """The odd images of every class in the first fold: with many classes it would be much larger than the last."""
    root = class_folders(tmp_path, **{f"class{number:02}": 7 for number in range(11)})
    prepared(root, "--folds", 3)
    evaluations = [judged for _, judged in fold_lists(root, 3)]
    assert sorted(map(len, evaluations)) == [25, 26, 26]
    assert {count for judged in evaluations for count in Counter(p.split("/")[0] for p in judged).values()} == {2, 3}


def test_groups_of_copies_are_dealt_out_evenly() -> None:
    """Ten copies dealt out last lie on top of a fold that was as full as the others."""
    groups = [[f"cat/{group}"] for group in range(10)] + [[f"cat/copy{copy}" for copy in range(10)]]
    splits = splitting.fold(groups, folds=2, test_share=0)
    assert [len(split.eval) for split in splits] == [10, 10]
    assert [len(split.train) for split in splits] == [10, 10]


def test_the_seed_decides_the_folds(tmp_path: Path) -> None:
    """Folds in the order of the file names: all photos of one day in one fold."""
    root = class_folders(tmp_path, ant=12, bee=12)
    prepared(root, "--folds", 3)
    first = fold_lists(root, 3)
    prepared(root, "--folds", 3, "--seed", 1, "--force")
    assert fold_lists(root, 3) != first
    ant, bee = ({path[4:] for path in first[0][1] if path.startswith(name)} for name in ("ant", "bee"))
    assert ant != bee


def test_a_class_with_fewer_different_images_than_folds_is_refused(tmp_path: Path) -> None:
    """A fold without a class; copies counted as different images; Test.txt taking what a fold needs."""
    root = class_folders(tmp_path, ant=4, bee=3)
    write(root / "bee" / "again.png", picture(1000))
    said = refused(root, "--folds", 4)
    assert f"{root}/bee: too few different images: 3, and each of the 4 folds needs one" in said
    assert "ant" not in said
    said = refused(root, "--folds", 3, "--test", 0.2)
    assert "each of the 3 folds and Test.txt needs one" in said and "ant" not in said
    assert lists(root) == {}
    prepared(root, "--folds", 2, "--test", 0.9)
    assert all({path[:3] for path in judged} == {"ant", "bee"} for _, judged in fold_lists(root, 2))


def test_lists_of_an_earlier_split_go(tmp_path: Path) -> None:
    """Fold 5 of five beside four new folds, a Train.txt with what is judged on now: each looks as if it belonged."""
    root = class_folders(tmp_path, ant=10, bee=10)
    (root / "Train-fold-notes.txt").touch()
    prepared(root)
    assert "Eval.txt, Train.txt would be replaced or removed" in refused(root, "--folds", 5)
    prepared(root, "--folds", 5, "--force")
    before = lists(root)
    assert "Train-fold5.txt would be replaced or removed" in refused(root, "--folds", 4)
    assert lists(root) == before
    assert "and removed Eval-fold5.txt, Train-fold5.txt\n" in prepared(root, "--folds", 4, "--force")
    assert "the lists are as they were" in prepared(root, "--folds", 4)
    prepared(root, "--force")
    assert sorted(lists(root)) == ["Eval.txt", "Train-fold-notes.txt", "Train.txt", "classes.txt"]


def test_training_accepts_the_folds_that_the_next_command_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A study file whose list names are others than those that were written."""
    root = class_folders(tmp_path / "my photos", ant=10, bee=10)
    *_, last = prepared(root, "--folds", 5).splitlines()
    monkeypatch.chdir(COMMAND.parent)
    monkeypatch.setattr(sys, "argv", shlex.split(last)[2:])
    planned = plan.plan(train.parse_arguments())
    pools = {load_data(run.config.data.model_copy(update={"image_size": 8})).pool for run in planned.values()}
    assert len({run.config.data.eval_list for run in planned.values()}) == 5 and len(pools) == 1


@pytest.mark.parametrize("wrong", [["--folds", "1"], ["--folds", "-2"], ["--folds", "3", "--eval", "0.2"],
                                   ["--folds", "3", "--test", "1"]])  # fmt: skip
def test_folds_that_make_no_sense_are_refused(tmp_path: Path, wrong: list[str]) -> None:
    """One fold has nothing to train on; a share for Eval.txt that is not heeded."""
    root = class_folders(tmp_path, ant=5, bee=5)
    assert prepare(root, *wrong).code == 2
    assert lists(root) == {}


@pytest.mark.parametrize("wrong", [["--eval", "20"], ["--eval", "0"], ["--eval", "nan"], ["--eval", "-0.1"],
                                   ["--test", "0.8"], ["--test", "-0.1"], ["--seed", "-1"]])  # fmt: skip
def test_shares_that_leave_nothing_are_refused(tmp_path: Path, wrong: list[str]) -> None:
    """A percentage in place of a share; the numpy error of a negative seed."""
    root = class_folders(tmp_path, ant=2, bee=2)
    assert prepare(root, *wrong).code == 2
    assert lists(root) == {}
