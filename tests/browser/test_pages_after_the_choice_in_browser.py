"""The pages of escalate, route, screen and selfcheck in a real browser: harmless, and never wider than a screen."""

from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from tests.browser.test_gate_in_browser import ATTACK, open_at
from tests.unit.report import test_escalation_page as escalation
from tests.unit.report import test_screen_page as screening
from tests.unit.report import test_selfcheck_forms as selfcheck
from tests.unit.report.route_sample import routing_sample

from passmuster.report.escalation_page import render_escalation_page
from passmuster.report.route_page import render_route_page
from passmuster.report.screen_page import render_screen_page
from passmuster.report.selfcheck_page import render_selfcheck_page

PAGES = {
    "escalate": render_escalation_page(escalation.report(escalation.signal(ATTACK), candidate=ATTACK)),
    "route": render_route_page(routing_sample(ATTACK, "small", ATTACK)),
    "screen": render_screen_page(screening.REPORT),
    "selfcheck": render_selfcheck_page(
        selfcheck.report((selfcheck.promise(name=ATTACK),), (selfcheck.own(metric=ATTACK, candidate=ATTACK),))
    ),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("after")
    for name, page in PAGES.items():
        (made / f"{name}.html").write_text(page, encoding="utf-8", errors="replace")
    return made


@pytest.mark.parametrize("name", PAGES)
def test_hostile_names_neither_run_nor_load_anything(browser: Chrome, folder: Path, name: str) -> None:
    open_at(browser, folder / f"{name}.html", 1280)
    assert browser.execute_script("return window.owned") is None
    assert browser.get_log("browser") == []  # type: ignore[no-untyped-call]  # selenium has no types for it
    assert browser.find_elements(By.CSS_SELECTOR, "img, script, iframe, form") == []
    assert browser.find_element(By.TAG_NAME, "h1").text


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("shade", ["light", "dark"])
@pytest.mark.parametrize("width", [380, 1280])
def test_no_page_scrolls_sideways(browser: Chrome, folder: Path, width: int, shade: str, name: str) -> None:
    open_at(browser, folder / f"{name}.html", width, shade)
    wide = browser.execute_script(
        "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wide == 0
