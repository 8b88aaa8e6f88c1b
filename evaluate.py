"""Judge runs: let one of their checkpoints name the images of a list, and write down where it is right and where not.

    python evaluate.py logs/googlenet_mixup/seed0
    python evaluate.py logs/googlenet_mixup/seed0 --list Test.txt --checkpoint best
    python evaluate.py logs/mild --list Test.txt    # all runs below this folder
    python evaluate.py logs/googlenet_mixup/seed0 --set data.root=new/place
    python plot_curves.py logs/ --evaluation evaluation-Test-last    # compares what the line above has written

The results go into the run folder: evaluation/ for the evaluation list and the last epoch, evaluation-Test-best/ and
the like for other choices.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from suite import next_step
from suite.backend import trouble_in_words
from suite.data.images import WHITE
from suite.data.lists import image_folder
from suite.errors import UserError, run_command, shortened
from suite.evaluation.judgement import Judgement, in_short, notes, summary
from suite.evaluation.originals import Originals
from suite.evaluation.pictures import write_pictures
from suite.evaluation.request import Request, open_list, predict, read_request
from suite.evaluation.tables import write_tables
from suite.runs.inputs import count_trained_on
from suite.runs.predictions import JudgedImages, Predictions, write_predictions
from suite.runs.trained import CHECKPOINTS, open_checkpoint, run_folders


def main() -> int:
    """Read the command line, then judge every run; what is wrong with one is said in the end, after the others."""
    args = parse_arguments()
    folders = list(dict.fromkeys(run for folder in args.runs for run in run_folders(folder) or [folder]))
    alone = len(folders) == 1
    if not alone and (args.out or args.checkpoint not in CHECKPOINTS):
        raise UserError(f"--out and a --checkpoint of one's own go with one run, and these are {len(folders)}")
    remarks: list[str] = []
    problems: list[str] = []
    names: list[str] = []
    for number, folder in enumerate(folders, 1):
        progress = "" if alone else f"run {number} of {len(folders)}: "
        try:
            request = read_request(folder, args.list, args.checkpoint, args.set)
            out = args.out or folder / request.output_name
            remarks += judge(request, args.device, out, progress)
            names += [out.name]
        except UserError as error:
            problems += error.problems
    for remark in shortened(list(dict.fromkeys(remarks))):
        print("note:", remark)
    if alone and names:
        print(next_step.after_answer(folders[0]))
    elif names:
        print(f"written into {' or '.join(dict.fromkeys(names))} of each run")
        if len(set(names)) == 1 and args.list:
            runs_in = os.path.relpath(os.path.commonpath([folder.absolute() for folder in folders]))
            print(next_step.after_evaluations(Path(runs_in), names[0]))
    if problems:
        raise UserError(list(dict.fromkeys(problems)))
    return 0


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "runs", type=Path, nargs="+", metavar="RUN", help="run folders, or folders whose runs are all judged"
    )
    parser.add_argument("--list", metavar="FILE", help="in data.root, or a path (default: the run's evaluation list)")
    parser.add_argument(
        *("-o", "--set"),
        nargs="+",
        action="extend",
        default=[],
        metavar="KEY=VALUE",
        help="data.root, data.images: where the images are now",
    )
    parser.add_argument("--checkpoint", default="last", metavar="last|best|FILE", help="which weights (default: last)")
    parser.add_argument(
        "--device", choices=["auto", "cpu", "gpu"], default="auto", help="what computes (default: auto)"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="where to write (default: a folder in RUN)")
    return parser.parse_args()


def judge(request: Request, device: str, out: Path, progress: str) -> list[str]:
    """Predict, print, and write all results into `out`; what to keep in mind about them.

    `progress` is empty for a run alone, of which everything is printed; of one among others it begins the line.

    Raises:
        UserError: when checkpoint, list, images, device or `out` cannot be used.
    """
    run = request.run
    checkpoint = open_checkpoint(run)
    images, digests = open_list(request.list_file, run.class_names, run.config.data)
    with trouble_in_words("--list with fewer images needs less, and --device cpu no memory of the GPU"):
        judgement = Judgement(images, predict(run, checkpoint, images, device), run.class_names)
    weights = f"{run.folder}, {request.choice[1]} (epoch {checkpoint.facts['epochs_done']})"
    subject = f"{weights} on {request.list_file}"
    lines = [f"{progress}{weights}: {in_short(judgement)}"] if progress else [subject, *summary(judgement)]
    print(*lines, sep="\n", flush=True)
    trained_on = count_trained_on(run.folder, run.facts, digests)
    originals = Originals(image_folder(run.config.data, request.list_file), run.config.data.white or WHITE)
    known = JudgedImages(digests, trained_on, run.facts.finished)
    try:
        out.mkdir(parents=True, exist_ok=True)
        written = [*write_tables(judgement, out), *write_pictures(judgement, subject, originals, out)]
        written.append(write_predictions(out, Predictions(images.labels, judgement.logits, known, images.groups)))
    except OSError as error:
        raise UserError(f"{error.filename}: cannot be written: {error.strerror}; choose a folder with --out") from None
    if not progress:
        print("written:", *written, sep="\n  ")
    return list(notes(request, len(digests), trained_on))


if __name__ == "__main__":
    run_command(main)
