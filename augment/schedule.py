"""What is on in an epoch: operations, mixing, both or neither."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from augment.settings import AugmentConfig, ScheduleConfig


class Phase:
    """What is on in `epoch` (counted from 0) of `epochs`."""

    def __init__(self, augment: AugmentConfig, epoch: int, epochs: int) -> None:
        finetuning = epoch >= round((1 - augment.finetune) * epochs)
        self.operations = bool(augment.operations) and not finetuning
        self.mixing = augment.mixer != "none" and not finetuning and mixing_is_on(augment.schedule, epoch, epochs)


def mixing_is_on(schedule: ScheduleConfig, epoch: int, epochs: int) -> bool:
    """Whether a mixer is on in `epoch` (counted from 0) of `epochs`.

    The article's schedule for 500 epochs (0.1 to 0.9, 8 on, 2 off) is on in 320 of them, all within 50..449.
    """
    inside = round(schedule.start * epochs) <= epoch < round(schedule.end * epochs)
    return inside and epoch % (schedule.on + schedule.off) < schedule.on


def missing_clean_end(augment: AugmentConfig, epochs: int) -> list[str]:
    """A line for mixing, and one for the operations, that should end before the run does, and in so few epochs do not.

    The end is rounded to a whole epoch. That of SamplePairing, 90 %, comes before the end of 5 epochs or more.
    """
    last, clean = Phase(augment, epochs - 1, epochs), 1 - augment.finetune
    ends = {"mixing": min(augment.schedule.end, clean)} if last.mixing else {}
    ends |= {"operations": clean} if last.operations else {}
    return [
        f"this mode is set to end {what} after {end:.4g} of the run, but {epochs} epochs are too few for that: give "
        f"train.epochs {least} or more"
        for what, end in ends.items()
        if end < 1 and (least := next(number for number in count(epochs) if round(end * number) < number))
    ]


def fullest_epoch(sections: Sequence[AugmentConfig], epochs: int) -> int:
    """The first epoch (from 0) in which as much as possible is on: mixing first, then operations."""

    def on(epoch: int) -> tuple[int, int]:
        phases = [Phase(augment, epoch, epochs) for augment in sections]
        return sum(phase.mixing for phase in phases), sum(phase.operations for phase in phases)

    return max(range(epochs), key=on)
