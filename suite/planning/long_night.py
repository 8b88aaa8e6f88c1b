"""A night that would last longer than a night is not begun without a word.

An estimate that is worth a question needs a measurement, and most commands are so short that even that would delay
them. So the images are counted first. Only what could take too long at the slowest pace ever seen is measured. That
takes some seconds, which are nothing beside half a day.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import suppress
from datetime import datetime

from suite.errors import RunFailed, UserError
from suite.planning.estimate import images_of, paces, seconds_of_epoch
from suite.planning.plan_in_words import Runs, standings, usable
from suite.training.forecast import in_parallel
from suite.training.jobs import is_one_of_several
from suite.training.lines import duration, time_of_day

LONG = 12 * 3600
"""Seconds."""

SLOWEST = 0.25
"""Images of 224 pixels a second: the article's GoogLeNet trains 0.4 on one core of a CPU."""

SECONDS = 3
"""For measuring."""


def may_begin(args: argparse.Namespace, planned: Runs) -> bool:
    """Ask on a terminal before a long night, and warn elsewhere; False when the answer is no."""
    if is_one_of_several():
        return True
    seconds = _seconds(args, planned)
    if seconds < LONG:
        return True
    end = time_of_day(seconds, datetime.now())
    text = f"this would take about {duration(seconds)}, until {end} (train.py --plan says why)"
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        print(f"warning: {text}", flush=True)
        return True
    if input(f"{text}. Begin? [y/N] ").strip().lower() in ("y", "yes"):
        return True
    print("nothing was begun; fewer or smaller images, fewer epochs or a smaller network take less time")
    return False


def _seconds(args: argparse.Namespace, planned: Runs) -> float:
    """What the runs will take; 0 where that is less than `LONG` for certain, and where a mistake is told later."""
    configs = {folder: run.config for folder, run in planned.items()}
    left = {run.folder: run.epochs - run.done for run in standings(planned, args.fresh) if not run.is_over}
    with suppress(UserError, RunFailed):
        images = {data: images_of(data) for data in dict.fromkeys(configs[folder].data for folder in left)}
        at_worst = sum(
            left[folder] * images[data][0] * (data.image_size / 224) ** 2
            for folder in left
            for data in [configs[folder].data]
        )
        at_a_time = min((usable(args.jobs, configs[folder]) for folder in left), default=1)
        if at_worst / SLOWEST / at_a_time < LONG:
            return 0
        coming = [configs[folder] for folder in left]
        return in_parallel(
            (
                epochs * seconds_of_epoch(config, pace, *images[config.data])
                for epochs, config, pace in zip(left.values(), coming, paces(coming, SECONDS), strict=True)
            ),
            at_a_time,
        )
    return 0
