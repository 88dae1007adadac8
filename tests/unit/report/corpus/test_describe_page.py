"""The page of a description: complete, harmless, and small enough."""

import re
from html import unescape
from io import StringIO

from rich.console import Console

from passmuster.corpus.overview.describe import Profiler, description
from passmuster.records.case import Case
from passmuster.records.description import Description, Part
from passmuster.records.traffic import TrafficRecord
from passmuster.report.corpus.page import TABLE_LIMIT, render_description
from passmuster.report.corpus.pictures import SHOWN, bars_svg, paired, share_of
from passmuster.report.corpus.terminal import render_terminal

WHEN = "2026-01-01T00:00:00Z"
ATTACK = "<script>alert(1)</script>\x1b[31m\u202e\"'><img src=x onerror=alert(1)>"


def described(names: int = 5, attack: str = "") -> Description:
    traffic, corpus = Profiler(lambda record: str(record.columns["s"])), Profiler()
    for number in range(names):
        record = TrafficRecord(
            id=str(number),
            input=f"Where is it? {attack}",
            time=1.7e9 + number * 3_600,
            model=f"model {attack}",
            feedback="up",
            columns={"s": f"stratum {number} {attack}"},
        )
        traffic.record(record)
        traffic.topic(f"topic {attack}")
        corpus.case(
            Case(id=str(number), input="Wo ist es?", stratum=f"stratum {number} {attack}", weight=2.0)
        )
        corpus.topic("another", 2.0)
    return description(f"d {attack}", traffic.profile(), corpus.profile(), f"s {attack}")


def terminal(found: Description) -> str:
    console = Console(width=100, no_color=True, record=True, file=StringIO())
    render_terminal(found, console)
    return console.export_text()


def test_all_parts_of_both_stand_on_the_page() -> None:
    page = render_description(described(), WHEN)
    for text in (
        "stratum 3",
        "another",
        "Time of day",
        "Language",
        "Feedback",
        WHEN,
        "By topics, 100% of the",
    ):
        assert text in page


def test_nothing_is_loaded_and_nothing_runs() -> None:
    page = render_description(described(), WHEN)
    assert not re.findall(r"""(?:src|href)=["'](?!#|data:)""", page)
    assert "<script" not in page
    assert " style=" not in page
    assert re.search(r"default-src 'none'; style-src 'sha256-[^']+'", unescape(page))


def test_what_comes_from_traffic_is_escaped_on_the_page_and_in_the_terminal() -> None:
    found = described(attack=ATTACK)
    page = render_description(found, WHEN)
    assert "<script" not in page
    assert "<img" not in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    shown = terminal(found)
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_many_parts_stay_below_the_limit_of_size_and_the_rest_is_counted() -> None:
    page = render_description(described(5_000, "x" * 60), WHEN)
    assert len(page.encode()) < 1_500_000
    assert f"{5_000 - TABLE_LIMIT} more parts stand in the JSON" in page


def test_every_picture_and_table_says_what_it_shows() -> None:
    page = render_description(described(), WHEN)
    pictures = re.findall(r"<svg[^>]*role=\"img\"[^>]*aria-labelledby=\"([^\"]+)\"", page)
    named = [name for names in pictures for name in names.split()]
    assert len(named) == len(set(named)) > 0
    assert all(f'id="{name}"' in page for name in named)
    assert page.count("<table") == page.count("<caption")
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_one_body_alone_has_a_page_too() -> None:
    traffic = Profiler()
    traffic.record(TrafficRecord(id="1", input="Where is it?"))
    assert "1 records of traffic, and no cases yet" in render_description(
        description("d", traffic.profile(), None), WHEN
    )
    corpus = Profiler()
    corpus.case(Case(id="1", input="Where is it?"))
    assert "no traffic to compare them with" in render_description(
        description("d", None, corpus.profile()), WHEN
    )
    assert "Nothing to describe" in render_description(description("d", None, None), WHEN)


def test_parts_are_paired_by_name_the_largest_of_the_traffic_first() -> None:
    found = described(3)
    assert found.traffic is not None
    assert found.corpus is not None
    pairs = paired(found.traffic.languages, found.corpus.languages)
    assert [(pair.name, share_of(pair.traffic), share_of(pair.corpus)) for pair in pairs] == [
        ("en", 1.0, 0.0),
        ("de", 0.0, 1.0),
    ]


def test_a_picture_shows_the_first_parts_in_words_too() -> None:
    found = described(50)
    assert found.traffic is not None
    pairs = paired(found.traffic.strata, None)
    svg = bars_svg(pairs, title="Strata", name="x", both=(True, False))
    assert svg.count("% of the traffic") >= SHOWN
    assert "of the corpus" not in svg


def test_the_terminal_shows_the_headline_and_the_largest_parts() -> None:
    shown = terminal(described(12))
    assert shown.startswith("By topics, 100% of the corpus lies elsewhere than its traffic")
    assert "4 more" in shown


def test_the_marks_of_an_axis_are_all_different_however_small_the_shares() -> None:
    traffic = tuple(Part(name=str(number), count=1, share=0.0125) for number in range(80))
    drawn = bars_svg(paired(traffic, None), title="many", name="many", both=(True, False))
    marks = re.findall(r"<text[^>]*>([\d.]+ %)</text>", drawn)
    axis = marks[: marks.index("1.2 %")] if "1.2 %" in marks else marks

    assert len(axis) >= 3
    assert len(set(axis)) == len(axis)
    assert "0.2 %" in axis


def test_a_long_name_is_cut_so_that_a_wider_font_has_room() -> None:
    traffic = (Part(name="W" * 60, count=1, share=1.0),)
    drawn = bars_svg(paired(traffic, None), title="long", name="long", both=(True, False))
    shown = re.findall(r">(W+…)<", drawn)

    assert shown
    assert all(len(name) < 20 for name in shown)
