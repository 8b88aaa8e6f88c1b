"""The night and its pages, made once a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from suite.report.language import LANGUAGES
from tests.fixtures.images import make_image_set
from tests.fixtures.night import EVIL, report_of, write_night


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    images = make_image_set(tmp_path_factory.mktemp("data") / "images")
    (images / "classes.txt").write_text(f"red\n{EVIL}\nblue\n", encoding="utf-8")
    return write_night(tmp_path_factory.mktemp("logs"), images)


@pytest.fixture(scope="module")
def pages(night: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The night in both languages."""
    folder = tmp_path_factory.mktemp("pages")
    for lang in ("en", "zh"):
        report_of(night, folder / f"{lang}.html", say=LANGUAGES[lang], command="python plot_curves.py logs --html")
    return {lang: folder / f"{lang}.html" for lang in ("en", "zh")}
