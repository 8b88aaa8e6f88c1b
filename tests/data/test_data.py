"""Lists, decoding and the way of batches. What is refused stands in test_bad_input.py."""

from __future__ import annotations

import io
import struct
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageDraw, ImageOps

from suite.config.reading import load_config
from suite.config.schema import Config, DataConfig
from suite.data import images, loading
from suite.data.batches import batches_of_epoch, prefetch
from suite.data.images import decode_image, read_image
from suite.data.lists import Sample, balanced_subset, check_lists, find_root, name_classes, read_list
from suite.data.loading import load_data
from suite.errors import UserError
from suite.runs.curves import CURVES
from suite.training import provenance
from suite.training.clock import Clock
from tests.fixtures.images import EVAL, SIZE, TRAIN, encoded, image_folder, photo


def load(root: Path, **keys: Any) -> loading.Data:
    """Load this root at a small size."""
    return load_data(DataConfig(root=str(root), image_size=SIZE, **keys))


# --- lists ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "a.png 0\nsub dir/b c.png 1\n",
        "\ufeffa.png 0\nsub dir/b c.png 1",
        "a.png 0\r\nsub dir/b c.png 1\r\n",
        "a.png\t0\nsub dir/b c.png \t 1\n",
        "\n  a.png   0  \n\n\t\nsub dir/b c.png 1\n\n",
    ],
    ids=["plain", "byte order mark", "line ends of Windows", "tabs", "blank lines"],
)
def test_lists_of_every_make_are_read_alike(tmp_path: Path, text: str) -> None:
    """Lists come from Excel, from Notepad and from scripts; a path may hold blanks."""
    for path in ("a.png", "sub dir/b c.png"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).touch()
    (tmp_path / "list.txt").write_bytes(text.encode())
    samples, problems = read_list(tmp_path / "list.txt")
    assert problems == []
    assert [(sample.path, sample.label) for sample in samples] == [("a.png", 0), ("sub dir/b c.png", 1)]


def test_a_tab_inside_a_file_name_is_part_of_it(tmp_path: Path) -> None:
    """Turning tabs into blanks everywhere looks for a file that is not there."""
    (tmp_path / "a\tb.png").touch()
    (tmp_path / "list.txt").write_text("a\tb.png\t0\n")
    assert read_list(tmp_path / "list.txt") == ([Sample("a\tb.png", 0, 1)], [])


def test_a_root_that_is_a_link_is_fine(tmp_path: Path) -> None:
    """Data often lie on another disk, behind a link; comparing with the unresolved root refuses all of them."""
    image_folder(tmp_path / "real", TRAIN, EVAL)
    (tmp_path / "link").symlink_to("real")
    assert len(load(tmp_path / "link").train.labels) == 4


@pytest.mark.parametrize(
    ("name", "text", "keys", "said"),
    [
        ("Eval.txt", "ant/4.png 0\n", {}, "Eval.txt:1: no such image: ant/4.png"),
        ("Eval.txt", "ant/1.png 0\n", {}, "Eval.txt:1: ant/1.png is also trained on"),
        ("Train.txt", "bee/1.png 1\n", {}, r"Train.txt: class 0 \(ant\) has no image"),
        ("classes.txt", "ant\n", {}, "Train.txt:3: label 1 is out of range: classes.txt names 1 classes"),
        ("classes.txt", "", {}, "classes.txt: is empty"),
        ("Train.txt", TRAIN, {"root": "imgaes"}, "data.root: no such folder: imgaes"),
        ("Train.txt", TRAIN, {"images_per_class": 3}, "images_per_class is 3, but class ant has 2 images"),
        ("Train.txt", TRAIN, {"eval_list": "Evil.txt"}, "Evil.txt: no such list"),
    ],
)
def test_lists_are_checked_before_an_image_is_opened(
    tmp_path: Path, name: str, text: str, keys: dict[str, Any], said: str
) -> None:
    """A night of fifty runs whose last ones fail for a slip in their lists; a check that takes as long as a start."""
    root = image_folder(tmp_path, TRAIN, EVAL)
    config = DataConfig.model_validate({"root": str(root), **keys})
    for image in root.glob("*/*.png"):
        image.write_bytes(b"")
    if not keys:
        check_lists(config)
    (root / name).write_text(text)
    with pytest.raises(UserError, match=said) as checked:
        check_lists(config)
    with pytest.raises(UserError) as loaded:
        load_data(config)
    assert loaded.value.problems == checked.value.problems


