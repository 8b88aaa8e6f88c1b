"""The report: what stands on the page, and what a real browser makes of it."""

from __future__ import annotations

import ast
import html
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from suite import lettering
from suite.comparison.groups import grouped, sweeps
from suite.comparison.reading import find_runs
from suite.comparison.rows import compare
from suite.report.chinese import CHINESE, phrases
from suite.report.page import confusion, plotly
from suite.report.page import curves as page_curves
from suite.report.page import differences as page_differences
from suite.report.page import sweeps as page_sweeps
from suite.report.page.contents import write_report
from suite.report.page.curves import SEED_OPACITY
from suite.report.tables import tables
from tests.fixtures.commands import ROOT
from tests.fixtures.facts import change_facts
from tests.fixtures.images import make_image_set
from tests.fixtures.runs import comparison_over, only_group, write_article_files, write_run

pytest.importorskip("plotly", reason="the report is drawn by plotly: pip install plotly")

EVIL = "<script>alert(1)</script>"
EVIL_ARM = "<img src=x onerror=alert(2)> & mixup"
ARMS = {"none": 0.5, "samplePairing": 0.54, "mixup": 0.47}
SEEDS, EPOCHS, LAST = 3, 40, 8
"""`LAST` is the fifth of the epochs that the button shows."""


def write_night(folder: Path, images: Path, **sections: Any) -> Path:
    """Three arms of three seeds with curves, predictions and images; one arm and one class mean harm."""
    for number, (mode, accuracy) in enumerate(ARMS.items()):
        for seed in range(SEEDS):
            rng = np.random.default_rng([number, seed])
            curves = {"accEval": accuracy + seed / 50 + rng.normal(0, 0.01, EPOCHS), "accTrainClean": 0.95}
            name = EVIL_ARM if mode == "mixup" else mode
            run = write_run(
                folder / name / f"seed{seed}",
                mode,
                seed,
                EPOCHS,
                curves=curves | {"lossEval": np.linspace(3, 1, EPOCHS)},
                predictions=(np.arange(60) % 3, rng.normal(0, 1, (60, 3)).astype(np.float32)),
                data={"root": str(images)},
                augment={"strength": "mild"} if mode == "mixup" else {},
            )
            change_facts(run, data={"class_names": ["red", EVIL, "blue"]})
    write_run(folder / "none_mild" / "seed0", "mixup", 0, EPOCHS, augment={"alpha": 0.2}, done=10)
    return folder


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    images = make_image_set(tmp_path_factory.mktemp("data") / "images")
    (images / "classes.txt").write_text(f"red\n{EVIL}\nblue\n", encoding="utf-8")
    return write_night(tmp_path_factory.mktemp("logs"), images)


