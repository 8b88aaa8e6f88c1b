"""Name the class of new images, with one trained run or with several as an ensemble.

    python predict.py logs/mild/mixup/seed0 path/to/new_photos
    python predict.py logs/mild/mixup path/to/new_photos             # all finished seeds of the arm
    python predict.py logs/mild/mixup logs/mild/cutMix a.jpg b.jpg   # the seeds of two arms

An ensemble gives the mean of its runs' probabilities. The runs must know the same classes; they may differ in
everything else, such as network and image size. Images are read as evaluate.py reads them. Folders are searched at any
depth. The results are predictions.csv, with the probability of every class, and contact sheets, the least sure images
first.

The exit code is 1 when some images could not be read; all others are predicted then. It is 2 for a mistake in the
command line, when nothing is written.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tqdm import tqdm

from suite.errors import UserError, on_one_line, run_command, shortened
from suite.prediction.choosing import Chosen, choose_runs, find_photos, split_paths
from suite.prediction.overview import Overview
from suite.prediction.predicting import Prediction, Skipped, View, load_networks, predict_all
from suite.prediction.sheet import A_PAGE, PAGES, write_sheets
from suite.prediction.table import write_table
from suite.runs.trained import CHECKPOINTS


def main() -> int:
    """Read the command line, predict, and write everything; what cannot be read is named in the end."""
    args = parse_arguments()
    folders, images = split_paths(args.paths)
    chosen, found = choose_runs(folders, args.checkpoint), find_photos(images)
    if len(chosen.runs) > 1 and args.checkpoint not in CHECKPOINTS:
        raise UserError(f"a --checkpoint of one's own goes with one run, and these are {len(chosen.runs)}")
    networks = load_networks(chosen.runs, args.device)
    skipped = list(found.problems)
    overview = Overview(chosen.class_names, keep=A_PAGE * PAGES)

    def readable() -> Iterator[Prediction]:
        """The predictions, which the overview sees too."""
        results = predict_all(chosen.runs, networks, found.files)
        for each in tqdm(results, "predicting", len(found.files), unit=" images", leave=False, disable=None):
            if isinstance(each, Skipped):
                skipped.append(f"{each.file}: {each.why}")
            else:
                overview.add(each)
                yield each

    out = args.out or Path("predictions") / f"{images[0].resolve().name}-{name_of(folders, chosen)}"
    try:
        out.mkdir(parents=True, exist_ok=True)
        written = [write_table(readable(), chosen.class_names, out / "predictions.csv")]
        written += write_sheets(overview, View.of(chosen.runs[0].config).white, out)
    except OSError as error:
        raise UserError(f"{error.filename}: cannot be written: {error.strerror}; choose a folder with --out") from None
    by = f"{len(chosen.runs)} runs" if len(chosen.runs) > 1 else str(chosen.runs[0].folder)
    print(f"{overview.count:,} images, named by {by}:", *overview.lines(), sep="\n")
    print("written:", *written, sep="\n  ")
    for note in notes(chosen, found.left_out, overview):
        print("note:", note)
    for problem in shortened(skipped):
        print(f"skipped: {on_one_line(problem)}", file=sys.stderr)
    return 1 if skipped else 0


def name_of(folders: Sequence[Path], chosen: Chosen) -> str:
    """`mixup-seed0` for one run, `mixup` for those of an arm."""
    return chosen.runs[0].short_name if len(chosen.runs) == 1 else folders[0].resolve().name


def notes(chosen: Chosen, left_out: dict[str, int], overview: Overview) -> Iterator[str]:
    """What to keep in mind when reading the results."""
    yield from chosen.notes
    if left_out:
        counts = ", ".join(f"{count} {kind}" for kind, count in sorted(left_out.items()))
        yield f"left out, as their names do not end like an image's: {counts}"
    if overview.count > overview.keep:
        yield f"the sheets show the {overview.keep} least sure images; the table has all"
    yield f"the runs know {len(chosen.class_names)} classes and give every image one of them, whatever it shows"


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        usage="predict.py [options] RUN [RUN ...] PHOTO|FOLDER [PHOTO|FOLDER ...]",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "paths",
        type=Path,
        nargs="+",
        metavar="RUN|PHOTO|FOLDER",
        help="folders of runs or arms, then images and folders of images",
    )
    parser.add_argument("--checkpoint", default="last", metavar="last|best|FILE", help="which weights (default: last)")
    parser.add_argument(
        "--device", choices=["auto", "cpu", "gpu"], default="auto", help="what computes (default: auto)"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="where to write (default: predictions/IMAGES-RUN)")
    return parser.parse_args()


if __name__ == "__main__":
    run_command(main)
