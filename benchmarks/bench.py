"""Measure every goal of speed and write docs/performance.md.

make bench                                                  # all of it, a quarter of an hour on two quiet cores
.venv/bin/python -m benchmarks.bench --only article mixing  # some rows, on the screen only
.venv/bin/python -m benchmarks.bench --quick                # does everything still run? No figure counts
"""

from __future__ import annotations

import argparse
import os
import sys
import time

from benchmarks.document import DOCUMENT, growth_results, growth_table, write_document
from benchmarks.measure import NotMeasured, apart
from benchmarks.rows import ROWS, Result, Row
from suite.training.lines import duration

GROWTH = "growth"


def main() -> int:
    """Measure and print; write the document when everything was measured in full."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [*(row.name for row in ROWS), GROWTH]
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="ROW", help=", ".join(names))
    parser.add_argument("--quick", action="store_true", help="little of everything, once")
    args = parser.parse_args()

    began, load = time.monotonic(), os.getloadavg()[0]
    results = [measured(row, args.quick) for row in ROWS if row.name in args.only]
    if GROWTH in args.only:
        grown = apart("growth.growth", {"quick": args.quick}, 2)
        print(*growth_table(grown), sep="\n")
        for result in growth_results(grown):
            show(result)
            results.append(result)
    took = duration(time.monotonic() - began)
    print(f"\nmeasured in {took}")
    if args.only == names and not args.quick:
        write_document(results, grown, took, load)
        print(f"written: {DOCUMENT}")
    return 0


def measured(row: Row, quick: bool) -> Result:
    """Take the figure of a row, and print it."""
    values: list[float] = []
    reason = ""
    try:
        for _ in range(1 if quick else row.processes):
            values += apart(row.measure, {**row.arguments, "quick": quick}, row.cores, row.python)
    except NotMeasured as why:
        reason = str(why)
    result = Result(row.what, row.goal, row.cores, values, reason)
    show(result)
    return result


def show(result: Result) -> None:
    """A row on the screen."""
    print(f"{result.what}\n    goal {result.goal}: {result.figure}  {result.verdict}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
