"""Text in pictures and tables: fonts for Chinese names, the width of a text, and texts that are too long.

matplotlib is slow to import, so the functions that need it import it: `--help` and messages come without it.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import accumulate
from typing import Any

CJK_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "Microsoft YaHei",
    "PingFang SC",
    "SimHei",
)
"""Tried in this order for what the standard font cannot write. An older matplotlib sees only the first font of the file
that holds all of Noto Sans CJK, which is the Japanese one; it has every Chinese character too."""


@contextmanager
def plain_style(**settings: Any) -> Iterator[None]:
    """Everything that is drawn in the block looks the same on all machines, but for `settings` of matplotlib.

    The user's own are left out, such as a notebook's backend or text by LaTeX. Fonts are those that are there, and a
    dollar sign in a name is no formula.
    """
    os.environ["MPLBACKEND"] = "agg"  # matplotlib refuses to be imported for one that is not installed
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update({"font.family": installed_fonts(), "text.parse_math": False} | settings)
        yield


def installed_fonts() -> list[str]:
    """matplotlib's own font, and the Chinese ones of this machine."""
    from matplotlib.font_manager import fontManager

    installed = {font.name for font in fontManager.ttflist}
    return ["DejaVu Sans", *(font for font in CJK_FONTS if font in installed)]


@cache
def known_characters() -> frozenset[int]:
    """Code points that one of the installed fonts has."""
    from matplotlib.font_manager import findfont, get_font

    return frozenset(code for font in installed_fonts() for code in get_font(findfont(font)).get_charmap())


def writable(text: str) -> str:
    """The text with a box for every character that no installed font has, about which matplotlib would warn."""
    return "".join(
        character if ord(character) in known_characters() or character == "\n" else "□" for character in text
    )


def is_writable(text: str) -> bool:
    """Whether the installed fonts have every character of the text."""
    return writable(text) == text


@cache  # the same names for many pictures: one note
def class_labels(class_names: tuple[str, ...]) -> tuple[str, ...]:
    """The names, and `class 3` for one that no installed font can write, with a note on the screen."""
    labels = tuple(name if is_writable(name) else f"class {label}" for label, name in enumerate(class_names))
    if labels != class_names:
        print("note: pictures show numbers for class names that no installed font can write; install Noto Sans CJK")
    return labels


def columns(text: str) -> int:
    """The width of a text where all Latin letters are equally wide: a Chinese character is as wide as two of them."""
    return sum(1 + (unicodedata.east_asian_width(character) in "WF") for character in text)


def elided(text: str, length: int) -> str:
    """At most `length` columns: a longer text loses its middle, since names often differ at the end only."""
    if columns(text) <= length:
        return text
    tail = (length - 1) // 2
    return f"{_beginning(text, length - 1 - tail)}…{_beginning(text[::-1], tail)[::-1]}"


def _beginning(text: str, length: int) -> str:
    ends = accumulate(map(columns, text))
    return "".join(character for character, end in zip(text, ends, strict=True) if end <= length)
