"""The self-contained HTML file."""

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from passmuster.records.comparison import Answer, CaseEvidence, Comparison
from passmuster.report.html import CASES_LIMIT, render_html

HOSTILE = (
    "<script>window.owned=1</script></style></script><img src=x onerror=window.owned=1>"
    "<a href='javascript:window.owned=1'>x</a><svg onload=window.owned=1></svg>\x1b[2J\u202e\x00 =1+1"
)
FROM_OUTSIDE = re.compile(r"(?i)\b(?:src|href|action|srcset|poster|data|xlink:href)$")


class Page(HTMLParser):
    """Collects elements with their attributes, and the text of `style` and `script`."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inside = ""
        self.raw: dict[str, str] = {}
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.inside = tag

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside in ("style", "script"):
            self.raw[self.inside] = self.raw.get(self.inside, "") + data
        else:
            self.text += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def hostile_case(index: int, text: str = HOSTILE) -> CaseEvidence:
    answers = (
        Answer(candidate="gpt-4o", text=text, failure=None, scores={HOSTILE: None}, answer=text + "!"),
        Answer(candidate="gpt-4o-mini", text=None, failure=text, scores={}),
    )
    return CaseEvidence(
        id=f"{index}{HOSTILE}",
        category="adversarial",
        stratum=HOSTILE,
        input=text,
        reference={"key": text},
        answers=answers,
        right=("gpt-4o",),
        disputed=True,
    )


def hostile_comparison(comparison: Comparison) -> Comparison:
    first, *others = comparison.candidates
    found = first.classification
    assert found is not None
    bad = replace(
        first,
        name=HOSTILE,
        model=HOSTILE,
        verdict=replace(first.verdict, status="fail", reason=HOSTILE),
        cost=replace(first.cost, note=HOSTILE),
        failures=replace(first.failures, kinds={HOSTILE: 3}, score_failures={HOSTILE: 1}),
        classification=replace(found, labels=(HOSTILE, *found.labels[1:])),
        checks=tuple(replace(check, bar=HOSTILE, note=HOSTILE) for check in first.checks),
        metrics={HOSTILE: first.metrics["accuracy"], **first.metrics},
        parts={HOSTILE: {HOSTILE: first.metrics["accuracy"]}},
    )
    metrics = (replace(comparison.metrics[0], name=HOSTILE), *comparison.metrics[1:])
    decision = replace(comparison.decision, reason=HOSTILE, warnings=(HOSTILE,), versus_manual=HOSTILE)
    return replace(
        comparison,
        task=HOSTILE,
        metrics=metrics,
        candidates=(bad, *others),
        decision=decision,
        incumbent=HOSTILE,
    )


@pytest.fixture(scope="module")
def page(decided: Comparison, evidence: tuple[CaseEvidence, ...]) -> Page:
    return Page(render_html(decided, evidence))


def test_the_policy_names_exactly_this_style_and_this_script(page: Page) -> None:
    [policy] = [each["content"] for each in page.named("meta") if "http-equiv" in each]
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    for kind in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256(page.raw[kind].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    for rule in ("img-src data:", "base-uri 'none'", "form-action 'none'"):
        assert rule in policy
    assert "unsafe" not in policy


def test_the_page_loads_nothing_and_has_no_inline_style_or_handler(page: Page) -> None:
    for tag, attributes in page.elements:
        for name, value in attributes.items():
            assert name != "style", tag
            assert not name.startswith("on"), tag
            if FROM_OUTSIDE.search(name):
                assert (value or "").startswith(("#", "data:,")), (tag, name, value)


def test_nothing_of_hostile_content_becomes_an_element(decided: Comparison) -> None:
    clean = Page(render_html(decided, [hostile_case(1, "harmless")]))
    hostile = Page(render_html(hostile_comparison(decided), [hostile_case(1)]))
    for tag in ("script", "style", "img", "iframe", "object", "link", "base", "form", "meta"):
        assert len(hostile.named(tag)) == len(clean.named(tag)), tag
    assert all(not name.startswith("on") for _, attributes in hostile.elements for name in attributes)
    assert all((each.get("href") or "#").startswith("#") for each in hostile.named("a"))
    assert not set("\x1b\x00\u202e") & set(hostile.text)


def test_the_decision_comes_first_then_the_picture_then_the_matrix(page: Page) -> None:
    order = [each["id"] for each in page.named("section")]
    assert order[:3] == ["decision", "picture", "matrix"]
    assert order[-2:] == ["cases", "methods"]
    assert len(page.named("h1")) == 1


def test_ids_are_unique_and_every_label_points_to_one(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in page.elements:
        for each in (attributes.get("aria-labelledby") or "").split():
            assert each in ids


def test_tables_can_be_read_aloud(page: Page) -> None:
    assert len(page.named("table")) == len(page.named("caption")) > 5
    assert all(each.get("scope") in ("col", "row") for each in page.named("th"))


def test_links_within_the_page_lead_somewhere(page: Page) -> None:
    ids = {attributes.get("id") for _, attributes in page.elements}
    targets = {(each["href"] or "").partition("?")[0] for each in page.named("a")}
    assert {target.removeprefix("#") for target in targets} <= ids


@pytest.mark.parametrize(
    ("name", "headline"),
    [
        ("decided", "Use gemini-2.0-flash-lite"),
        ("tie", "Use gemini-2.0-flash-lite"),
        ("none", "No candidate meets every bar"),
        ("undecided", "Cannot tell yet"),
    ],
)
def test_the_headline_is_the_decision(name: str, headline: str, state: Callable[[str], Comparison]) -> None:
    assert f'<h1 id="headline">{headline}</h1>' in render_html(state(name), [])


def test_a_megabyte_in_one_line_does_not_swell_the_file(decided: Comparison) -> None:
    text = render_html(decided, [hostile_case(index, "<b>" * 350_000) for index in range(20)])
    assert len(text.encode()) < 1_500_000
    assert "more characters)" in text


def test_the_file_stays_below_its_limit_and_says_how_much_it_shows(decided: Comparison) -> None:
    many = [hostile_case(index, f"{index} " + "<&>" * 3000) for index in range(2 * CASES_LIMIT)]
    text = render_html(decided, many)
    assert len(text.encode()) < 1_500_000
    shown = len(Page(text).named("article"))
    assert 0 < shown < len(many)
    assert f"{shown:,} of {len(many):,} cases shown" in text


def test_a_hundred_and_fifty_classes_do_not_swell_the_file(decided: Comparison) -> None:
    found = decided.candidates[0].classification
    assert found is not None
    size = 150
    labels = tuple(f"intent_{index}" for index in range(size))
    matrix = tuple(tuple(9 if i == j else int((i + j) % 7 == 0) for j in range(size)) for i in range(size))
    classes = tuple(replace(found.classes[0], label=label) for label in labels)
    wide = replace(found, labels=labels, matrix=matrix, outside=(0,) * size, classes=classes)
    rows = tuple(replace(row, classification=wide) for row in decided.candidates)
    text = render_html(replace(decided, candidates=rows), [])
    assert len(text.encode()) < 1_000_000
    assert "110 more stand in the JSON" in text
    assert "The commonest confusions" in text


def test_disputed_cases_come_first(decided: Comparison, evidence: tuple[CaseEvidence, ...]) -> None:
    disputed = [each["data-disputed"] for each in Page(render_html(decided, evidence)).named("article")]
    assert disputed == sorted(disputed, key=lambda each: each != "yes")
    assert "no" in disputed


def test_a_report_without_candidates_is_still_a_page(decided: Comparison) -> None:
    empty = replace(decided, candidates=(), metrics=(), incumbent=None)
    assert "No cases were given to this report." in render_html(empty, [])


def test_the_same_input_gives_the_same_file(decided: Comparison, evidence: tuple[CaseEvidence, ...]) -> None:
    assert render_html(decided, evidence) == render_html(decided, evidence)


def test_cases_measured_apart_have_a_table_of_their_own(state: Callable[[str], Comparison]) -> None:
    page = render_html(state("apart"), ())

    assert 'id="apart"' in page
    assert "edge (80)" in page
    assert "0.622" in page
    assert "ledger 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" in page
    assert "weighted back to traffic, worth 812 equally weighted ones" in page
    assert 'id="apart"' not in render_html(state("decided"), ())
