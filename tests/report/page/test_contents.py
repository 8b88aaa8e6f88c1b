"""The text of the page."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import get_args

import pytest

from suite.comparison.verdict import Verdict
from suite.report.language import ENGLISH, LANGUAGES
from suite.report.tables import tables
from tests.fixtures.commands import ROOT
from tests.fixtures.night import EVIL, EVIL_ARM, own_part, report_of
from tests.fixtures.runs import comparison_over, write_article_files, write_run

STYLE = ROOT / "suite/report/page/page.css"

pytest.importorskip("plotly", reason="the report is drawn by plotly: pip install plotly")


def test_what_users_name_is_never_markup(pages: dict[str, Path]) -> None:
    """One forgotten html.escape, in the page or in a figure."""
    text = own_part(pages["en"])
    assert EVIL not in text and "<img src=x" not in text
    assert html.escape(EVIL) in text and html.escape(EVIL_ARM) in text


@pytest.mark.parametrize("verdict", get_args(Verdict))
def test_every_verdict_has_a_colour(verdict: str) -> None:
    """Without one, its badge is white on white."""
    assert re.search(rf"\.{verdict.replace(' ', '-')}\b[^{{}}]*{{ --mark:", STYLE.read_text(encoding="utf-8"))


def test_the_page_needs_nothing_from_elsewhere(pages: dict[str, Path]) -> None:
    """One copy of plotly.js inside, no address outside of it, and little besides."""
    whole = pages["en"].read_text(encoding="utf-8")
    assert whole.count("* plotly.js v") == 1
    assert not re.findall(r"""(?:src|href)=["'](?!data:|#)""", own_part(pages["en"]))
    assert len(own_part(pages["en"])) < 400_000
    assert "default-src 'none'" in whole


def test_the_numbers_are_those_of_the_tables(tmp_path: Path) -> None:
    """Of every run its line, also of two unfinished ones of an arm, below the headings that the screen has."""
    for seed in range(2):
        write_run(tmp_path / "none" / f"seed{seed}", "none", seed, curves={"accEval": 0.5})
        write_run(tmp_path / "mixup" / f"seed{seed}", "mixup", seed, curves={"accEval": 0.42 + seed / 50}, done=5)
    text = own_part(report_of(tmp_path, tmp_path / "report.html"))
    text = text[text.index("All numbers") :]
    found = [
        [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in table.split("<tr>")[1:]]
        for table in re.findall(r"<table.*?</table>", text)
    ]
    assert found[:3] == [[table.header, *table.rows] for table in tables(comparison_over(tmp_path, "none"), ENGLISH)]
    assert [row[0] for row in found[0]] == ["accuracy, %", "none", "mixup, seed 0", "mixup, seed 1"]


def test_keys_that_differ_come_first_and_are_marked(pages: dict[str, Path]) -> None:
    text = own_part(pages["en"])
    before, folded = text[text.index("side by side") :].split("<details>", 1)
    (row,) = (row for row in before.split("<tr>") if ">augment.mode<" in row)
    cells = re.findall(r'<td( class="differs")?>(\w+)</td>', row)
    assert cells[0] == ("", "none") and set(cells[1:]) == {
        (' class="differs"', mode) for mode in ("samplePairing", "mixup")
    }
    assert ">train.epochs<" in folded and ">train.epochs<" not in before


def test_an_arm_without_augmentation_saw_the_images_themselves(pages: dict[str, Path]) -> None:
    """Every row shows the same images, and the mixing arms show them mixed."""
    text = own_part(pages["en"])
    strips = re.findall(r'<img src="data:image/jpeg;base64,([^"]+)" alt="([^"]+)"', text)
    names = [name for _, name in strips]
    assert names[:3] == ["the images themselves", "none", "samplePairing"]
    assert strips[0][0] == strips[1][0] and len({data for data, _ in strips[1:]}) == len(strips) - 1


def test_every_mixed_image_says_its_label_and_its_partner(pages: dict[str, Path]) -> None:
    """SamplePairing counts one label of two images, which no one can see; mixup counts both, by their shares."""
    rows = own_part(pages["en"]).split('class="captions"')[1:]
    captions = [re.findall(r"<div>([^<]+)</div>", row.partition("<p>")[0]) for row in rows]
    themselves, none, pairing, mixup = captions[:4]
    assert len(themselves) == len(none) == 8 and len(pairing) == len(mixup) == 16
    classes = "|".join(("red", "blue", re.escape(html.escape(EVIL))))
    assert all(re.fullmatch(rf"({classes}) \(\d+\.png\)", line) for line in themselves)
    assert none == pairing[::2] == [line.rpartition(" (")[0] for line in themselves]
    assert all(re.fullmatch(rf"with 50 % of ({classes}) \(\d+\.png\)", line) for line in pairing[1::2])
    for label, partner in zip(mixup[::2], mixup[1::2], strict=True):
        found = re.fullmatch(r"with (\d+ %) of (.*) \(\d+\.png\)", partner)
        assert found and (label == found[2] or label.endswith(f", {found[2]} {found[1]}"))


def test_images_that_are_gone_are_said_to_be_gone(tmp_path: Path) -> None:
    write_run(tmp_path / "none" / "seed0", "none", data={"root": str(tmp_path / "moved")})
    text = own_part(report_of(tmp_path, tmp_path / "report.html"))
    assert "Not shown: data.root: no such folder" in text


def test_commands_notes_and_reloading(night: Path, tmp_path: Path) -> None:
    (night / "broken").mkdir()
    (night / "broken" / "run.json").write_text("{}", encoding="utf-8")
    page = report_of(night, tmp_path / "report.html", refresh=30, command="python plot_curves.py logs --html")
    assert '<meta http-equiv="refresh" content="30">' in page
    text = own_part(page)
    assert "python train.py --seed 2" in text and "python plot_curves.py logs --html" in text
    assert "broken" in text[text.index("Notes") :]
    assert 'http-equiv="refresh"' not in report_of(night, tmp_path / "report.html")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nights_of_every_kind_have_a_page(tmp_path: Path, lang: str) -> None:
    """Nothing finished yet, a single seed, the article's files, a sweep: there is less to say, and nothing breaks."""
    write_run(tmp_path / "running" / "none" / "seed0", "none", 0, 20, done=1)
    write_run(tmp_path / "single" / "none" / "seed0", "none", 0, 30)
    write_run(tmp_path / "single" / "mixup" / "seed0", "mixup", 0, 30)
    write_article_files(tmp_path / "article", "noAug")
    write_article_files(tmp_path / "article", "mixupAug")
    for count in (10, None):
        for mode in ("none", "mixup"):
            data = {"images_per_class": count}
            write_run(tmp_path / f"sweep{count}" / mode / "seed0", mode, 0, 50, pool="one", data=data)
    assert report_of(tmp_path, tmp_path / "report.html", say=LANGUAGES[lang]).count("<section") > 20
