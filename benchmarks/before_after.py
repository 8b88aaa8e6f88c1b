"""`make quickstart`, after the installation, with two checkouts of this project that take turns.

.venv/bin/python -m benchmarks.before_after OLD NEW [--rounds 3]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MODES = ("none", "userDef", "samplePairing", "mixup")


def main() -> int:
    """Print the seconds of every round, and the median of new / old."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkouts", type=Path, nargs=2, metavar=("OLD", "NEW"))
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    print(f"load average before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    ratios = []
    for turn in range(args.rounds):
        taken = {}
        for checkout in args.checkouts if turn % 2 == 0 else reversed(args.checkouts):
            taken[checkout] = quickstart(checkout.resolve())
        old, new = (taken[checkout] for checkout in args.checkouts)
        ratios.append(new / old)
        print(f"old {old:.1f} s, new {new:.1f} s: {new / old:.2f}", flush=True)
    print(f"median {statistics.median(ratios):.2f} of {args.rounds} rounds")
    return 0


def quickstart(checkout: Path) -> float:
    """Seconds of both commands, with a run folder and a cache of their own."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PYTHONPATH": str(checkout), "XDG_CACHE_HOME": f"{folder}/cache"}
        configs = [f"configs/quickstart_{mode}.yaml" for mode in MODES]
        logs = f"{folder}/logs"
        began = time.perf_counter()
        for command in (["train.py", "--config", *configs, "--jobs", "2", "--logs", logs], ["plot_curves.py", logs]):
            subprocess.run(
                [sys.executable, *command], cwd=checkout, env=environment, check=True, stdout=subprocess.DEVNULL
            )
        return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
