"""The page of a description in a real browser: harmless, narrow, dark, and read without eyes."""

from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from passmuster.corpus.overview.describe import Profiler, description
from passmuster.records.case import Case
from passmuster.records.traffic import TrafficRecord
from passmuster.report.corpus.page import render_description

ATTACK = "</style></title><script>window.owned = 1</script><img src=x onerror='window.owned = 1'>\u202e\x1b[31m{{ 7 * 7 }}"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    traffic, corpus = Profiler(lambda record: str(record.columns["s"])), Profiler()
    for number in range(60):
        record = TrafficRecord(
            id=str(number),
            input=f"Where is my card? {ATTACK}",
            time=1.7e9 + number * 3_600,
            model=ATTACK,
            feedback="up" if number % 3 else ATTACK,
            columns={"s": f"stratum {number % 7} {'a-long-name-' * 9 if number % 7 == 1 else ''}{ATTACK}"},
        )
        traffic.record(record)
        traffic.topic(f"card, {ATTACK}")
        corpus.case(Case(id=str(number), input="Wo ist sie?", stratum=f"stratum {number % 3} {ATTACK}"))
        corpus.topic("loan")
    found = description(f"data {ATTACK}", traffic.profile(), corpus.profile(), ATTACK)
    path = tmp_path_factory.mktemp("page") / "describe.html"
    path.write_text(render_description(found, "2026-01-01T00:00:00Z"), encoding="utf-8")
    return path


def scheme(browser: Chrome, name: str) -> None:
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": name}]}
    )


def test_hostile_text_neither_runs_nor_loads_anything(browser: Chrome, page: Path) -> None:
    browser.get(page.as_uri())
    assert browser.execute_script("return window.owned") is None
    assert browser.get_log("browser") == []  # type: ignore[no-untyped-call]  # selenium has no types for it
    assert browser.find_elements(By.CSS_SELECTOR, "img, script, iframe") == []


@pytest.mark.parametrize("width", [360, 1200])
def test_the_page_never_scrolls_sideways(browser: Chrome, page: Path, width: int) -> None:
    browser.set_window_size(width, 900)
    browser.get(page.as_uri())
    wide = browser.execute_script(
        "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wide == 0


def test_bars_and_letters_stand_out_in_the_light_and_in_the_dark(browser: Chrome, page: Path) -> None:
    browser.set_window_size(1200, 900)
    for name in ("light", "dark"):
        scheme(browser, name)
        browser.get(page.as_uri())
        paper, ink, traffic, corpus = (
            luminance(browser, variable) for variable in ("--paper", "--ink", "--bar-traffic", "--chosen")
        )
        assert contrast(paper, ink) > 7
        assert contrast(paper, corpus) > 4.5
        assert contrast(traffic, corpus) > 3
    scheme(browser, "light")


def luminance(browser: Chrome, variable: str) -> float:
    """Return the relative luminance of a colour of the page (WCAG 2.2)."""
    script = "return getComputedStyle(document.documentElement).getPropertyValue(arguments[0]).trim()"
    text = str(browser.execute_script(script, variable)).lstrip("#")
    parts = [int(text[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: float, other: float) -> float:
    """Return the contrast of two luminances, from 1 to 21."""
    low, high = sorted((one, other))
    return (high + 0.05) / (low + 0.05)


def test_every_picture_has_its_figures_in_a_table_and_in_words(browser: Chrome, page: Path) -> None:
    browser.get(page.as_uri())
    sections = browser.find_elements(By.CSS_SELECTOR, "main section:has(details)")
    assert len(sections) >= 5
    for section in sections:
        picture = section.find_element(By.CSS_SELECTOR, "svg[role=img]")
        assert "%" in (picture.find_element(By.TAG_NAME, "desc").get_attribute("textContent") or "")
        assert section.find_elements(By.CSS_SELECTOR, "details table caption")
