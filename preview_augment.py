"""Look at what augmentation does to your training images, before a night of training. Needs no Paddle.

    python preview_augment.py --study configs/studies/mild.yaml --set data.root=path/to/class_folders
    python preview_augment.py --config configs/googlenet_mixup.yaml
    python preview_augment.py --config configs/googlenet_userDef.yaml --set augment.strength=mild
    python preview_augment.py --config configs/googlenet_mixup.yaml --images bird/00_0001.jpg tool/13_0001.jpg

Of a study, arms.png shows what every arm makes of the same photos. Of a configuration, two training images show what
the operations and the mixing do, and batch.png is a batch exactly as the network gets it. Another --seed shows other
images and other draws. Each setting has a folder of its own in previews/.
"""

from __future__ import annotations

import argparse
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from augment.words import describe_augment
from suite import next_step
from suite.config.reading import load_config
from suite.config.study import load_study
from suite.errors import UserError, run_command
from suite.preview.arms import arms_of, arms_sheet, some_of
from suite.preview.images import TrainingImages, find, two_of
from suite.preview.panels import extent, write_panels
from suite.preview.sheet import write_sheet

LONGEST_NAME = 100
"""Characters of a folder's name, which file systems limit to 255 bytes."""


def main() -> int:
    """Read the command line, and draw what it names."""
    args = parse_arguments()
    overrides = [*args.set, *([] if args.seed is None else [f"train.seed={args.seed}"])]
    out = args.out or Path("previews") / folder_name(args.study or args.config, overrides)
    if args.study:
        write(out, study_sheet(args.study, overrides, args.images, out))
        print(next_step.after_preview(["--study", args.study], args.set))
    else:
        write(out, config_panels(args.config, overrides, args.images, out))
        print(next_step.after_preview(["--config", args.config], overrides))
    return 0


def folder_name(file: str, overrides: Sequence[str]) -> str:
    """`mild-root_photos` for `mild.yaml` with `data.root=photos`: two settings do not overwrite each other."""
    settings = (override.partition("=") for override in overrides)
    words = [f"{key.strip().rpartition('.')[2]}_{value.strip()}" for key, _, value in settings]
    name = re.sub(r"[^\w.]+", "-", "-".join([Path(file).stem, *words]))
    if len(name) <= LONGEST_NAME:
        return name
    return f"{name[:LONGEST_NAME]}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def write(out: Path, drawn: Iterable[Path]) -> None:
    """Write the pictures into `out`, and name them.

    Raises:
        UserError: when that is impossible.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        written = list(drawn)
    except OSError as error:
        raise UserError(f"{error.filename}: cannot be written: {error.strerror}; choose a folder with --out") from None
    print("written:", *written, sep="\n  ")


def study_sheet(file: str, overrides: Sequence[str], wanted: Sequence[str] | None, out: Path) -> Iterator[Path]:
    """Say what the arms do, and draw them side by side."""
    arms = arms_of(load_study(file), overrides)
    for arm in arms:
        print(f"{arm.name}: {arm.words}")
    training = TrainingImages(arms[0].config)
    photos = [find(training, each) for each in wanted] if wanted else some_of(training, arms[0].config.train.seed)
    yield write_sheet(
        arms_sheet(f"What the arms of {Path(file).stem} make of the same photos", arms, photos, training),
        out / "arms.png",
    )


def config_panels(file: str, overrides: Sequence[str], wanted: Sequence[str] | None, out: Path) -> Iterator[Path]:
    """Say what the configuration does, and draw a sheet for each part of it."""
    config = load_config(file, overrides)
    training = TrainingImages(config)
    pair = [find(training, each) for each in wanted] if wanted else two_of(training, config)
    print(describe_augment(config.augment))
    print(extent(config))
    written = list(write_panels(config, training, pair, out))
    if len(written) > 1:  # batch.png alone does not show them
        print("shown:", *(training.samples[index].path for index in pair), sep="\n  ")
    yield from written


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--study", metavar="FILE", help="a grid of runs, see configs/studies/: all arms side by side")
    what.add_argument("-c", "--config", metavar="FILE", help="YAML file, see configs/")
    parser.add_argument(
        "-o", "--set", nargs="+", action="extend", default=[], metavar="KEY=VALUE", help="override a key"
    )
    parser.add_argument(
        "--seed", type=int, metavar="K", help="show what the run of this seed sees (default: the file's)"
    )
    parser.add_argument(
        "--images", nargs="+", metavar="FILE", help="images of the training list to show; two of a configuration"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="where to write (default: a folder in previews/)")
    args = parser.parse_args()
    if args.config and args.images and len(args.images) != 2:
        parser.error("--images names two images of a configuration")
    return args


if __name__ == "__main__":
    run_command(main)
