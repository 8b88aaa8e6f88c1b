"""Judge runs: let one of their checkpoints name the images of a list, and write down where it is right and where not.

    python evaluate.py logs/googlenet_mixup/seed0
    python evaluate.py logs/googlenet_mixup/seed0 --list Test.txt --checkpoint best
    python evaluate.py logs/mild/*/seed* --list Test.txt
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
from suite.errors import UserError, run_command, shortened
from suite.evaluation.judgement import Judgement, in_short, notes, summary
from suite.evaluation.pictures import write_pictures
from suite.evaluation.request import CHECKPOINTS, Request, open_checkpoint, open_list, predict, read_request
from suite.evaluation.tables import write_tables
from suite.runs.inputs import count_trained_on
from suite.runs.predictions import JudgedImages, Predictions, write_predictions


def main() -> int:
    """Read the command line, then judge every run; what is wrong with one is said in the end, after the others."""
    args = parse_arguments()
    folders = list(dict.fromkeys(args.runs))
    remarks: list[str] = []
    problems: list[str] = []
    names: list[str] = []
    for folder in folders:
        try:
            request = read_request(folder, args.list, args.checkpoint, args.set)
            out = args.out or folder / request.output_name
            remarks += judge(request, args.device, out, alone=len(folders) == 1)
            names += [out.name]
        except UserError as error:
            problems += error.problems
    for remark in shortened(list(dict.fromkeys(remarks))):
        print("note:", remark)
    if len(folders) == 1 and names:
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
        "runs", type=Path, nargs="+", metavar="RUN", help="run folders, such as logs/googlenet_mixup/seed0"
    )
    parser.add_argument("--list", metavar="FILE", help="in data.root, or a path (default: the run's evaluation list)")
    parser.add_argument(
        "--set", nargs="+", default=[], metavar="KEY=VALUE", help="data.root, data.images: where the images are now"
    )
    parser.add_argument("--checkpoint", default="last", metavar="last|best|FILE", help="which weights (default: last)")
    parser.add_argument(
        "--device", choices=["auto", "cpu", "gpu"], default="auto", help="what computes (default: auto)"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="where to write (default: a folder in RUN)")
    args = parser.parse_args()
    if len(args.runs) > 1 and (args.out or args.checkpoint not in CHECKPOINTS):
        parser.error("--out and a --checkpoint of one's own go with one RUN")
    return args


def judge(request: Request, device: str, out: Path, alone: bool) -> list[str]:
    """Predict, print, and write all results into `out`; what to keep in mind about them.

    Raises:
        UserError: when checkpoint, list, images, device or `out` cannot be used.
    """
    checkpoint = open_checkpoint(request.checkpoint_file)
    images, digests = open_list(request.list_file, request.class_names, request.config.data)
    with trouble_in_words("--list with fewer images needs less, and --device cpu no memory of the GPU"):
        judgement = Judgement(images, predict(request, checkpoint, images, device), request.class_names)
    weights = f"{request.folder}, {request.choice[1]} (epoch {checkpoint.facts['epochs_done']})"
    subject = f"{weights} on {request.list_file}"
    lines = [subject, *summary(judgement)] if alone else [f"{weights}: {in_short(judgement)}"]
    print(*lines, sep="\n", flush=True)
    trained_on = count_trained_on(request.folder, request.facts, digests)
    known = JudgedImages(digests, trained_on, request.facts.finished)
    try:
        out.mkdir(parents=True, exist_ok=True)
        written = [*write_tables(judgement, out), *write_pictures(judgement, subject, out)]
        written.append(write_predictions(out, Predictions(images.labels, judgement.logits, known, images.groups)))
    except OSError as error:
        raise UserError(f"{error.filename}: cannot be written: {error.strerror}; choose a folder with --out") from None
    if alone:
        print("written:", *written, sep="\n  ")
    return list(notes(request, len(digests), trained_on))


if __name__ == "__main__":
    run_command(main)
