"""Look at what a configuration does to its own training images, before a night of training. Needs no Paddle.

    python preview_augment.py --config configs/googlenet_mixup.yaml
    python preview_augment.py --config configs/googlenet_userDef.yaml --set augment.strength=mild --out previews/mild
    python preview_augment.py --config configs/googlenet_mixup.yaml --images bird/00_0001.jpg tool/13_0001.jpg

Two training images show what the operations and the mixing do; batch.png is a batch exactly as the network gets it.
Another --seed shows other images and other draws.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from augment.words import describe_augment
from suite.config.reading import load_config
from suite.errors import UserError, run_command
from suite.preview.images import TrainingImages, find, two_of
from suite.preview.panels import extent, write_panels


def main() -> int:
    """Read the command line, say what the configuration does, and draw it."""
    args = parse_arguments()
    config = load_config(args.config, [*args.set, *([] if args.seed is None else [f"train.seed={args.seed}"])])
    training = TrainingImages(config)
    pair = [find(training, wanted) for wanted in args.images] if args.images else two_of(training, config)
    print(describe_augment(config.augment))
    print(extent(config))

    out = args.out or Path("previews") / Path(args.config).stem
    try:
        out.mkdir(parents=True, exist_ok=True)
        written = list(write_panels(config, training, pair, out))
    except OSError as error:
        raise UserError(f"{error.filename}: cannot be written: {error.strerror}; choose a folder with --out") from None
    if len(written) > 1:  # batch.png alone does not show them
        print("shown:", *(training.samples[index].path for index in pair), sep="\n  ")
    print("written:", *written, sep="\n  ")
    return 0


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-c", "--config", required=True, metavar="FILE", help="YAML file, see configs/")
    parser.add_argument(
        "-o", "--set", nargs="+", action="extend", default=[], metavar="KEY=VALUE", help="override a key"
    )
    parser.add_argument(
        "--seed", type=int, metavar="K", help="show what the run of this seed sees (default: the file's)"
    )
    parser.add_argument("--images", nargs=2, metavar="FILE", help="two images of the training list to show")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where to write (default: previews/<config>)")
    return parser.parse_args()


if __name__ == "__main__":
    run_command(main)
