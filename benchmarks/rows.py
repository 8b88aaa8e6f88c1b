"""The goals: what is measured, how well it should do, and which function of which module measures it."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from benchmarks.measure import ROOT

PEERS = str(ROOT / ".venv-bench" / "bin" / "python")
"""Has the libraries that we are compared with, and no Paddle."""

SHOWN_RANGE = 0.1
"""A figure that varies by more than this part of it is shown with its range."""


class Goal(NamedTuple):
    """What a figure should be."""

    sign: str  # ">=" or "<="
    bound: float
    unit: str

    def __str__(self) -> str:
        return f"{self.sign} {self.bound:g} {self.unit}"

    def met_by(self, value: float) -> bool:
        return value >= self.bound if self.sign == ">=" else value <= self.bound


class Row(NamedTuple):
    """A figure and how it is taken."""

    name: str
    what: str
    goal: Goal
    measure: str
    """`module.function` in this folder; returns a list, of one figure or of several that are taken in one go."""
    arguments: Mapping[str, Any] = MappingProxyType({})
    cores: int = 1
    processes: int = 3
    """In which it is taken anew."""
    python: str = sys.executable


class Result(NamedTuple):
    """A row with its figures, or with the reason why there are none."""

    what: str
    goal: Goal
    cores: int
    values: Sequence[float]
    reason: str = ""

    @property
    def missed(self) -> bool:
        return bool(self.values) and not self.goal.met_by(statistics.median(self.values))

    @property
    def verdict(self) -> str:
        if not self.values:
            return f"not measured: {self.reason}"
        return "**missed**" if self.missed else "met"

    @property
    def figure(self) -> str:
        """The median, and the range when it says something."""
        if not self.values:
            return "-"
        median, low, high = statistics.median(self.values), min(self.values), max(self.values)
        spread = f" ({low:.3g} to {high:.3g})" if high - low > SHOWN_RANGE * abs(median) else ""
        return f"{median:.3g} {self.goal.unit}{spread}"


def faster(times: float) -> Goal:
    return Goal(">=", times, "x")


def at_most(bound: float, unit: str) -> Goal:
    return Goal("<=", bound, unit)


EIGHT = "all eight operations, 224 px, uint8 cache to uint8 batch, against"

ROWS = (
    Row(
        "article",
        f"{EIGHT} the article's own Pillow code",
        faster(11),
        "augmentation.against_article",
    ),
    *(
        Row(peer, f"{EIGHT} {label}", faster(times), "peers.against", {"peer": peer}, python=PEERS)
        for peer, label, times in (
            ("albumentations", "Albumentations", 3.5),
            ("torchvision", "Torchvision v2 on Pillow images", 7),
            ("imgaug", "imgaug", 9),
        )
    ),
    *(
        Row(
            mode,
            f"mode `{mode}`, 224 px, uint8 cache to uint8 batch, against {label}",
            faster(times),
            "recipes.against",
            {"peer": peer, "mode": mode},
            python=PEERS,
        )
        for mode, peer, label, times in (
            ("imgaugLib", "imgaug", "the same pipeline in imgaug", 10),
            ("standard", "torchvision", "Torchvision v2 on Pillow images", 2),
            ("trivialAugment", "torchvision", "Torchvision v2 on Pillow images", 2),
        )
    ),
    *(
        Row(
            mode,
            f"what `{mode}` adds to `standard`: part of a training step, GoogLeNet stem 2, 96 px, batch 8",
            at_most(5, "%"),
            "recipes.share_of_mixing",
            {"mode": mode},
        )
        for mode in ("cutMix", "resizeMix", "smote", "switch")
    ),
    *(
        Row(
            name,
            f"mean difference to Pillow on the same draws, {which} operations, built-in images at 224 px",
            at_most(bound, "grey levels"),
            "augmentation.closeness",
            {"photometric": name == "photometric"},
            processes=1,  # the same every time
        )
        for name, which, bound in (("photometric", "photometric", 0.5), ("closeness", "all", 3.5))
    ),
    Row(
        "threads",
        "two loader threads against one",
        faster(1.8),
        "augmentation.two_threads",
        cores=2,
    ),
    Row(
        "waiting",
        "part of an epoch spent waiting for input: GoogLeNet stem 2, 96 px, batch 8, mixup, one loader thread",
        at_most(0.3, "%"),
        "training_runs.waiting_for_input",
        cores=2,
    ),
    Row(
        "fast_device",
        "the same with a step that only sleeps 4 ms, 224 px, batch 8, two loader threads",
        at_most(3, "%"),
        "augmentation.waiting_for_a_fast_device",
        cores=2,
    ),
    Row(
        "epoch_start",
        "start of every epoch after the first, up to its first step: 1,600 images of 224 px, mixup",
        at_most(5, "ms"),
        "training_runs.epoch_start",
    ),
    Row(
        "mixing",
        "mixing a batch of 8, 224 px, against the article's loop",
        faster(4),
        "augmentation.mixing_against_article",
    ),
    Row(
        "cache",
        "an epoch of mode `none` from the cache against decoding each time (JPEG, 300 x 250 to 224 px)",
        faster(20),
        "augmentation.epoch_from_cache",
    ),
    Row(
        "loop",
        "our loop against a bare Paddle loop on the same arrays: 1,600 images, GoogLeNet stem 2, 64 px, batch 8",
        at_most(3, "% slower"),
        "training_runs.loop_overhead",
    ),
    Row(
        "amd",
        "training step on an AMD processor against Paddle as shipped: GoogLeNet stem 2, 96 px, batch 8",
        faster(2),
        "training_runs.against_paddle_as_shipped",
        processes=1,  # it starts several itself, as most of the others below
    ),
    Row(
        "jobs",
        "two runs at once (`--jobs 2`) on two cores against one after the other, start of the programs included",
        faster(1.9),
        "training_runs.two_jobs",
        cores=2,
        processes=1,
    ),
    Row(
        "memory",
        "memory of a run, GoogLeNet, 224 px, batch 8, beyond the decoded images",
        at_most(1.6, "GB"),
        "training_runs.memory_of_a_run",
        processes=1,
    ),
    *(
        Row(name, f"`{command}`", at_most(0.5, "s"), "commands.answer", {"command": command}, processes=1)
        for name, command in (
            ("help", "train.py --help"),
            ("config_error", "train.py --config no-such-file.yaml"),
            ("plot_help", "plot_curves.py --help"),
        )
    ),
    Row("plot", "`plot_curves.py` on 200 runs of 500 epochs", at_most(10, "s"), "commands.plot", processes=1),
    Row(
        "first_batch",
        "first batch of a run on a set decoded before, from the start of `train.py`: 1,600 images of 224 px",
        at_most(3, "s"),
        "commands.first_batch",
        cores=2,
        processes=1,
    ),
)