def test_a_missing_list_says_how_to_make_it(tmp_path: Path) -> None:
    """The command for one pair of lists makes no folds; it would be refused, or remove what others use."""
    for name, options in {"Train.txt": "", "Eval-fold3.txt": " --folds K"}.items():
        with pytest.raises(UserError, match=f"make the lists with: python prepare_data.py {tmp_path}{options}$"):
            read_list(tmp_path / name)


@pytest.mark.parametrize("home", ["~/images", "~"])
def test_a_root_may_begin_with_a_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str) -> None:
    """YAML files are not expanded by a shell; a user who does not exist is no traceback."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "images").mkdir()
    assert find_root(home) == Path(home.replace("~", str(tmp_path)))
    with pytest.raises(UserError, match=r"data.root: no such folder: ~nosuchuser/images"):
        find_root("~nosuchuser/images")


# --- classes and subsets --------------------------------------------------------------------------------------------


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


def test_a_subset_larger_than_a_class_is_refused() -> None:
    """Taking fewer without a word makes the classes unequal."""
    samples = [Sample("a", 0, 1), Sample("b", 0, 2), Sample("c", 1, 3)]
    with pytest.raises(UserError, match="images_per_class is 2, but class bee has 1 images"):
        balanced_subset(samples, DataConfig(images_per_class=2), ["ant", "bee"])


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
    training: Any = SimpleNamespace(
        parameter_count=1,
        weights_name=None,
        device="cpu",
        epochs_done=0,
        seconds=[],
        curves=curves,
        clock=Clock(),
        config=Config(),
    )
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


# --- images ---------------------------------------------------------------------------------------------------------


def test_loaded_images_and_labels_belong_together(tmp_path: Path) -> None:
    """Threads that finish in another order than they began must not exchange pictures."""
    train = "".join(f"{number % 2}/{number}.png {number % 2}\n" for number in range(40))
    image_folder(tmp_path, train, "0/e.png 0\n")
    loaded = load(tmp_path).train
    assert loaded.images.shape == (40, SIZE, SIZE, 3) and loaded.images.dtype == np.uint8
    assert loaded.labels.dtype == np.int64
    for image, label, path in zip(*loaded, strict=True):
        assert np.array_equal(image, decode_image((tmp_path / path).read_bytes(), SIZE))
        assert path.startswith(f"{label}/")


def behind_a_mask(image: Image.Image) -> Image.Image:
    """The image behind a mask that is different at every place."""
    image = image.copy()
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    return image


@pytest.mark.parametrize(
    ("image", "kind", "options"),
    [
        pytest.param(photo(), "PNG", {}, id="colour png"),
        pytest.param(photo(), "JPEG", {}, id="colour jpeg"),
        pytest.param(photo(), "WEBP", {}, id="colour webp"),
        pytest.param(photo().convert("L"), "JPEG", {}, id="grey"),
        pytest.param(photo().convert("LA"), "PNG", {}, id="grey with alpha"),
        pytest.param(photo().convert("1"), "PNG", {}, id="black and white"),
        pytest.param(photo().convert("P"), "GIF", {}, id="palette gif"),
        pytest.param(photo().quantize(16), "PNG", {}, id="palette png"),
        pytest.param(photo().quantize(16), "PNG", {"transparency": bytes(range(0, 160, 10))}, id="palette with alpha"),
        pytest.param(photo().quantize(16), "PNG", {"transparency": 3}, id="palette with a clear colour"),
        pytest.param(behind_a_mask(photo()), "PNG", {}, id="colour with alpha"),
        pytest.param(photo().convert("CMYK"), "JPEG", {}, id="cmyk jpeg"),
        pytest.param(photo().convert("CMYK"), "TIFF", {}, id="cmyk tiff"),
    ],
)
def test_every_kind_of_image_becomes_the_rgb_that_pillow_makes_of_it(
    image: Image.Image, kind: str, options: dict[str, Any]
) -> None:
    """Palette indices taken for grey, four channels for three, a warning (here an error) for a transparent palette."""
    content = encoded(image, kind, **options)
    with Image.open(io.BytesIO(content)) as opened:
        opened.info.pop("transparency", None)
        expected = opened.convert("RGB").resize((SIZE, SIZE), Image.Resampling.BILINEAR)
    decoded = decode_image(content, SIZE)
    assert decoded.shape == (SIZE, SIZE, 3) and decoded.dtype == np.uint8
    assert np.array_equal(decoded, np.asarray(expected))


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bits_a_pixel_are_scaled(kind: str) -> None:
    """Pillow's own conversion clips: everything above 255 of 65535 would be white."""
    grey = photo().convert("L")
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    assert deep.mode == "I;16"
    assert np.array_equal(decode_image(encoded(deep, kind), SIZE), decode_image(encoded(grey), SIZE))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_photos_are_turned_as_their_camera_says(orientation: int, kind: str) -> None:
    """Telephones store pictures lying on their side and a note how to turn them."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    image = photo()
    turned = {
        1: image,
        2: ImageOps.mirror(image),
        3: image.rotate(180),
        4: ImageOps.flip(image),
        5: image.transpose(Image.Transpose.TRANSPOSE),
        6: image.rotate(-90, expand=True),
        7: image.transpose(Image.Transpose.TRANSVERSE),
        8: image.rotate(90, expand=True),
    }[orientation]
    decoded = decode_image(encoded(image, kind, exif=exif), SIZE).astype(int)
    expected = decode_image(encoded(turned, kind), SIZE).astype(int)
    assert np.abs(decoded - expected).mean() < 4  # JPEG and WebP lose a little, otherwise in every orientation


def test_odd_metadata_do_not_spoil_a_good_picture() -> None:
    """`ImageOps.exif_transpose` writes the EXIF data anew, and cannot where a text stands in place of a number."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Make] = "maker"
    content = encoded(photo(), "JPEG", exif=exif)
    odd = content.replace(b"\x01\x0f\x00\x02", b"\x01\x00\x00\x02", 1)  # the width of the image is "maker", it says
    with Image.open(io.BytesIO(odd)) as opened, pytest.raises(struct.error):
        ImageOps.exif_transpose(opened)
    assert np.array_equal(decode_image(odd, SIZE), decode_image(content, SIZE))


