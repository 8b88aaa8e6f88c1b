"""Look at what a configuration does to its own training images, before a night of training. Needs no Paddle.

    python preview_augment.py --config configs/googlenet_mixup.yaml
    python preview_augment.py --config configs/googlenet_userDef.yaml --set augment.strength=mild --out previews/mild
    python preview_augment.py --config configs/googlenet_mixup.yaml --images a.jpg b.jpg

Two images of different classes are shown as the operations and the mixing change them, and batch.png is a whole batch
exactly as the network gets it. Another --seed shows other images and other draws.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

import report
from augment import Augmenter, Phase, image_ops, mixing
from augment.image_ops import Draws
from augment.mixing import Batch
from config import Config, OpsConfig, load_config
from data import Sample, balanced_subset, batches_of_epoch, decode, decode_image, find_root, name_classes, read_list
from errors import UserError, run_command, shortened
from randomness import Purpose, generator

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Image: TypeAlias = NDArray[np.uint8]  # [S, S, 3], RGB

SHOWN_OF_BATCH = 16


def main() -> int:
    """Read the command line, draw, say what was drawn."""
    args = parse_arguments()
    config = load_config(args.config, [*args.set, *([] if args.seed is None else [f"train.seed={args.seed}"])])
    training = TrainingImages(config)
    first, second = read_files(args.images, config) if args.images else two_classes(training, config)
    out = args.out or Path("previews") / Path(args.config).stem

    print(report.describe_augment(config.augment))
    if (config.augment.operations, config.augment.mixer) == ("none", "none"):
        print("nothing is changed in this mode: batch.png shows images as they are")
    written = [write(figure, out / name) for name, figure in panels(config, first, second, training)]
    print("written:", *written, sep="\n  ")
    return 0


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", required=True, metavar="FILE", help="YAML file, see configs/")
    parser.add_argument("--set", nargs="+", action="extend", default=[], metavar="KEY=VALUE", help="override a key")
    parser.add_argument("--seed", type=int, metavar="K", help="other images and draws (default: the config's)")
    parser.add_argument("--images", nargs=2, type=Path, metavar="FILE", help="two pictures to show instead")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where to write (default: previews/<config>)")
    return parser.parse_args()
