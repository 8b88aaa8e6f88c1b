"""What a real browser makes of the page."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from suite.report.page.curves import SEED_OPACITY
from suite.report.page.plotly import AT_NIGHT, INK
from tests.fixtures.night import EPOCHS, EVIL_ARM, LAST, SEEDS
from tests.fixtures.runs import only_group

pytest.importorskip("plotly", reason="the report is drawn by plotly: pip install plotly")


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
    hidden = "g._fullData.filter(t => t.visible == 'legendonly' && t.meta?.quantity).map(t => t.name)"
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


def figure_colours(driver: Any) -> tuple[str, str]:
    """Of the line of `none`, and of the axis labels."""
    line = until(driver, "g._fullData.find(t => t.name == 'none').line.color")
    return line, driver.execute_script("return document.querySelector('[id^=curves]').layout.font.color")


def prefer(driver: Any, scheme: str) -> None:
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def test_figures_follow_the_reader_into_the_dark_and_back(page: Any) -> None:
    """Black lines on a dark page cannot be seen; on paper they are black again, whatever the screen has."""
    assert figure_colours(page) == ("#000000", INK)
    prefer(page, "dark")
    until(page, "g.layout.font.color != arguments[0]", INK)
    assert figure_colours(page) == (AT_NIGHT["#000000"], AT_NIGHT[INK])
    page.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert figure_colours(page) == ("#000000", INK)
    assert page.execute_script("return [...document.querySelectorAll('details')].every(d => d.open)")
    page.execute_script("dispatchEvent(new Event('afterprint'))")
    assert figure_colours(page) == (AT_NIGHT["#000000"], AT_NIGHT[INK])
    prefer(page, "light")
    until(page, "g.layout.font.color == arguments[0]", INK)


def test_two_bands_at_a_time_by_keyboard(page: Any) -> None:
    """The third that is chosen takes the place of the first; a click alone would leave keyboards out."""
    from selenium.webdriver.common.keys import Keys

    filled = "g._fullData.filter(t => t.meta?.band && t.fill == 'tonexty').map(t => t.meta.band)"
    assert until(page, filled) == ["none", "samplePairing"]
    button = until(
        page,
        "[...g.parentElement.querySelectorAll('.bands button')].find(b => b.textContent != 'none' && "
        "b.getAttribute('aria-pressed') == 'false')",
    )
    button.send_keys(Keys.ENTER)
    assert until(page, f"!{filled}.includes('none') && {filled}") == ["samplePairing", EVIL_ARM]


def test_a_phone_shows_every_number_with_its_heading(driver: Any, pages: dict[str, Path]) -> None:
    """Columns that scroll out of sight are not read. The verdict stands below the name."""
    from tests.fixtures.browser import resize

    resize(driver, 390)
    driver.get(pages["en"].as_uri())
    cells = "[...document.querySelectorAll('section > .table tbody tr')].flatMap(row => [...row.cells])"
    assert until(driver, f"{cells}.length > 30")
    assert driver.execute_script(f"return {cells}.every(c => c.getBoundingClientRect().right <= 390)")
    row = "[...document.querySelector('.verdict-last tbody').rows[1].cells]"
    by_height = f"return {row}.sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)"
    assert driver.execute_script(f"{by_height}.slice(0, 2).map(c => c.dataset.heading)") == ["accuracy, %", "verdict"]


def test_tables_and_curves_can_be_saved(page: Any, night: Path) -> None:
    """From a page that was sent alone, without a network. A comma in a heading makes no column."""
    catch = "window.saved = []; URL.createObjectURL = blob => { saved.push(blob); return 'blob:'; };"
    page.execute_script(f"{catch} HTMLAnchorElement.prototype.click = () => {{}};")
    page.execute_script("document.querySelector('.verdict-last').closest('.table').querySelector('.save').click()")
    until(page, "g.querySelector('.xtick')")
    page.execute_script("document.querySelector('[id^=curves]').parentElement.querySelector(':scope > .save').click()")
    read = "const done = arguments[0]; Promise.all(saved.map(blob => blob.text())).then(done)"
    table, lines = (list(csv.reader(io.StringIO(text))) for text in page.execute_async_script(read))
    assert [row[0] for row in table[:2]] == ["accuracy, %", "none"] and len({len(row) for row in table}) == 1
    value = next(float(row[3]) for row in lines if row[:3] == ["eval accuracy, %", "none", "7"])
    expected = np.mean([run.curves["accEval"][6] for run in only_group(night).arms[0].runs])
    assert value == pytest.approx(100 * expected, abs=0.006)
    assert EVIL_ARM in {row[1] for row in lines}
