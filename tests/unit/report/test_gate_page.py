"""The gate's page: complete in itself, harmless, a picture first, every figure on it, and no larger than a mail takes."""

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest
from tests.unit.report.gate_sample import BLOCKED, HOSTILE, LINES, SLICES, at, figure, hostile, huge

from passmuster.records.gate import GateReport
from passmuster.report.gate_page import FLIPS_SHOWN, SLICES_SHOWN, render_gate_page
from passmuster.report.gate_plots import blocks_svg, changes_svg, rises_svg, slices_svg


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]
        self.ids += [value or "" for name, value in attrs if name == "id"]
        assert not any(name.startswith("on") or name == "style" for name, _ in attrs)


def seen(page: str) -> _Seen:
    made = _Seen()
    made.feed(page)
    return made


@pytest.mark.parametrize(
    "report", [BLOCKED, at("pass"), hostile(), huge()], ids=["blocked", "pass", "hostile", "huge"]
)
def test_the_page_loads_and_runs_nothing(report: GateReport) -> None:
    page = render_gate_page(report)
    found = seen(page)
    assert not {"script", "img", "iframe", "form", "object"} & set(found.tags)
    assert all(link.startswith("#") or link == "data:," for link in found.links)
    assert {link[1:] for link in found.links if link.startswith("#")} <= set(found.ids)
    assert len(found.ids) == len(set(found.ids))
    assert "default-src 'none'" in unescape(page)
    assert HOSTILE not in page
    assert not any(char in page for char in "\x1b\u202e\ud800")
    assert len(page.encode()) < 1_500_000


def test_every_figure_is_on_it() -> None:
    page = unescape(render_gate_page(BLOCKED))
    for words in (
        "Blocked: small-next",
        BLOCKED.sentence,
        *BLOCKED.reasons,
        "0.742 → 0.671",
        "[-0.081, -0.061]",
        "$0.00041 → not known",
        "+27 %",
        "the load differs: 4.0 in flight beside 9.5",
        "invents a clause",
        "stratum refunds",
        "undecided (180 more cases)",
        "3 of 3",
        "c-2",
        "9 % [7 %, 11 %]",
        "Not compared: 14",
        "passmuster show --of small-next --cases wrong",
        "reports/baseline_2026-03-01.json",
        "12 days old",
    ):
        assert words in page, words


def test_what_is_not_shown_is_counted() -> None:
    page = render_gate_page(huge())
    assert f"{2001 - SLICES_SHOWN:,} more slices" in page
    assert f"{20_001 - FLIPS_SHOWN:,} more cases" in page


def test_a_gate_without_slices_flips_or_modes_has_no_empty_sections() -> None:
    page = render_gate_page(replace(BLOCKED, slices=(), flips=(), modes=(), changes={}, floor=None))
    found = seen(page)
    assert not {"slices", "flips", "modes"} & set(found.ids)


def test_worse_lies_to_the_left_whichever_way_is_better() -> None:
    both = replace(BLOCKED, lines=(LINES[0], LINES[2]))
    svg = changes_svg(both)
    assert svg is not None
    assert "exact_match: -0.071" in svg
    assert "failures: +1.2 points" in svg
    halves = [
        float(place) for place in re.findall(r'transform="translate\(([\d.]+),[\d.]+\)"[^>]*><title>', svg)
    ]
    zero = marked(svg, "as before")
    assert halves
    assert all(place < zero for place in halves)


def marked(svg: str, word: str) -> float:
    """Return where the word of a margin stands, from the left."""
    found = re.search(rf'transform="translate\(([\d.]+),[-\d.]+\)"[^>]*>{re.escape(word)}<', svg)
    assert found is not None, word
    return float(found[1])


def test_the_margins_are_lines_with_their_words() -> None:
    svg = changes_svg(BLOCKED)
    assert svg is not None
    assert marked(svg, "block") < marked(svg, "investigate") < marked(svg, "as before")
    rises = rises_svg(BLOCKED)
    assert rises is not None
    assert marked(rises, "as before") < marked(rises, "+20 %")


def test_shape_says_what_colour_says() -> None:
    svg = slices_svg(BLOCKED)
    assert svg is not None
    for word in ("block", "investigate", "undecided", "pass"):
        assert word in svg
    marks = re.findall(r'<path [^>]*\bd="(M[^"]*)"[^>]*><title>', svg)
    assert len({re.sub(r"[\d.,-]+", "", mark) for mark in marks}) >= 3


def test_a_figure_on_a_scale_of_its_own_is_in_the_table_and_not_beside_the_margins() -> None:
    words = replace(
        LINES[1], name="words", old=figure(120.0, 3), new=figure(118.0, 3), change=figure(-2.0, 1)
    )
    svg = changes_svg(replace(BLOCKED, lines=(LINES[0], words)))
    assert svg is not None
    assert "words" not in svg
    assert changes_svg(replace(BLOCKED, lines=(words,))) is None
    assert "words" in render_gate_page(replace(BLOCKED, lines=(words,)))


def test_nothing_known_draws_nothing() -> None:
    assert changes_svg(replace(BLOCKED, lines=())) is None
    assert slices_svg(replace(BLOCKED, slices=())) is None
    assert rises_svg(replace(BLOCKED, lines=LINES[6:])) is None
    assert blocks_svg(replace(BLOCKED, lines=LINES[:3])) is None


def test_figures_without_an_end_or_beyond_numbers_do_not_stop_the_page() -> None:
    odd = replace(LINES[0], change=replace(LINES[0].change, low=None, high=float("inf")))
    worse = replace(LINES[4], blocks=(float("nan"), float("inf"), 1.3, None, 1.1))
    assert "exact_match" in render_gate_page(
        replace(BLOCKED, lines=(odd, worse), slices=(replace(SLICES[0], pooled=float("nan")),))
    )


def test_blocks_past_the_line_are_crosses_and_those_without_a_ratio_are_no_points() -> None:
    svg = blocks_svg(BLOCKED)
    assert svg is not None
    assert svg.count("latency p95, block ") == 2 * 4  # in the words of the picture, and on the points
    assert "latency p95, block 3" not in svg
