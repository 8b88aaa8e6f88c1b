"""docs/performance.md: the table, what it was measured on, and how cost grows."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from benchmarks.growth import Grown
from benchmarks.measure import ROOT, NotMeasured, apart, versions
from benchmarks.rows import PEERS, Result, at_most
from suite.training import provenance

DOCUMENT = ROOT / "docs" / "performance.md"

METHOD = """\
An `x` is how many times as long the other way takes. Both run alternately in one process; a ratio is formed in each of
nine rounds, and their median is one figure. Every figure is taken in three processes of its own, whole runs in three
starts. The table shows the median, and the range where it is wider than 10 %. The peers do the same operations with
the article's ranges, in a random order for every image; `benchmarks/peers.py` says what corresponds to what. Nothing
here ran on a GPU: none was at hand. On a GPU, images travel as bytes by a plain `to_tensor`, neither pinned nor
asynchronous, and losses stay on the device for 50 steps at a time."""

GROWTH = """\
One epoch of mixup on made-up JPEG files of 64 pixels, with a network that costs next to nothing (a VGG with one
channel), batches of 32, two cores. Decoding happens once for a set and size, in whichever run comes first. Opening
reads all lists and files, to be sure that nothing has changed since; a decoded image is checked when it is read first.
The decoded images are mapped from files that all runs share, and whose pages the system takes back when it needs the
room. A run's own memory (`RssAnon`, looked at every 20 ms, decoding included) hardly grows with them, so a set larger
than memory trains too."""


def write_document(results: Sequence[Result], grown: Sequence[Grown], took: str, load: float) -> None:
    """Replace the document."""
    ours = versions(["paddlepaddle", "paddlepaddle-gpu", "numpy", "opencv-python-headless", "pillow", "matplotlib"])
    theirs = peer_versions()
    lines = [
        "# Performance",
        "",
        "Written by `make bench`; change `benchmarks/`, not this page. One row alone:",
        "`.venv/bin/python -m benchmarks.bench --only ROW`; `--help` lists the rows.",
        "",
        f"- {date.today()}, commit {provenance.git_commit()}, {took} in all, load average before it {load:.2f}",
        f"- {machine()}",
        f"- Python {platform.python_version()}, {listed(ours)}",
        f"- compared with {listed(theirs) if theirs else 'no peer: none could be installed'}",
        "",
        METHOD,
        "",
        "| what | cores | goal | figure | verdict |",
        "|---|---|---|---|---|",
        *(f"| {row.what} | {row.cores} | {row.goal} | {row.figure} | {row.verdict} |" for row in results),
    ]
    if any(row.missed for row in results):
        lines += ["", "What was tried for the missed goals is in [the log](log.md#goals-of-speed-that-were-missed)."]
    lines += ["", "## How cost grows", "", GROWTH, "", *growth_table(grown)]
    DOCUMENT.write_text("\n".join(lines) + "\n", encoding="utf-8")


def growth_results(grown: Sequence[Grown]) -> list[Result]:
    """Two more rows of the table: whether time is linear, and whether memory is bounded."""
    small, _, large, *_, huge = grown
    times = (large["epoch"] / large["images"]) / (small["epoch"] / small["images"])
    counts = f"{large['images']:,} images against {small['images']:,}, {small['size']} px"
    set_of = f"{huge['images']:,} images of {huge['size']} px, {huge['cache']:.1f} GB decoded"
    return [
        Result(f"time per image of an epoch, {counts}", at_most(1.1, "x"), 2, [times]),
        Result(f"a run's own memory at its peak, {set_of}", at_most(0.6, "GB"), 2, [huge["peak"]]),
    ]


def growth_table(grown: Sequence[Grown]) -> list[str]:
    """One line for each number and size of images."""
    lines = [
        "| images | px | decoding | opening again | epoch | per image | decoded images | own memory at its peak |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in grown:
        per_image = 1000 * row["epoch"] / row["images"]
        cells = (
            f"{row['images']:,}",
            f"{row['size']}",
            f"{row['decoding']:.2f} s",
            f"{row['opening']:.2f} s",
            f"{row['epoch']:.1f} s",
            f"{per_image:.2f} ms",
            f"{row['cache']:.2f} GB",
            f"{row['peak']:.2f} GB",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def peer_versions() -> dict[str, str]:
    """Of the peers and of what they share with us; empty without their environment."""
    names = ["albumentations", "torch", "torchvision", "imgaug", "numpy", "opencv-python-headless", "pillow"]
    try:
        found: dict[str, str] = apart("measure.versions", {"names": names}, 1, PEERS)
    except NotMeasured:
        return {}
    return found


def listed(names: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in names.items())


def machine() -> str:
    """Processor, cores and memory; Linux."""
    models = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    processor = models[0].partition(": ")[2] if models else platform.machine()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{processor}, {len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB, {platform.system()}"
