"""The page of the gate in a real browser: harmless, narrow, dark, and read without eyes."""

from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from tests.browser.test_describe_in_browser import contrast, luminance, scheme
from tests.unit.report.gate_sample import BLOCKED, hostile

from passmuster.report.gate_page import render_gate_page

ATTACK = "</style></title><script>window.owned = 1</script><img src=x onerror='window.owned = 1'>{{ 7 * 7 }}"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("gate")
    made = {}
    for name, report in (("blocked", BLOCKED), ("hostile", hostile(ATTACK))):
        made[name] = folder / f"{name}.html"
        made[name].write_text(render_gate_page(report), encoding="utf-8")
    return made


def open_at(browser: Chrome, page: Path, width: int, name: str = "light") -> None:
    """Open a page as wide as a screen; a window of a browser is never narrower than about 500 pixels."""
    scheme(browser, name)
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(page.as_uri())


def test_hostile_text_neither_runs_nor_loads_anything(browser: Chrome, pages: dict[str, Path]) -> None:
    open_at(browser, pages["hostile"], 1280)
    assert browser.execute_script("return window.owned") is None
    assert browser.get_log("browser") == []  # type: ignore[no-untyped-call]  # selenium has no types for it
    assert browser.find_elements(By.CSS_SELECTOR, "img, script, iframe, form") == []


@pytest.mark.parametrize("name", ["blocked", "hostile"])
@pytest.mark.parametrize("shade", ["light", "dark"])
@pytest.mark.parametrize("width", [380, 1280])
def test_the_page_never_scrolls_sideways(
    browser: Chrome, pages: dict[str, Path], width: int, shade: str, name: str
) -> None:
    open_at(browser, pages[name], width, shade)
    wide = browser.execute_script(
        "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wide == 0


def test_the_words_of_the_margins_do_not_run_into_one_another(
    browser: Chrome, pages: dict[str, Path]
) -> None:
    open_at(browser, pages["blocked"], 1280)
    script = """
        const boxes = [...document.querySelectorAll(arguments[0] + ' text')]
          .filter(each => arguments[1].includes(each.textContent))
          .map(each => each.getBoundingClientRect());
        return boxes.map(b => [b.left, b.top, b.right, b.bottom]);
    """
    words = ["as before", "investigate", "block", "+20 %"]
    for plot in (".gate-quality-plot", ".gate-slices-plot", ".gate-rises-plot"):
        boxes = browser.execute_script(script, plot, words)
        assert len(boxes) >= 2
        for place, one in enumerate(boxes):
            for other in boxes[place + 1 :]:
                apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
                assert apart, (plot, one, other)


def test_levels_stand_out_in_the_light_and_in_the_dark(browser: Chrome, pages: dict[str, Path]) -> None:
    for shade in ("light", "dark"):
        open_at(browser, pages["blocked"], 1280, shade)
        paper = luminance(browser, "--paper")
        for variable in ("--ink", "--pass", "--undecided", "--fail", "--muted"):
            assert contrast(paper, luminance(browser, variable)) > 4.5, (shade, variable)
    scheme(browser, "light")


def test_every_picture_says_in_words_what_it_shows(browser: Chrome, pages: dict[str, Path]) -> None:
    open_at(browser, pages["blocked"], 1280)
    pictures = browser.find_elements(By.CSS_SELECTOR, "figure svg[role=img]")
    assert len(pictures) == 4
    for picture in pictures:
        assert picture.find_element(By.TAG_NAME, "title").get_attribute("textContent")
        words = picture.find_element(By.TAG_NAME, "desc").get_attribute("textContent") or ""
        assert "latency" in words or "exact_match" in words or "stratum" in words


def test_on_paper_no_table_is_cut(browser: Chrome, pages: dict[str, Path]) -> None:
    open_at(browser, pages["blocked"], 760)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        wide = browser.execute_script(
            "return [...document.querySelectorAll('table')].map(each => each.getBoundingClientRect().right)"
        )
        assert all(right <= 761 for right in wide), wide
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
