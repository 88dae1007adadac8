"""The HTML report in a real browser: harmless, filterable, narrow, dark."""

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from types import ModuleType

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from passmuster.records.comparison import Answer, CaseEvidence, Comparison
from passmuster.records.score import Estimate
from passmuster.report.html import render_html

ATTACKS = {
    "script": "<script>window.owned = 1</script>",
    "closing": "</script></style></textarea></title><script>window.owned = 1</script>",
    "handler": "<img src=x onerror='window.owned = 1'><body onload='window.owned = 1'>",
    "link": "<a href='javascript:window.owned = 1'>click</a> [x](javascript:window.owned=1)",
    "attribute": '" onmouseover="window.owned = 1" x="\' autofocus onfocus=\'window.owned = 1',
    "svg": "<svg onload='window.owned = 1'><script>window.owned = 1</script></svg>",
    "frame": "<iframe srcdoc='<script>parent.owned = 1</script>'></iframe><object data='data:text/html,x'>",
    "template": "{{ 7 * 7 }} {% include 'x' %} ${window.owned = 1}",
    "terminal": "\x1b]0;owned\x07\x1b[2J\x9b31m\x00",
    "direction": "safe\u202etxt.exe\u2066",
    "formula": "=cmd|' /C calc'!A0",
    "policy": "<meta http-equiv='Content-Security-Policy' content=\"script-src *\"><base href='http://127.0.0.1:9/'>",
    "style": "<style>body { display: none }</style><link rel=stylesheet href='http://127.0.0.1:9/x.css'>",
    "long": "A" * 1_000_000,
    "comment": "<!--",
    "entity": "&lt;script&gt; &#x3c;script&#x3e;",
}
COUNT = "return [...document.querySelectorAll(arguments[0])].length"
VISIBLE = "return [...document.querySelectorAll('article.case:not([hidden])')].map((each) => each.dataset.id)"
Open = Callable[..., None]


def attacked_case(name: str, text: str) -> CaseEvidence:
    answers = (
        Answer(candidate="gpt-4o", text=text, failure=None, scores={"accuracy": 0.0}, answer=text[:2000]),
        Answer(candidate="local-8b", text=None, failure=text, scores={}),
    )
    return CaseEvidence(
        id=name + text[:100], category="adversarial", stratum=text[:100], input=text, reference=text,
        answers=answers, right=("gpt-4o",), disputed=True,
    )  # fmt: skip


def attacked(comparison: Comparison) -> Comparison:
    text = "".join(value for name, value in ATTACKS.items() if name not in ("long", "comment"))
    first, *others = comparison.candidates
    found = first.classification
    assert found is not None
    classification = replace(found, labels=(text, *found.labels[1:]))
    bad = replace(
        first,
        name=text,
        classification=classification,
        verdict=replace(first.verdict, reason=text, sentence=text),
    )
    decision = replace(comparison.decision, reason=text, warnings=(text,))
    return replace(comparison, task=text, candidates=(bad, *others), decision=decision)


@pytest.fixture
def visit(browser: Chrome, tmp_path: Path) -> Open:
    def go(html: str, *, fragment: str = "", width: int = 1280, scheme: str = "light") -> None:
        path = tmp_path / "report.html"
        path.write_text(html, encoding="utf-8")
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        browser.get("about:blank")
        console(browser)
        browser.get(path.as_uri() + fragment)

    return go


@pytest.fixture(scope="module")
def html(sample: ModuleType, sample_cases: ModuleType) -> str:
    return render_html(sample.decided(), sample_cases.evidence())