def test_an_animation_gives_its_first_picture() -> None:
    """Not the last one, and not an error."""
    first, second = photo(1).quantize(), photo(2).quantize()
    content = encoded(first, "GIF", save_all=True, append_images=[second])
    assert np.array_equal(decode_image(content, SIZE), decode_image(encoded(first, "GIF"), SIZE))


def test_the_whole_picture_is_kept() -> None:
    """A crop to the middle would lose what stands at the sides."""
    wide = Image.new("RGB", (80, 20))
    ImageDraw.Draw(wide).rectangle((0, 0, 9, 19), fill="red")
    ImageDraw.Draw(wide).rectangle((70, 0, 79, 19), fill="blue")
    decoded = decode_image(encoded(wide), SIZE)
    assert decoded[:, 0, 0].min() > 200 and decoded[:, -1, 2].min() > 200


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF"])
def test_no_damage_gets_past_the_one_exception(tmp_path: Path, kind: str) -> None:
    """Pillow's parsers raise many things; each of them would be a traceback in place of a line with the file's name."""
    rng = np.random.default_rng(0)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    whole = np.frombuffer(encoded(photo(), kind, **({"exif": exif} if kind in ("JPEG", "PNG") else {})), np.uint8)
    failures = 0
    for _ in range(60):
        content = whole[: rng.integers(1, len(whole))].copy() if rng.random() < 0.3 else whole.copy()
        places = rng.integers(0, min(len(content), 100), 4)
        content[places] = rng.integers(0, 256, 4)
        (tmp_path / "image").write_bytes(content.tobytes())
        try:
            assert read_image(tmp_path / "image", SIZE).shape == (SIZE, SIZE, 3)
        except images.ImageError:
            failures += 1
    assert failures > 10


