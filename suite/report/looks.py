"""How an arm looks wherever it is drawn: a colour, a dash and a marker for each name.

Pictures and page take them from here, so an arm looks the same in both and in every group.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from augment.settings import MODES
from suite.comparison.records import Arm

COLOURS = ("#000000", "#009e73", "#0072b2", "#d55e00", "#56b4e9", "#e69f00", "#cc79a7")
"""Colours that colour-blind people tell apart, by Okabe and Ito (Color Universal Design, 2008). Their yellow is left
out, for a yellow line on white is hard to see."""
DASHES = ("solid", "dash", "dot", "dashdot")
MARKERS = ("circle", "square", "triangle-up", "diamond", "triangle-down", "cross", "x", "star")
"""Dashes and markers by the names that plotly has for them."""

ARTICLE = ("none", "userDef", "samplePairing", "mixup")
"""The modes of the article, which keep its hues: black, green, blue and red."""


@dataclass(frozen=True)
class Look:
    """How an arm is drawn."""

    colour: str
    """As `#rrggbb`."""
    dash: str
    marker: str


def look_at(place: int) -> Look:
    """The look number `place`, from 0; the first 28 differ in colour or dash, and the first 56 in colour or marker."""
    dash = DASHES[place // len(COLOURS) % len(DASHES)]
    return Look(COLOURS[place % len(COLOURS)], dash, MARKERS[place % len(MARKERS)])


def look_of_mode(mode: str) -> Look:
    """Of a mode, whichever other modes are drawn."""
    return look_at(_place_of_mode(mode))


def looks_of(arms: Sequence[Arm]) -> dict[Arm, Look]:
    """Of all arms that are drawn together.

    An arm that is called by its mode has the look of the mode. Any other name has a look of its own too, and gives way
    only where another arm has taken it.
    """
    places = {arm: _place_of_mode(arm.label) for arm in arms if arm.label in MODES}
    for arm in arms:
        if arm not in places:
            taken = set(places.values())
            places[arm] = next(place for place in _places_for(arm.label) if place not in taken)
    return {arm: look_at(places[arm]) for arm in arms}


def _place_of_mode(mode: str) -> int:
    return [*ARTICLE, *(other for other in MODES if other not in ARTICLE)].index(mode)


def _places_for(name: str) -> Iterator[int]:
    """All colours but the baseline's, solid first, from the one that the name stands for."""
    coloured = len(COLOURS) - 1
    first = zlib.crc32(name.encode())
    for step in count():
        yield step // coloured * len(COLOURS) + 1 + (first + step) % coloured
