"""Train, judge and compare a little of everything, and print a digest of every number that comes out.

    python benchmarks/bits.py CHECKOUT FOLDER > digests.txt

Two checkouts whose digests are the same compute the same bits.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

STUDY = """base: {checkout}/configs/vgg_none.yaml
set: {{data.image_size: 16, model.width: 0.1, model.conv_arch: [[1, 32], [1, 64]], model.fc: [16], train.epochs: 4}}
axes:
  arm:
    none: {{}}
    userDef: {{augment.mode: userDef, augment.strength: mild}}
    samplePairing: {{augment.mode: samplePairing, augment.partner: dataset}}
    mixup: {{augment.mode: mixup, augment.operations: none, augment.lam: sample}}
  fold:
    fold1: {{data.train_list: Train-fold1.txt, data.eval_list: Eval-fold1.txt}}
    fold2: {{data.train_list: Train-fold2.txt, data.eval_list: Eval-fold2.txt}}
seeds: [0, 1, 2]
"""

TINY = ["data.images_per_class=4", "data.image_size=32", "train.epochs=10", "data.cache=none"]
TINY_NETWORKS = {
    "googlenet": ["model.width=0.1", "model.stem_stride=2"],
    "vgg": ["model.width=0.1", "model.fc=[16]"],
}


def main() -> None:
    checkout, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    folder.mkdir(parents=True)

    def run(command: str, *arguments: str) -> None:
        subprocess.run([sys.executable, command, *arguments], cwd=checkout, check=True, stdout=sys.stderr)

    def train(*arguments: str) -> None:
        run("train.py", *arguments, "--logs", str(folder / "logs"), "--jobs", "2", "--device", "cpu")

    images = folder / "images"
    for line in (checkout / "datasets/emoji16/Train.txt").read_text().splitlines():
        path = line.rsplit(maxsplit=1)[0]
        (images / path).parent.mkdir(parents=True, exist_ok=True)
        if len(list((images / path).parent.iterdir())) < 15:
            shutil.copy(checkout / "datasets/emoji16" / path, images / path)
    run("prepare_data.py", str(images), "--folds", "2", "--test", "0.2")
    study = folder / "study.yaml"
    study.write_text(STUDY.format(checkout=checkout))
    train("--study", str(study), "--set", f"data.root={images}", "data.cache=none")
    for network, sizes in TINY_NETWORKS.items():
        configs = sorted(str(file) for file in checkout.glob(f"configs/{network}_*.yaml"))
        train("--config", *configs, "--set", *TINY, *sizes)
    train("--config", *sorted(str(file) for file in checkout.glob("configs/quickstart_*.yaml")), "--seed", "0")
    runs = sorted(str(run.parent) for run in (folder / "logs/study").rglob("run.json"))
    run("evaluate.py", *runs, "--list", "Test.txt", "--device", "cpu")
    run("plot_curves.py", str(folder / "logs"))
    run("plot_curves.py", str(folder / "logs/study"), "--evaluation", "evaluation-Test-last")

    numbers = sorted(file for file in folder.rglob("*") if file.suffix in (".npy", ".npz", ".csv", ".txt"))
    for file in numbers:
        name = file.relative_to(folder)
        if file.suffix == ".npz":
            with np.load(file, allow_pickle=False) as arrays:
                for key in sorted(arrays.files):
                    if key not in ("facts", "digest"):  # times and files
                        print(hashlib.sha256(arrays[key].tobytes()).hexdigest()[:16], name, key)
        else:
            print(hashlib.sha256(file.read_bytes()).hexdigest()[:16], name)


if __name__ == "__main__":
    main()