@pytest.fixture
def every_section(sample: ModuleType, sample_cases: ModuleType, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a page whose navigation leads to every section that there can be."""
    monkeypatch.setattr("passmuster.report.html._SOMETIMES", frozenset())
    return render_html(sample.decided(), sample_cases.evidence())


def console(browser: Chrome) -> list[dict[str, str]]:
    entries: list[dict[str, str]] = browser.get_log("browser")  # type: ignore[no-untyped-call]  # selenium leaves it untyped
    return entries


def shown(browser: Chrome) -> list[str]:
    found: list[str] = browser.execute_script(VISIBLE)
    return found


def fragment(browser: Chrome) -> str:
    return browser.current_url.partition("#")[2]


def test_nothing_of_hostile_content_becomes_an_element_or_runs(
    browser: Chrome, visit: Open, sample: ModuleType
) -> None:
    tags = ("script", "style", "img", "iframe", "object", "base", "meta", "link", "form", "textarea", "svg")
    visit(render_html(sample.decided(), [attacked_case("plain", "x") for _ in ATTACKS]))
    clean = {tag: browser.execute_script(COUNT, tag) for tag in tags}
    page = render_html(attacked(sample.decided()), [attacked_case(*attack) for attack in ATTACKS.items()])
    assert len(page.encode()) < 1_500_000
    visit(page)
    browser.execute_script("for (const each of document.querySelectorAll('details')) each.open = true")
    assert {tag: browser.execute_script(COUNT, tag) for tag in tags} == clean
    assert browser.execute_script("return window.owned") is None
    inline = "return [...document.querySelectorAll('*')].filter((each) => [...each.attributes].some((a) => /^on|^style$/.test(a.name))).length"
    assert browser.execute_script(inline) == 0
    links = "return [...document.querySelectorAll('a')].filter((each) => !each.getAttribute('href').startsWith('#')).length"
    assert browser.execute_script(links) == 0
    text = browser.execute_script("return document.body.textContent")
    assert not set("\x1b\x00\x9b\u202e\u2066") & set(text)
    assert ATTACKS["script"] in text
    assert console(browser) == []


def test_the_policy_stops_a_script_that_content_might_bring(browser: Chrome, visit: Open, html: str) -> None:
    smuggled = "<img src=x onerror='window.owned = 1'><script>window.owned = 1</script>"
    visit(html.replace("<main", smuggled + "<main", 1))
    assert browser.execute_script("return window.owned") is None
    assert any("Content Security Policy" in entry["message"] for entry in console(browser))


def test_a_verdict_leads_to_the_cases_that_it_hangs_on(
    browser: Chrome, visit: Open, sample: ModuleType, sample_cases: ModuleType
) -> None:
    cases = sample_cases.evidence()
    slow = [replace(case, slow=("claude-3-7-sonnet",)) for case in cases[:2]]
    visit(render_html(sample.decided(), [*slow, *cases[2:]]))

    verdict = browser.find_element(By.XPATH, "//ul[@class='verdicts']/li[contains(., 'claude-3-7-sonnet')]")
    verdict.find_element(By.LINK_TEXT, "its slowest cases").send_keys(Keys.ENTER)

    assert fragment(browser) == "cases?c=claude-3-7-sonnet&show=slow"
    assert sorted(shown(browser)) == sorted(case.id for case in slow)


@pytest.mark.parametrize("state", ["decided", "none", "undecided", "tie"])
def test_the_console_is_silent(
    state: str, browser: Chrome, visit: Open, sample: ModuleType, sample_cases: ModuleType
) -> None:
    visit(render_html(getattr(sample, state)(), sample_cases.evidence()))
    assert console(browser) == []


def test_the_fragment_filters_the_cases(
    browser: Chrome, visit: Open, html: str, sample_cases: ModuleType
) -> None:
    evidence = sample_cases.evidence()
    visit(html, fragment="#cases?c=gpt-4o&show=wrong")
    wrong = {case.id for case in evidence if "gpt-4o" not in case.right}
    assert set(shown(browser)) == wrong
    assert browser.find_element(By.ID, "count").text == f"{len(wrong)} of {len(evidence)} cases on this page"
    visit(html, fragment="#cases?c=manual&show=only")
    assert set(shown(browser)) == {case.id for case in evidence if case.right == ("manual",)}
    visit(html, fragment="#cases?c=local-8b&show=failed")
    assert len(shown(browser)) == sum(any(answer.failure for answer in case.answers) for case in evidence)
    visit(html, fragment="#cases?c=gpt-4o&show=differs")
    differs = {case.id for case in evidence if ("gpt-4o" in case.right) != ("gpt-4o-mini" in case.right)}
    assert set(shown(browser)) == differs


def test_a_figure_of_the_matrix_leads_to_the_cases_behind_it(browser: Chrome, visit: Open, html: str) -> None:
    visit(html)
    link = browser.find_element(By.CSS_SELECTOR, "#matrix-table a[href='#cases?c=gpt-4o&show=wrong']")
    browser.execute_script("arguments[0].click()", link)
    assert Select(browser.find_element(By.NAME, "c")).first_selected_option.text == "gpt-4o"
    assert 0 < len(shown(browser)) < 60


def test_what_is_chosen_in_the_filter_stands_in_the_address(browser: Chrome, visit: Open, html: str) -> None:
    visit(html)
    Select(browser.find_element(By.NAME, "c")).select_by_value("o3-mini")
    Select(browser.find_element(By.NAME, "show")).select_by_value("right")
    browser.find_element(By.NAME, "q").send_keys("escrow")
    assert fragment(browser) == "cases?c=o3-mini&show=right&q=escrow"
    found = shown(browser)
    assert found
    visit(html, fragment="#" + fragment(browser))
    assert shown(browser) == found


def test_j_and_k_move_through_the_shown_cases(browser: Chrome, visit: Open, html: str) -> None:
    visit(html, fragment="#cases?c=gpt-4o&show=wrong")
    first, second = shown(browser)[:2]
    for keys, expected in (("j", first), ("j", second), ("k", first), ("k", first)):
        browser.find_element(By.TAG_NAME, "body").send_keys(keys)
        current = browser.find_element(By.CSS_SELECTOR, ".case.current")
        assert current.get_attribute("data-id") == expected
        assert browser.switch_to.active_element == current
    assert fragment(browser) == f"cases?c=gpt-4o&show=wrong&at={first}"
    browser.find_element(By.NAME, "q").send_keys("jk")
    assert browser.find_element(By.NAME, "q").get_attribute("value") == "jk"


def test_the_matrix_sorts_by_click_and_by_address(browser: Chrome, visit: Open, html: str) -> None:
    names = (
        "return [...document.querySelectorAll('#matrix-table tbody th')].map((each) => each.dataset.value)"
    )
    visit(html)
    before = browser.execute_script(names)
    head = browser.find_element(By.CSS_SELECTOR, "#matrix-table th[data-column='2']")
    button = head.find_element(By.TAG_NAME, "button")
    button.send_keys(Keys.ENTER)
    assert head.get_attribute("aria-sort") == "ascending"
    assert browser.execute_script(names)[0] == "local-8b"
    button.send_keys(Keys.ENTER)
    assert head.get_attribute("aria-sort") == "descending"
    down = browser.execute_script(names)
    assert down[0] == "manual"
    visit(html, fragment="#" + fragment(browser))
    assert browser.execute_script(names) == down
    visit(html, fragment="#matrix?sort=4&dir=up")
    assert browser.execute_script(names)[-1] == "local-8b"  # an unknown cost is last, up or down
    assert sorted(down) == sorted(before)


def test_words_that_differ_are_marked_and_unmarked(browser: Chrome, visit: Open, sample: ModuleType) -> None:
    case = attacked_case("words", "x")
    reply = replace(case.answers[0], text="the <b>quick</b> brown fox", answer=None)
    visit(
        render_html(sample.decided(), [replace(case, reference="the slow brown fox", answers=(reply,))]),
        fragment="#cases?words=1",
    )
    marks = [each.text for each in browser.find_elements(By.TAG_NAME, "mark")]
    assert marks == ["<b>quick</b>"]
    browser.execute_script("arguments[0].click()", browser.find_element(By.NAME, "words"))
    assert browser.find_elements(By.TAG_NAME, "mark") == []
    assert browser.find_element(By.CSS_SELECTOR, "[data-reply]").text == "the <b>quick</b> brown fox"


@pytest.mark.parametrize(("width", "lines"), [(1920, 2), (1200, 2), (1024, 2), (768, 1), (320, 1)])
def test_the_way_to_every_section_is_in_sight_or_a_scrollbar_says_that_there_is_more(
    width: int,
    lines: int,
    browser: Chrome,
    visit: Open,
    every_section: str,
) -> None:
    visit(every_section, width=width)

    found = browser.execute_script("""
        const list = document.querySelector(".top ul"), links = [...list.querySelectorAll("a")];
        return {
          lines: new Set(links.map((each) => Math.round(each.getBoundingClientRect().top))).size,
          hidden: list.scrollWidth - list.clientWidth,
          bar: getComputedStyle(list).scrollbarWidth,
          last: links.at(-1).textContent,
          count: links.length,
          high: document.querySelector(".top").getBoundingClientRect().height,
          room: parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop),
        };
    """)

    assert (found["last"], found["count"]) == ("Methods", 22)
    assert found["lines"] <= lines
    assert found["hidden"] <= 0 or found["bar"] != "none"
    assert found["hidden"] <= 0 or width < 1000
    assert found["high"] <= found["room"], "a section that is led to would begin under the navigation"


@pytest.mark.parametrize("width", [320, 400, 768, 1280])
def test_the_page_never_scrolls_sideways(
    width: int, browser: Chrome, visit: Open, html: str, sample: ModuleType
) -> None:
    scroll = "return document.documentElement.scrollWidth"
    visit(html, width=width)
    assert browser.execute_script(scroll) <= width
    visit(
        render_html(attacked(sample.decided()), [attacked_case(*each) for each in ATTACKS.items()]),
        width=width,
    )
    assert browser.execute_script(scroll) <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast_in_the_light_and_in_the_dark(
    scheme: str, browser: Chrome, visit: Open, html: str
) -> None:
    visit(html, scheme=scheme)
    colour = "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]"
    paper = browser.execute_script(colour, "body", "backgroundColor")
    for selector in ("body", ".kicker", "#matrix a", "tbody .s-pass", "tbody .s-fail", "tbody .s-undecided"):
        ink = browser.execute_script(colour, selector, "color")
        assert contrast(ink, paper) >= 4.5, (selector, ink, paper)
    label = "[...document.querySelectorAll('svg.cost-quality text')].filter((each) => each.textContent.includes('chosen')).at(-1)"
    assert contrast(browser.execute_script(f"return getComputedStyle({label}).fill"), paper) >= 4.5


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance of `rgb(r, g, b)`; the formula is that of WCAG 2.2."""
    parts = [int(part) / 255 for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_it_prints_with_all_details_open(browser: Chrome, visit: Open, html: str) -> None:
    visit(html)
    closed = "return document.querySelectorAll('section:not(#cases) details:not([open])').length"
    assert browser.execute_script(closed) > 0
    browser.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert browser.execute_script(closed) == 0
    unprinted = "return document.querySelectorAll('.unprinted').length"
    assert browser.execute_script(unprinted) == 60 - 30
    browser.execute_script("dispatchEvent(new Event('afterprint'))")
    assert browser.execute_script(closed) > 0
    pdf = browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
    assert len(pdf["data"]) > 50_000


WORDS_AND_SIGNS = """
    const box = (each) => { const {left, top, right, bottom} = each.getBoundingClientRect(); return [left, top, right, bottom] }
    const svg = [...document.querySelectorAll('svg')].find((each) => each.textContent.includes('(chosen)'))
    const signs = [...svg.querySelectorAll('path')].filter((each) => /--(chosen|pass|undecided|fail)/.test(each.getAttribute('fill')))
    return [[...svg.querySelectorAll('text')].filter((each) => each.textContent).map((each) => [each.textContent, box(each)]),
            signs.map(box)]
"""


def dear(comparison: Comparison) -> Comparison:
    """Return it with the chosen one, and others that just miss the bar, at the right end of the picture."""
    moved = {comparison.decision.chosen: (0.76, 2e-2), "o3-mini": (0.702, 1.9e-2), "gpt-4o": (0.704, 1.5e-2)}
    rows = []
    for row in comparison.candidates:
        if row.name in moved:
            score, cost = (Estimate(value=value, n=1000) for value in moved[row.name])
            metrics = {**row.metrics, "accuracy": score}
            rows.append(replace(row, metrics=metrics, cost=replace(row.cost, per_success=cost)))
        else:
            rows.append(row)
    return replace(comparison, candidates=tuple(rows))


@pytest.mark.parametrize("crowded", [False, True])
def test_no_words_of_the_picture_cover_others_or_a_candidate_s_sign(
    browser: Chrome, visit: Open, sample: ModuleType, *, crowded: bool
) -> None:
    comparison: Comparison = sample.decided()
    visit(render_html(dear(comparison) if crowded else comparison, []))
    words, signs = browser.execute_script(WORDS_AND_SIGNS)
    named = dict(words)
    assert len(signs) >= 6
    assert any("≥" in text for text in named)
    pairs = [(one, other) for one, other in combinations(named, 2) if covered(named[one], named[other]) > 4]
    assert pairs == []
    hidden = [text for text, box in named.items() if any(covered(box, sign) > 4 for sign in signs)]
    assert hidden == []


def covered(one: list[float], other: list[float]) -> float:
    """Return the area that both boxes cover, in square pixels."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return width * height if width > 0 and height > 0 else 0.0
