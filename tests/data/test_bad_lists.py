"""Lists that are refused, and lists that only look bad."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest

from suite.data import lists
from suite.data.lists import read_list
from tests.fixtures.bad_input import (
    TWO_LABELS,
    Case,
    Spoil,
    answer_to,
    assert_says,
    both,
    copied,
    evaluation,
    folder,
    linked,
    of_size,
    removed,
    train,
    written,
)
from tests.fixtures.images import TRAIN, encoded, load, photo

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
    # lists made elsewhere
    "separators of Windows": Case(
        both(copied("ant/1.png", "ant/4.png"), train(r"ant\4.png 0")),
        r"{root}/Train.txt:5: no such image: ant\4.png (in {root}); write: ant/4.png 0",
    ),
    "separators of Windows, and no such image": Case(
        train(r"ant\9.png 0"), r"{root}/Train.txt:5: no such image: ant\9.png (in {root})"
    ),
    "a table": Case(
        both(copied("ant/1.png", "ant/4.png"), train("ant/4.png,0")),
        "{root}/Train.txt:5: " + WANTED + ", got: 'ant/4.png,0'; write: ant/4.png 0",
    ),
    "a table with blanks": Case(
        both(copied("ant/1.png", "ant/4.png"), train("ant/4.png, 0")),
        "{root}/Train.txt:5: no such image: ant/4.png, (in {root}); write: ant/4.png 0",
    ),
    "a table of Windows": Case(
        both(copied("ant/1.png", "ant/4.png"), train(r"ant\4.png;0")),
        "{root}/Train.txt:5: " + WANTED + r", got: 'ant\\4.png;0'; write: ant/4.png 0",
    ),
    "a path in quotes": Case(
        both(copied("ant/1.png", "ant/my 4.png"), train('"ant/my 4.png" 0')),
        '{root}/Train.txt:5: no such image: "ant/my 4.png" (in {root}); write: ant/my 4.png 0',
    ),
    "the label first": Case(
        both(copied("ant/1.png", "ant/4.png"), train("0 ant/4.png")),
        "{root}/Train.txt:5: " + WANTED + ", got: '0 ant/4.png'; write: ant/4.png 0",
    ),
    "an accent as another system writes it": Case(
        both(copied("ant/1.png", "cafe\u0301/4.png"), train("caf\xe9/4.png 0")),
        "{root}/Train.txt:5: no such image: caf\xe9/4.png (in {root}); 'cafe\\u0301/4.png' is there, whose name looks "
        "the same: prepare_data.py makes the lists anew",
    ),
    "an ending in capitals": Case(
        train("ant/3.PNG 0"),
        "{root}/Train.txt:5: no such image: ant/3.PNG (in {root}); 'ant/3.png' is there, whose name looks the same: "
        "prepare_data.py makes the lists anew",
    ),
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
    "two labels for one content": TWO_LABELS,
    "two labels for one content, to be judged by": Case(
        copied("ant/3.png", "bee/3.png"),
        "{root}/Eval.txt:2: bee/3.png has label 1, and its copy ant/3.png (line 1) has label 0; keep one of them",
    ),
}


@pytest.mark.parametrize("case", LISTS.values(), ids=LISTS.keys())
def test_lists(root: Path, case: Case) -> None:
    """Each would be a traceback, a crash at epoch k, or an accuracy that means nothing."""
    case.spoil(root)
    assert_says(answer_to(lambda: load(root, cache="none"), root), case.answer, root)


def test_a_root_that_is_none(tmp_path: Path) -> None:
    """A path typed wrongly is the commonest mistake of all; a file is no folder."""
    (tmp_path / "file").touch()
    for name in ("imgaes", "file", "x" * 300):
        said = answer_to(partial(load, tmp_path / name, cache="none"), tmp_path)
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
    assert len(load(root, cache="none").train.labels) == 5