# --- batches --------------------------------------------------------------------------------------------------------


def test_an_epoch_has_every_image_once() -> None:
    """A short last batch that is dropped, or filled up, changes what an epoch is."""
    batches = batches_of_epoch(seed=3, epoch=0, count=50, batch_size=8)
    assert [len(batch) for batch in batches] == [8] * 6 + [2]
    assert sorted(np.concatenate(batches)) == list(range(50))
    assert [len(batch) for batch in batches_of_epoch(3, 0, count=5, batch_size=8)] == [5]
    assert [len(batch) for batch in batches_of_epoch(3, 0, count=16, batch_size=8)] == [8, 8]


@pytest.mark.parametrize(("count", "lengths"), [(17, [8, 9]), (18, [8, 8, 2]), (9, [9]), (1, [1])])
def test_a_last_batch_that_is_too_small_joins_the_one_before(count: int, lengths: list[int]) -> None:
    """BatchNorm makes the same of every image that is alone in its batch. The order must not change with that."""
    joined = batches_of_epoch(3, 0, count, batch_size=8, least=2)
    assert [len(batch) for batch in joined] == lengths
    assert np.array_equal(np.concatenate(joined), np.concatenate(batches_of_epoch(3, 0, count, batch_size=8)))


def test_orders_follow_seed_and_epoch_alone() -> None:
    """The article's order never changed; an order that depends on earlier calls cannot be resumed."""

    def order(seed: int, epoch: int, batch_size: int = 8) -> list[int]:
        return [int(index) for index in np.concatenate(batches_of_epoch(seed, epoch, 50, batch_size))]

    assert order(0, 7) == order(0, 7) == order(0, 7, batch_size=3)
    orders = [order(seed, epoch) for seed in range(4) for epoch in range(10)]
    assert len({tuple(one) for one in [*orders, list(range(50))]}) == 41


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("count", [0, 1, 4, 30])
def test_prefetch_keeps_the_order(threads: int, count: int) -> None:
    """Results in the order of completion would depend on the machine."""
    first_may_end = threading.Event()

    def make(index: int) -> int:
        if index == 0 and threads > 1 and count > 1:
            assert first_may_end.wait(10)  # the second is done before the first
        first_may_end.set()
        return index * index

    assert list(prefetch(make, count, threads)) == [index * index for index in range(count)]


def test_prefetch_works_ahead_but_not_without_limit() -> None:
    """None ahead and the device waits; all ahead and the epoch lies in memory."""
    made: list[int] = []

    def make(index: int) -> int:
        made.append(index)
        return index

    batches = prefetch(make, 1000, threads=2)
    next(batches)
    for _ in range(100):
        next(batches)
    assert 101 < len(made) < 120
    batches.close()  # type: ignore[attr-defined]


def test_an_exception_of_a_thread_arrives_where_its_batch_would() -> None:
    """A lost exception is a hang or a batch too few."""

    def make(index: int) -> int:
        if index == 3:
            raise ZeroDivisionError("in the thread")
        return index

    batches = prefetch(make, 100, threads=2)
    assert [next(batches) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ZeroDivisionError, match="in the thread"):
        next(batches)
    assert not any(thread.name.startswith("batches") for thread in threading.enumerate())


def test_threads_end_when_the_consumer_stops_early() -> None:
    """A run that stops at a loss that is not finite must not leave threads inside OpenCV."""
    batches = prefetch(int, 1000, threads=3)
    next(batches)
    batches.close()  # type: ignore[attr-defined]
    assert not any(thread.name.startswith("batches") for thread in threading.enumerate())
