"""Text in pictures and tables: fonts for names in any script, the width of a text, and texts that are too long.

matplotlib is slow to import, so the functions that need it import it: `--help` and messages come without it.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
"""An older matplotlib sees only the first font of the file that holds all of Noto Sans CJK, which is the Japanese one;
it has every Chinese character too."""
EMOJI_FONTS = ("Noto Emoji", "Symbola")
"""Those without colours: matplotlib cannot draw the coloured ones."""
SCRIPTS = (
    *("Bengali", "Devanagari", "Ethiopic", "Gujarati", "Kannada", "Khmer"),
    *("Malayalam", "Myanmar", "Sinhala", "Tamil", "Telugu", "Thai"),
)
"""Scripts that the standard font lacks and a font of Noto Sans has."""
FONTS = (*CJK_FONTS, *EMOJI_FONTS, *(f"Noto Sans {script}" for script in SCRIPTS))
"""Tried in this order for what the standard font cannot write."""


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
    """matplotlib's own font, and those of `FONTS` on this machine."""
    installed = _font_names()
    return ["DejaVu Sans", *(font for font in FONTS if font in installed)]


@cache
def _font_names() -> frozenset[str]:
    """All fonts of this machine. matplotlib keeps a list of them, and does not look again when one is installed."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    listed = {font.fname for font in fontManager.ttflist}
    for file in set(findSystemFonts()) - listed:
        with suppress(OSError, RuntimeError):  # of a kind that matplotlib cannot read, such as coloured emoji
            fontManager.addfont(file)
    return frozenset(font.name for font in fontManager.ttflist)


@cache
def known_characters() -> frozenset[int]:
    """Code points that one of the installed fonts has."""
    from matplotlib.font_manager import findfont, get_font

    return frozenset(code for font in installed_fonts() for code in get_font(findfont(font)).get_charmap())


BOX = "□"

VISIBLE = re.compile("(.)((?:[\ufe0f\u20e3\U0001f3fb-\U0001f3ff]|\u200d.)*)", re.DOTALL)
"""A character, and what an emoji adds to it without being a character of its own: style, tone of skin, joined ones."""


def writable(text: str) -> str:
    """The text with a box for every character that no installed font has, about which matplotlib would warn.

    The first time, a note on the screen names the font to install.
    """
    return VISIBLE.sub(_written, text)


def is_writable(text: str) -> bool:
    """Whether the installed fonts have every character of the text."""
    return all(map(_is_known, text))


def _is_known(character: str) -> bool:
    return ord(character) in known_characters() or character == "\n"


def _written(found: re.Match[str]) -> str:
    character, added = found.groups()
    if _is_known(character):
        return character + "".join(filter(_is_known, added))
    _advise(helpful_font(character))
    return BOX


def helpful_font(character: str) -> str:
    """The font to install for a character; empty where none is known."""
    script = unicodedata.name(character, "").split(" ")[0].title()
    if script in SCRIPTS:
        return f"Noto Sans {script}"
    if script in ("Cjk", "Hiragana", "Katakana", "Hangul", "Ideographic", "Fullwidth"):
        return "Noto Sans CJK"
    return " or ".join(EMOJI_FONTS) if unicodedata.category(character) == "So" else ""


@cache  # many texts: one note
def _advise(font: str) -> None:
    advice = f"; install {font}" if font else ""
    print(f"note: pictures show {BOX} for characters that no installed font can write{advice}")


def class_labels(class_names: tuple[str, ...]) -> tuple[str, ...]:
    """The names as pictures can show them: `class 3` for one of which the fonts leave nothing that tells it apart."""
    written = [writable(name) for name in class_names]
    times = Counter(written)

    def tells(label: int) -> bool:
        name = written[label]
        return name == class_names[label] or (times[name] == 1 and any(map(str.isalnum, name)))

    return tuple(name if tells(label) else f"class {label}" for label, name in enumerate(written))


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
