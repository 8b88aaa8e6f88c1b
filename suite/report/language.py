"""The language of the reader: every text stands in English where it is said, and its Chinese in `chinese/`.

say = LANGUAGES["zh"]
say("{wins} of {n}", wins=3, n=8)  -->  "3 / 8"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from suite.report.chinese.answers import ANSWERS
from suite.report.chinese.page import PAGE
from suite.report.chinese.rule import RULE
from suite.report.chinese.tables import TABLES
from suite.report.chinese.verdicts import VERDICTS

CHINESE = ANSWERS | VERDICTS | RULE | TABLES | PAGE
"""By the English text."""


@dataclass(frozen=True)
class Say:
    """Says English texts in one language."""

    tag: str
    """Of the language, as HTML has it."""
    translations: Mapping[str, str] | None
    """From English texts; None where they stay as they are."""

    def __call__(self, text: str, /, **values: object) -> str:
        """The text in this language, with the values in place of its `{names}`."""
        return (text if self.translations is None else self.translations[text]).format(**values)


ENGLISH = Say("en", None)
LANGUAGES = {"en": ENGLISH, "zh": Say("zh-CN", CHINESE)}
