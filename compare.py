"""Which augmentation helps on my images? The whole way from a folder of them to the report, in one command.

    python compare.py path/to/class_folders                       # lists and a sheet of pictures, then stops
    python compare.py path/to/class_folders --go                  # pilot, study, report
    python compare.py path/to/class_folders --epochs 200 --go     # the same with longer training
    python compare.py path/to/class_folders --anyway              # also where the pilot finds the training too short

It runs the other commands and prints each of them. The same command goes on where it stopped. In two places you
choose: after the sheet, which shows what every arm makes of your images, and after a pilot that is too short.

The pilot is the first two seeds of the study at their full length. So nothing is trained twice, and no verdict is
looked for before all seeds are there. Lists that are in the folder already are kept: for photos that belong together,
make them with prepare_data.py first.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
from pathlib import Path

from suite import next_step
from suite.config.paths import as_setting
from suite.config.reading import load_config
from suite.config.study import load_study
from suite.errors import run_command
from suite.report.length import too_short
from suite.stopping import Stopped, stop_on_signals

PILOT_SEEDS = 2
STUDY = next_step.from_here(next_step.ROOT / next_step.STUDY)
JOBS = next_step.jobs()


class StepEnded(Exception):
    """A step was stopped or could not be done, and has said why."""

    def __init__(self, exit_code: int) -> None:
        self.exit_code = exit_code
        super().__init__(exit_code)


def main() -> int:
    """Do the steps that are left, up to the next choice of the user."""
    args = parse_arguments()
    try:
        go_on(args)
    except StepEnded as ended:
        print(f"the same command goes on: {next_step.again()}")
        return ended.exit_code
    return 0


def go_on(args: argparse.Namespace) -> None:
    """The steps from the lists to the report.

    Raises:
        StepEnded: when one of them ends before it is done.
        UserError: when the study cannot be read.
    """
    study = load_study(args.study)
    overrides = [as_setting("data.root", args.folder), *args.set]
    overrides += [f"train.epochs={args.epochs}"] if args.epochs else []

    if not (args.folder / "Train.txt").is_file():
        step("prepare_data.py", args.folder, "--test", 0.2)
    if not (args.go or args.anyway):
        step("preview_augment.py", "--study", args.study, "--set", *overrides)
        print(
            "\nLook at arms.png: can you still see what makes the class of each picture? If not, take another --study."
        )
        print(next_step.after_sheet([*asked(args), *length(args.epochs)]))
        return

    name = "-".join([args.folder.resolve().name, Path(args.study).stem, *([f"{args.epochs}ep"] if args.epochs else [])])
    training = ["--study", args.study, "--name", name, "--jobs", args.jobs, "--set", *overrides]
    folder, pilot = Path("logs") / name, study.seeds[:PILOT_SEEDS]
    step("train.py", "--seed", *pilot, *training)
    if not args.anyway and (why := too_short(folder, pilot)):
        epochs = load_config(study.base, [*study.cells[0].overrides, *overrides]).train.epochs
        print(f"\nThe pilot finds {epochs} epochs too few.", *why, sep="\n")
        print(next_step.after_short_pilot(asked(args), length(args.epochs), length(2 * epochs)))
        return
    step("train.py", *training)
    step("plot_curves.py", folder, *next_step.page())


def asked(args: argparse.Namespace) -> list[object]:
    """The command line without the length and the choices."""
    options = {"--study": (args.study, STUDY), "--jobs": (args.jobs, JOBS)}
    given = [word for name, (value, default) in options.items() if value != default for word in (name, value)]
    return [args.folder, *given, *next_step.setting(args.set)]


def length(epochs: int | None) -> list[object]:
    """The option of this command for so many epochs."""
    return ["--epochs", epochs] if epochs else []


def step(script: str, *arguments: object) -> None:
    """Print and run another command of the suite. A signal that ends this process ends that one, which is waited for.

    Raises:
        StepEnded: when it ends with another exit code than 0.
    """
    print(f"\n$ {next_step.command(script, *arguments)}", flush=True)
    line = [sys.executable, str(next_step.ROOT / script), *map(str, arguments)]
    # A session of its own: Ctrl-C reaches it through this process, once.
    with stop_on_signals(), subprocess.Popen(line, start_new_session=True) as process:
        try:
            code = process.wait()
        except Stopped:
            process.send_signal(signal.SIGTERM)
            code = process.wait()
    if code:
        raise StepEnded(code)


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder that holds one folder of images for each class")
    parser.add_argument("--go", action="store_true", help="train: the sheet looks as it should")
    parser.add_argument("--anyway", action="store_true", help="train, even if the pilot finds it too short")
    parser.add_argument("--epochs", type=int, metavar="N", help="length of the training (default: the study's)")
    parser.add_argument("--study", default=STUDY, metavar="FILE", help=f"what is compared (default: {STUDY})")
    parser.add_argument(
        "-o", "--set", nargs="+", action="extend", default=[], metavar="KEY=VALUE", help="override a key"
    )
    parser.add_argument("--jobs", type=int, default=JOBS, metavar="N", help="how many runs at a time")
    return parser.parse_args()


if __name__ == "__main__":
    run_command(main)
