"""Classes, subsets and fingerprints of what is loaded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from suite.config.reading import load_config
from suite.config.schema import Config, DataConfig
from suite.data.images import decode_image
from suite.data.lists import Sample, balanced_subset, check_lists, name_classes
from suite.errors import UserError
from suite.runs.curves import CURVES
from suite.training import provenance
from suite.training.clock import Clock
from tests.fixtures.images import EVAL, SIZE, TRAIN, encoded, image_folder, load, photo


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        ({"ant/1": 0, "ant/2": 0, "bee/1": 1}, ["ant", "bee"]),
        ({"a/ant/1": 0, "a/bee/1": 1}, ["a/ant", "a/bee"]),
        ({"1": 0, "2": 1}, ["0", "1"]),
        ({"ant/1": 0, "ant/2": 1}, ["0", "1"]),
        ({"ant/1": 0, "wasp/1": 0, "bee/1": 1}, ["0", "1"]),
    ],
    ids=["folders", "deeper", "flat", "two classes in a folder", "two folders a class"],
)
def test_class_names_without_classes_txt(tmp_path: Path, paths: dict[str, int], names: list[str]) -> None:
    """A name taken from a folder that holds several classes would be wrong on every plot."""
    samples = [Sample(path, label, 0) for path, label in paths.items()]
    assert name_classes(tmp_path, samples) == names
    (tmp_path / "classes.txt").write_text("\ufeffx \ny\n\n", encoding="utf-8")
    assert name_classes(tmp_path, samples) == ["x", "y"]


def test_subsets_are_balanced_and_nested() -> None:
    """A learning curve over `images_per_class` compares sizes, not different images."""
    samples = [Sample(f"{number}", number % 3, number) for number in range(60)]
    subsets = {}
    for size in (1, 5, 20):
        chosen = balanced_subset(samples, DataConfig(images_per_class=size), ["a", "b", "c"])
        assert Counter(sample.label for sample in chosen) == {0: size, 1: size, 2: size}
        assert chosen == [sample for sample in samples if sample in chosen]  # the list's order
        subsets[size] = {sample.path for sample in chosen}
    assert subsets[1] < subsets[5] < subsets[20]
    assert balanced_subset(samples, DataConfig(), ["a", "b", "c"]) == samples
    other = balanced_subset(samples, DataConfig(images_per_class=5, subset_seed=1), ["a", "b", "c"])
    assert {sample.path for sample in other} != subsets[5]


def test_a_subset_of_many_classes_reads_the_list_once() -> None:
    """1,000 classes of 100 images each took 20 s, because every class went through the whole list."""

    class Counted(list[Sample]):
        passes = 0

        def __iter__(self) -> Iterator[Sample]:
            self.passes += 1
            return super().__iter__()

    samples = Counted(Sample(f"{number}", number % 50, number) for number in range(200))
    chosen = balanced_subset(samples, DataConfig(images_per_class=2), [str(label) for label in range(50)])
    assert len(chosen) == 100
    assert samples.passes == 1


def test_a_subset_larger_than_a_class_is_refused() -> None:
    """Taking fewer without a word makes the classes unequal; the largest size that works had to be looked for."""
    samples = [Sample("a", 0, 1), Sample("b", 0, 2), Sample("c", 1, 3), *(Sample(f"{n}", 2, n) for n in range(4, 9))]
    with pytest.raises(UserError) as error:
        balanced_subset(samples, DataConfig(images_per_class=3), ["ant", "bee", "cow"])
    assert error.value.problems == [
        "data.images_per_class is 3, but class ant has 2 images",
        "data.images_per_class is 3, but class bee has 1 images",
        "the largest data.images_per_class for these lists is 1",
    ]


def test_fingerprint_changes_with_everything_that_matters(tmp_path: Path) -> None:
    """A run continued on other data mixes two experiments; one that is refused for nothing is lost work."""
    root = image_folder(tmp_path, TRAIN, EVAL)
    before = load(root).fingerprint
    assert load(root).fingerprint == before

    def after(change: Callable[[], object]) -> str:
        kept = {file: file.read_bytes() for file in root.rglob("*") if file.is_file()}
        change()
        fingerprint = load(root).fingerprint
        for file, content in kept.items():
            file.write_bytes(content)
        return fingerprint

    changed = [
        after(lambda: (root / "ant/1.png").write_bytes(encoded(photo(99)))),
        after(lambda: (root / "bee/3.png").write_bytes(encoded(photo(98)))),
        after(lambda: (root / "Train.txt").write_text(TRAIN.replace("ant/2.png 0", "ant/2.png 1"))),
        after(lambda: (root / "Train.txt").write_text(TRAIN.replace("ant/2.png 0\n", ""))),
        after(lambda: (root / "Eval.txt").write_text(EVAL.replace("bee/3.png 1\n", ""))),
        after(lambda: (root / "Train.txt").write_text("".join(reversed(TRAIN.splitlines(keepends=True))))),
        load(root, images_per_class=1).fingerprint,
    ]
    assert len({before, *changed}) == len(changed) + 1
    assert after(lambda: (root / "Train.txt").write_text(TRAIN.replace("\n", "\r\n"))) == before


def test_the_pool_is_one_for_folds_and_subsets_and_the_split_for_subsets(tmp_path: Path) -> None:
    """Folds or sizes of one set of images that are not seen to belong together; other images, or folds, that are."""
    root = image_folder(tmp_path, TRAIN, EVAL)
    first = load(root)
    assert len(first.split) == 16 and first.split != first.pool
    subset = load(root, images_per_class=1)
    assert (subset.pool, subset.split) == (first.pool, first.split)
    lines = (TRAIN + EVAL).splitlines(keepends=True)
    other_fold = {"train_list": "Train2.txt", "eval_list": "Eval2.txt"}
    (root / "Train2.txt").write_text("".join(reversed(lines[1:3] + lines[4:])))
    (root / "Eval2.txt").write_text("".join([lines[0], lines[3]]))
    fold = load(root, **other_fold)
    assert fold.pool == first.pool
    assert fold.split != first.split
    assert fold.fingerprint != first.fingerprint
    (root / "Train2.txt").write_text("".join(lines[1:3] + lines[4:]))
    (root / "ant/1.png").write_bytes(encoded(photo(99)))
    assert load(root, **other_fold).split == fold.split  # neither the order nor the pictures matter
    exchanged = load(root, train_list="Eval2.txt", eval_list="Train2.txt")
    assert (exchanged.pool, exchanged.split != fold.split) == (fold.pool, True)

    for text in ("ant/3.png 0\nbee/3.png 0\n", "ant/3.png 0\n"):
        (root / "Eval.txt").write_text(text)
        assert load(root).pool != first.pool
        assert load(root).split != first.split


def test_a_run_says_its_pool_and_split(tmp_path: Path) -> None:
    """Computed and not written: every fold would be a group of its own, and none could be told from another."""
    loaded = load(image_folder(tmp_path, TRAIN, EVAL))
    curves: dict[str, list[float]] = {name: [] for name in CURVES}
    training: Any = SimpleNamespace(parameter_count=1, weights_name=None, device="cpu", epochs_done=0)
    training.seconds, training.curves, training.clock, training.config = [], curves, Clock(), Config()
    said = provenance.run_facts(Config(), loaded, training, ()).data
    assert (said.pool, said.split) == (loaded.pool, loaded.split)


def test_all_images_of_a_class(tmp_path: Path) -> None:
    """A sweep written [10, 25, all], and a run folder that does not give the same configuration again."""
    (tmp_path / "my.yaml").write_text("data:\n  images_per_class: all\n")
    assert load_config(tmp_path / "my.yaml").data.images_per_class is None
    assert load_config(tmp_path / "my.yaml", ["data.images_per_class=7"]).data.images_per_class == 7
    assert load_config(tmp_path / "my.yaml", ["data.images_per_class=all"]) == load_config(tmp_path / "my.yaml")
    with pytest.raises(UserError, match=r"data.images_per_class: should be an integer, got 'any'"):
        load_config(tmp_path / "my.yaml", ["data.images_per_class=any"])


def test_loaded_images_and_labels_belong_together(tmp_path: Path) -> None:
    """Threads that finish in another order than they began must not exchange pictures."""
    train = "".join(f"{number % 2}/{number}.png {number % 2}\n" for number in range(40))
    image_folder(tmp_path, train, "0/e.png 0\n")
    loaded = load(tmp_path).train
    assert loaded.images[:].shape == (40, SIZE, SIZE, 3) and loaded.images[:].dtype == np.uint8
    assert loaded.labels.dtype == np.int64
    for image, label, path in zip(loaded.images, loaded.labels, loaded.paths, strict=True):
        assert np.array_equal(image, decode_image((tmp_path / path).read_bytes(), SIZE))
        assert path.startswith(f"{label}/")


@pytest.mark.parametrize(
    ("text", "groups"),
    [("ant/3.png 4\n./bee//3.png 4\nant/1.png 0\n", [4, 4]), ("ant/3.png 0\n\nant/9.png 1\n", [0, -1]), ("", [-1, -1])],
)
def test_images_come_with_the_groups_beside_their_list(root: Path, text: str, groups: list[int]) -> None:
    """An image that nothing names stands alone; a file that is no longer there is no mistake."""
    assert load(root).eval.groups is None
    before = load(root).fingerprint
    (root / "groups.txt").write_text(text)
    data = load(root)
    assert data.eval.groups is not None and data.eval.groups.tolist() == groups
    assert data.fingerprint == before  # or unfinished runs could not go on


def test_mistakes_in_the_groups_are_found_before_the_night(root: Path) -> None:
    (root / "groups.txt").write_text("ant/1.png\nant/2.png x\nbee/1.png 1\nbee/1.png 2\n")
    with pytest.raises(UserError) as raised:
        check_lists(DataConfig(root=str(root)))
    assert raised.value.problems == [
        f"{root}/groups.txt:1: should be `path number`, got: 'ant/1.png'",
        f"{root}/groups.txt:2: should be `path number`, got: 'ant/2.png x'",
        f"{root}/groups.txt:4: bee/1.png is in two groups; keep one of them",
    ]
