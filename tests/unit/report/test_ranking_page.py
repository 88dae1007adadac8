"""The page of a ranking is complete in itself, and nothing in it can do anything."""

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

from tests.unit.report.ranking_sample import HOSTILE, RANKING, row

from passmuster.report.ranking_page import PICTURE_LIMIT, render_ranking_page, strengths_svg


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]
        assert not any(name.startswith("on") for name, _ in attrs)


def test_the_page_loads_and_runs_nothing() -> None:
    page = render_ranking_page(RANKING)
    seen = _Seen()
    seen.feed(page)
    assert "script" not in seen.tags
    assert all(link.startswith(("#", "data:,")) for link in seen.links)
    assert "default-src 'none'" in unescape(page)
    assert HOSTILE not in page
    assert "\x1b" not in page
    assert "\u202e" not in page


def test_every_figure_is_on_it() -> None:
    page = render_ranking_page(RANKING)
    for words in (
        "large is preferred to all others",
        "2 to 3",
        "+0.800",
        "1,139",
        "90 %",
        "p 0.012",
        "length",
        "110",
    ):
        assert words in page


def test_shape_says_what_colour_says() -> None:
    svg = strengths_svg(replace(RANKING, candidates=(row("a", 0.5, 1, 1), row("b", -0.5, 2, 2))))
    assert svg is not None
    assert "may be the best" in svg
    assert "is not the best" in svg
    marks = set(re.findall(r'<path [^>]*\bd="(M[^"]*)"', svg))
    assert any("L" in mark and mark.endswith("Z") for mark in marks)  # a diamond
    assert any("A" in mark for mark in marks)  # a circle


def test_candidates_without_a_strength_draw_no_picture() -> None:
    assert strengths_svg(replace(RANKING, candidates=())) is None
    assert "No choice can be used" in render_ranking_page(replace(RANKING, candidates=(), meetings=()))


def test_names_that_are_alike_after_cutting_have_a_line_each() -> None:
    long = "a" * 60
    svg = strengths_svg(replace(RANKING, candidates=(row(long + "1", 0.5, 1, 1), row(long + "2", 0.0, 2, 2))))
    assert svg is not None
    assert "(2)" in svg


def test_many_candidates_stay_below_the_size_of_a_page() -> None:
    many = tuple(row(f"model {number}", 1 - number / 100, number + 1, number + 1) for number in range(200))
    page = render_ranking_page(replace(RANKING, candidates=many))
    assert f"leave out the {200 - PICTURE_LIMIT} weakest" in page
    assert len(page.encode()) < 1_500_000


def test_groups_without_a_common_scale_are_told_apart_in_the_picture() -> None:
    apart = (row("a", 0.4, 1, 2), row("b", -0.4, 1, 2), row("c", 0.4, 1, 2, island=1))
    svg = strengths_svg(replace(RANKING, candidates=apart, islands=(("a", "b"), ("c", "d"))))
    assert svg is not None
    assert "a (group 1)" in svg
    assert "c (group 2)" in svg


def test_raters_that_are_not_named_are_counted() -> None:
    page = render_ranking_page(replace(RANKING, raters=tuple(f"rater {number}" for number in range(60))))
    assert "rater 49 and 10 more" in page