def report_of(logs: Path, out: Path, **options: Any) -> str:
    """The HTML of all groups below `logs`, over `none`."""
    runs, notes = find_runs(logs)
    groups = grouped(runs)
    comparisons = [compare(group, next((arm for arm in group.arms if arm.mode == "none"), None)) for group in groups]
    return write_report(comparisons, sweeps(groups), notes, out, **options).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def pages(night: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The night in both languages."""
    folder = tmp_path_factory.mktemp("pages")
    for lang in ("en", "zh"):
        report_of(night, folder / f"{lang}.html", lang=lang, command="python plot_curves.py logs --html")
    return {lang: folder / f"{lang}.html" for lang in ("en", "zh")}


def own_part(page: Path | str) -> str:
    """Without plotly.js, in which anything may stand."""
    text = page if isinstance(page, str) else page.read_text(encoding="utf-8")
    return text[text.index("<body>") :]


# --- the text of the page


def test_what_users_name_is_never_markup(pages: dict[str, Path]) -> None:
    """One forgotten html.escape, in the page or in a figure."""
    text = own_part(pages["en"])
    assert EVIL not in text and "<img src=x" not in text
    assert html.escape(EVIL) in text and html.escape(EVIL_ARM) in text


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
    found = [
        [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in table.split("<tr>")[1:]]
        for table in re.findall(r"<table.*?</table>", text)
    ]
    assert found[:3] == [[table.header, *table.rows] for table in tables(comparison_over(tmp_path, "none"), "en")]
    assert [row[0] for row in found[0]] == ["accuracy, %", "none", "mixup, seed 0", "mixup, seed 1"]


def test_keys_that_differ_come_first_and_are_marked(pages: dict[str, Path]) -> None:
    text = own_part(pages["en"])
    before, folded = text[text.index("side by side") :].split("<details>", 1)
    (row,) = (row for row in before.split("<tr>") if "<th>augment.mode<" in row)
    cells = re.findall(r'<td( class="differs")?>(\w+)</td>', row)
    assert cells[0] == ("", "none") and set(cells[1:]) == {
        (' class="differs"', mode) for mode in ("samplePairing", "mixup")
    }
    assert "<th>train.epochs<" in folded and "<th>train.epochs<" not in before


def test_an_arm_without_augmentation_saw_the_images_themselves(pages: dict[str, Path]) -> None:
    """Every row shows the same images, and the mixing arms show them mixed."""
    text = own_part(pages["en"])
    strips = re.findall(r'<img src="data:image/jpeg;base64,([^"]+)" alt="([^"]+)"', text)
    names = [name for _, name in strips]
    assert names[0].startswith(("red", "blue", html.escape(EVIL)))
    assert names[1] == "none" and "samplePairing, λ = 0.50" in names[2] and "λ = " in names[3]
    assert strips[0][0] == strips[1][0] and len({data for data, _ in strips[1:]}) == len(strips) - 1


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
    assert report_of(tmp_path, tmp_path / "report.html", lang=lang).count("<section") > 20


def test_chinese_has_every_phrase_and_no_other() -> None:
    """A phrase that was changed in English only would end the making of Chinese tables and pages."""
    files = [file for file in (ROOT / "suite/report").rglob("*.py") if file.name != "chinese.py"]
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in files]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    texts = {node.value for node in nodes if isinstance(node, ast.Constant)}
    calls = [node for node in nodes if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say"]
    said = {call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)}
    assert said <= CHINESE.keys() <= texts
    holes = {phrase: re.findall(r"{\w+}", phrase) for phrase in CHINESE}
    assert all(sorted(re.findall(r"{\w+}", CHINESE[phrase])) == sorted(names) for phrase, names in holes.items())


# --- the figures


def test_figures_are_what_plotly_knows(night: Path, tmp_path: Path) -> None:
    """A property that plotly does not know is ignored in silence by the browser; here it raises."""
    from plotly.graph_objects import Figure

    for count in (10, None):
        write_run(tmp_path / str(count) / "none" / "seed0", "none", pool="one", data={"images_per_class": count})
    (sweep,) = sweeps(grouped(find_runs(tmp_path)[0]))
    comparison, say = comparison_over(night, "none"), phrases("en")
    figures = [
        page_differences.differences(comparison, say),
        page_curves.curves(comparison.group, say),
        confusion.confusion(comparison.group, say),
        page_sweeps.images_per_class(sweep, "mean", say),
    ]
    for figure in figures:
        Figure(figure)


def test_dots_are_the_differences(night: Path) -> None:
    comparison = comparison_over(night, "none")
    drawn = page_differences.differences(comparison, phrases("en"))
    assert drawn
    differences = [row.difference for row in comparison.rows if row.difference]
    for difference, dots, mean in zip(differences, drawn["data"][::2], drawn["data"][1::2], strict=True):
        assert dots["customdata"] == tuple(seed for seed, _ in difference.points) == (0, 1, 2)
        assert dots["x"] == pytest.approx([points for _, points in difference.points], abs=0.006)
        assert mean["x"][0] - mean["error_x"]["arrayminus"][0] == pytest.approx(difference.low, abs=0.011)
        assert mean["x"][0] + mean["error_x"]["array"][0] == pytest.approx(difference.high, abs=0.011)


def test_curves_are_the_runs_in_few_digits(night: Path) -> None:
    """Means and single seeds, of the quantity that is written above them."""
    group = only_group(night)
    drawn = page_curves.curves(group, phrases("en"))
    titles = [note["text"] for note in drawn["layout"]["annotations"]]
    arm = group.arms[0]
    expected = {
        "eval accuracy": [100 * run.curves["accEval"] for run in arm.runs],
        "eval loss": [run.curves["lossEval"] for run in arm.runs],
        "gap": [100 * (0.95 - run.curves["accEval"]) for run in arm.runs],
        "accuracy of train, as seen": [np.full(EPOCHS, 50.0)] * SEEDS,
    }
    for number, (start, values) in enumerate(expected.items(), 1):
        assert titles[number - 1].startswith(f"<b>{start}")
        axis = "y" if number == 1 else f"y{number}"
        lines = {trace["name"]: trace["y"] for trace in drawn["data"] if trace["yaxis"] == axis}
        assert lines["none"] == pytest.approx(np.mean(values, axis=0), abs=0.006)
        assert lines["none, seed 2"] == pytest.approx(values[2], abs=0.006)
        assert max(len(str(value)) for value in lines["none"]) <= 6


def test_a_seed_of_the_menu_is_that_seed(night: Path) -> None:
    drawn = page_curves.curves(only_group(night), phrases("en"))
    menu = drawn["layout"]["updatemenus"][1]["buttons"]
    assert [button["label"] for button in menu] == ["means", "all seeds", "seed 0", "seed 1", "seed 2"]
    style, _, which = menu[3]["args"]
    on = {drawn["data"][index]["name"] for index, opacity in zip(which, style["opacity"], strict=True) if opacity}
    assert on == {"none, seed 1", "samplePairing, seed 1", f"{plotly.shown(EVIL_ARM)}, seed 1"}


def test_a_single_seed_is_drawn_once(tmp_path: Path) -> None:
    """Its mean is the same line again, and the box below the pointer would name every arm twice."""
    write_run(tmp_path / "none" / "seed3", "none", 3)
    write_run(tmp_path / "mixup" / "seed3", "mixup", 3)
    write_run(tmp_path / "mixup" / "seed4", "mixup", 4, done=5)
    drawn = page_curves.curves(only_group(tmp_path), phrases("en"))
    names = [line["name"] for line in drawn["data"] if line["yaxis"] == "y"]
    assert names == ["none", "mixup, seed 4, epoch 5 of 20", "mixup"]


def test_the_matrix_counts_all_seeds(night: Path) -> None:
    group = only_group(night)
    drawn = confusion.confusion(group, phrases("en"))
    assert drawn
    expected = np.zeros((3, 3), int)
    for run in group.arms[0].runs:
        with np.load(run.folder / "predictions.npz") as arrays:
            np.add.at(expected, (arrays["labels"], arrays["logits"].argmax(axis=1)), 1)
    (trace,) = drawn["data"]
    assert trace["text"] == expected.tolist() and expected.sum() == 60 * SEEDS
    assert trace["z"][1][2] == pytest.approx(expected[1, 2] / expected[1].sum(), abs=0.001)
    assert drawn["layout"]["yaxis"]["ticktext"][1] == html.escape(lettering.elided(EVIL, 18))


def test_a_sweep_over_folds_shows_seeds(tmp_path: Path) -> None:
    """A dot a fold would look like twice as many seeds, and spread like images."""
    for count in (10, 40):
        for fold, accuracy in (("f1", 0.4), ("f2", 0.6)):
            for seed in range(2):
                folder = tmp_path / f"{count}-{fold}" / f"seed{seed}"
                of_fold: dict[str, Any] = {
                    "fingerprint": fold,
                    "pool": "p",
                    "curves": {"accEval": accuracy + seed / 10},
                }
                write_run(folder, "mixup", seed, data={"images_per_class": count}, **of_fold)
    (sweep,) = sweeps(grouped(find_runs(tmp_path)[0]))
    dots = page_sweeps.images_per_class(sweep, "mean", phrases("en"))["data"][-1]
    small, large = math.log(10), math.log(40)
    assert (dots["x"], dots["y"]) == ([small, small, large, large], pytest.approx([50, 60, 50, 60]))


# --- in a real browser


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    pytest.importorskip("selenium", reason="drives the browser: pip install selenium")
    from tests.fixtures.browser import BROWSER, DRIVER, browser

    if not (BROWSER and DRIVER):
        pytest.skip("no browser: apt-get install chromium chromium-driver")
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture
def page(driver: Any, pages: dict[str, Path]) -> Any:
    """The English page, freshly loaded and wide."""
    from tests.fixtures.browser import resize

    resize(driver, 1280)
    driver.get(pages["en"].as_uri())
    return driver


def until(driver: Any, script: str, *arguments: Any) -> Any:
    """What `script` returns, as soon as it is true; the curves are its `g`."""
    from selenium.webdriver.support.ui import WebDriverWait

    whole = f"let g = document.querySelector('[id^=curves]'); return {script}"
    return WebDriverWait(driver, 10, 0.05).until(lambda _: driver.execute_script(whole, *arguments), script)


def click(driver: Any, selector: str, text: str) -> None:
    """Click what a person would: the part of the curves with this text."""
    from selenium.webdriver.common.action_chains import ActionChains

    inside = "[...g.querySelectorAll(arguments[0])].find(e => e.textContent.trim().startsWith(arguments[1]))"
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", until(driver, inside, selector, text))
    ActionChains(driver).move_to_element(until(driver, inside, selector, text)).click().perform()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_it_opens_without_network_and_fits(driver: Any, pages: dict[str, Path], lang: str, width: int) -> None:
    """From the disk: no request, no complaint of the browser, no sideways scrolling; figures as wide as the window."""
    from tests.fixtures.browser import complaints, overflow, requests, resize

    resize(driver, width)
    driver.get(pages[lang].as_uri())
    drawn = "[...document.querySelectorAll('.figure')].filter(f => f.querySelector('.xtick'))"
    assert until(driver, f"{drawn}.length") == 3
    assert complaints(driver) == []
    assert [address for address in requests(driver) if not address.startswith(("file:", "data:", "blob:"))] == []
    assert overflow(driver) == 0
    assert driver.execute_script("return document.querySelectorAll('a[href^=http], .modebar').length") == 0
    assert max(until(driver, f"{drawn}.map(f => f.querySelector('.main-svg').clientWidth)")) < width
    assert ("哪种数据增强" in driver.title) == (lang == "zh")


def test_names_do_no_harm_and_stay_readable(page: Any) -> None:
    from selenium.common.exceptions import NoAlertPresentException

    with pytest.raises(NoAlertPresentException):
        _ = page.switch_to.alert
    assert page.execute_script("return document.querySelectorAll('main script script, main img[src=x]').length") == 0
    assert EVIL_ARM in page.execute_script("return document.body.innerText")
    legend = page.execute_script("return [...document.querySelectorAll('.legendtext')].map(t => t.textContent)")
    assert EVIL_ARM in legend


def test_the_last_epochs_and_all_of_them(page: Any) -> None:
    """The button also fits the scale of every quantity to what is left."""
    click(page, ".updatemenu-button", f"last {LAST} epochs")
    assert until(page, f"g.layout.xaxis.range[0] == {EPOCHS - LAST + 1} && g._fullLayout.xaxis.range") == [33, EPOCHS]
    low, high = page.execute_script("return document.querySelector('[id^=curves]')._fullLayout.yaxis2.range")
    assert 0.9 < low < 1 and 1.3 < high < 1.5  # the loss falls from 3 to 1
    click(page, ".updatemenu-button", "all epochs")
    assert until(page, "g._fullLayout.xaxis.range[0] == 1 && g._fullLayout.xaxis.range") == [1, EPOCHS]


def test_the_legend_switches_an_arm_off_and_the_menu_leaves_it_off(page: Any) -> None:
    """One click hides it in all quantities; showing seeds afterwards must not bring it back."""
    click(page, ".traces", "samplePairing")
    hidden = "g._fullData.filter(t => t.visible == 'legendonly').map(t => t.name)"
    names = until(page, f"{hidden}.length && {hidden}")
    assert sorted(names) == sorted(["samplePairing", *(f"samplePairing, seed {seed}" for seed in range(SEEDS))] * 4)
    click(page, ".updatemenu-header", "means")
    click(page, ".updatemenu-dropdown-button", "all seeds")
    opacities = "g._fullData.filter(t => t.name.startsWith('none, seed')).map(t => t.opacity)"
    assert set(until(page, f"{opacities}[0] > 0 && {opacities}")) == {SEED_OPACITY}
    assert until(page, hidden) == names


def test_dragging_zooms_in(page: Any) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    area = until(page, "g.querySelector('.nsewdrag')")
    page.execute_script("arguments[0].scrollIntoView({block: 'center'})", area)
    width = area.rect["width"]
    drag = ActionChains(page).move_to_element(area).move_by_offset(-width / 4, 0).click_and_hold()
    drag.move_by_offset(width / 8, 2).move_by_offset(width / 8, 2).release().perform()
    low, high = until(page, "g._fullLayout.xaxis.range[0] > 2 && g._fullLayout.xaxis.range")
    assert low == pytest.approx(1 + EPOCHS / 4, abs=1.5) and high == pytest.approx(EPOCHS / 2, abs=1.5)


def test_hovering_shows_the_values(page: Any, night: Path) -> None:
    """All arms at the epoch below the pointer, in percent."""
    from selenium.webdriver.common.action_chains import ActionChains

    area = until(page, "g.querySelector('.nsewdrag')")
    page.execute_script("arguments[0].scrollIntoView({block: 'center'})", area)
    ActionChains(page).move_to_element(area).perform()
    text = until(page, "[...g.querySelectorAll('.hoverlayer text')].map(t => t.textContent).join(' | ')")
    epoch = int(re.match(r"\d+", text)[0])
    value = 100 * np.mean([run.curves["accEval"][epoch - 1] for run in only_group(night).arms[0].runs])
    assert f"none : {value:.1f}" in text and EVIL_ARM in text
