"""Make a folder of a trained run that other programs load: Paddle's inference model, and ONNX where it is wanted.

    python export.py logs/mild/mixup/seed0
    python export.py logs/mild/mixup/seed0 --out camera/network --checkpoint best
    python export.py logs/mild/mixup/seed0 --onnx     # needs: pip install -c constraints.txt -e '.[onnx]'

The folder takes uint8 images of the run's size and gives probabilities. Its README.md says how photos are read, its
example.py does it. Before anything is written, a process of its own loads the folder and compares it with evaluate.py.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import tempfile
from pathlib import Path

from suite.backend import start_paddle
from suite.errors import UserError, run_command
from suite.export.checking import Comparison, images_to_compare, in_fresh_process, refuse_other_results
from suite.export.contents import EXAMPLE, ONNX, PROGRAMS, about, readme
from suite.files import exchange
from suite.runs.trained import TrainedRun, build_network, open_checkpoint, open_run


def main() -> int:
    """Read the command line, export into a folder in between, check it, and put its files into place."""
    args = parse_arguments()
    run = open_run(args.run, args.checkpoint)
    os.environ.setdefault("GLOG_minloglevel", "2")  # Paddle notes in its own terms how it makes a graph
    paddle = start_paddle("cpu", run.config.train.threads).__version__
    if args.onnx:
        refuse_without_onnx(paddle)
    out = args.out or Path("exports") / run.short_name
    with tempfile.TemporaryDirectory(prefix="export-") as name:
        folder = Path(name, "exported")
        folder.mkdir()
        comparison, epoch = write_network(run, folder)
        [program] = [name for name in PROGRAMS if (folder / name).is_file()]
        if args.onnx:
            in_fresh_process("to_onnx.py", folder / program, folder / "model.pdiparams", folder / ONNX)
        (folder / "about.json").write_text(about(run, epoch, paddle, program), encoding="utf-8")
        (folder / "README.md").write_text(readme(run, epoch, paddle, program, args.onnx), encoding="utf-8")
        (folder / EXAMPLE.name).write_bytes(EXAMPLE.read_bytes())
        differences = refuse_other_results(folder, comparison, Path(name))
        (folder / "model.pdiparams.info").unlink(missing_ok=True)  # Paddle 2.6 writes it, and nothing reads it
        files = {file.name: file.read_bytes() for file in sorted(folder.iterdir()) if file.is_file()}
    try:
        out.mkdir(parents=True, exist_ok=True)
        exchange(out, files, [other for other in (*PROGRAMS, ONNX) if other not in files])
    except OSError as error:
        raise UserError(f"{error.filename}: cannot be written: {error.strerror}; choose a folder with --out") from None
    print(f"{run.folder}, {run.weights_file.name} (epoch {epoch}), exported with Paddle {paddle}")
    for what, difference in differences.items():
        print(f"  {what}: agrees with evaluate.py within {difference:.1e}, checked on {comparison.what}")
    print("written:", *(out / name for name in files), sep="\n  ")
    return 0


def write_network(run: TrainedRun, folder: Path) -> tuple[Comparison, int]:
    """Write the graph into `folder`; what it must compute, and after which epoch the weights are."""
    checkpoint = open_checkpoint(run)
    network = build_network(run, checkpoint, "cpu")
    from scipy.special import softmax

    from models.predicting import predict  # imports Paddle
    from suite.export.graph import save_graph

    how = run.config.model.normalise
    images, what = images_to_compare(run)
    expected = softmax(predict(network, images, how).astype(float), axis=1)
    save_graph(network, how, run.config.data.image_size, folder / "model")
    return Comparison(images, expected, what), checkpoint.facts["epochs_done"]


def refuse_without_onnx(paddle: str) -> None:
    """Find what --onnx lacks.

    Raises:
        UserError: when the converter does not fit this Paddle, or is not installed.
    """
    if paddle.startswith("2."):
        raise UserError(f"--onnx: the converter needs Paddle 3, and this is {paddle}; leave --onnx out")
    if missing := [name for name in ("paddle2onnx", "onnxruntime") if importlib.util.find_spec(name) is None]:
        raise UserError(
            f"--onnx: without {' and '.join(missing)}; pip install -c constraints.txt -e '.[onnx]' brings what is "
            "missing, for Python 3.10 and 3.11"
        )


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, metavar="RUN", help="a run folder, such as logs/mild/mixup/seed0")
    parser.add_argument("--checkpoint", default="last", metavar="last|best|FILE", help="which weights (default: last)")
    parser.add_argument("--onnx", action="store_true", help=f"write {ONNX} too")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where to write (default: exports/ARM-SEED)")
    return parser.parse_args()


if __name__ == "__main__":
    run_command(main)
