"""The pictures."""

from dataclasses import replace
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from passmuster.records.comparison import Comparison
from passmuster.records.record import Json
from passmuster.records.score import Estimate
from passmuster.report import plots, scatter
from passmuster.report.labels import CHARACTER, LINE, Box, Point, place
from passmuster.report.svg import clean

HOSTILE = "<script>alert(1)</script>\u202e&\"'"


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter() if element.tag.endswith("}text")]  # noqa: S314  # our own picture


def test_every_candidate_with_a_cost_is_named_in_the_picture(decided: Comparison) -> None:
    svg = plots.cost_quality_svg(decided)
    assert svg is not None
    named = " ".join(texts(svg))
    for name in ("gemini-2.0-flash-lite (chosen)", "gpt-4o-mini (incumbent)", "o3-mini", "naive_bayes", "$0"):
        assert name in named
    assert "local-8b" not in named
    assert scatter.unplaced(decided) == (
        "manual (1,750 stated dollars per 1,000 successes)",
        "local-8b (cost unknown)",
    )


def test_the_front_joins_those_that_no_other_beats_in_cost_and_quality(decided: Comparison) -> None:
    scene = scatter.scene(decided)
    assert scene is not None
    where = {(dot.x, dot.y): dot.text for dot in scene.dots}
    front = [where[point] for point in scene.front[:-1]]
    assert front == ["naive_bayes", "gemini-2.0-flash-lite (chosen)", "gemini-2.0-flash", "claude-3-7-sonnet"]


def test_a_lower_bound_is_no_part_of_the_front(decided: Comparison) -> None:
    rows = tuple(
        replace(row, cost=replace(row.cost, basis="lower_bound")) if row.name == "gemini-2.0-flash" else row
        for row in decided.candidates
    )
    scene = scatter.scene(replace(decided, candidates=rows))
    assert scene is not None
    bound = next(dot for dot in scene.dots if dot.text == "gemini-2.0-flash")
    assert bound.lower_bound
    assert (bound.x, bound.y) not in scene.front


def test_the_names_of_fourteen_candidates_do_not_cover_one_another(decided: Comparison) -> None:
    base = decided.candidates[1]
    rows = tuple(
        replace(
            base,
            name=f"a-candidate-with-a-name-{index}",
            metrics={"accuracy": Estimate(value=0.70 + 0.005 * (index % 7), low=0.68, high=0.76, n=1000)},
            cost=replace(base.cost, per_success=Estimate(value=3e-5 * 1.6**index, n=1000)),
        )
        for index in range(14)
    )
    scene = scatter.scene(replace(decided, candidates=rows))
    assert scene is not None
    placed = place(
        [Point(x=dot.x, y=dot.y, text=dot.text) for dot in scene.dots], scatter.WIDTH, scatter.HEIGHT
    )
    boxes = [
        Box(
            left=each.x,
            top=each.y - LINE / 2,
            right=each.x + CHARACTER * len(each.text),
            bottom=each.y + LINE / 2,
        )
        for each in placed
    ]
    assert sum(one.overlap(other) for one, other in combinations(boxes, 2)) == 0
    assert all(box.left >= -1 and box.right <= scatter.WIDTH + 1 for box in boxes)


@pytest.mark.parametrize("draw", [plots.cost_quality_svg, plots.latency_svg])
def test_a_picture_has_a_title_and_a_description_and_only_shapes(decided: Comparison, draw: object) -> None:
    assert callable(draw)
    first = replace(decided.candidates[0], name=HOSTILE)
    svg = draw(replace(decided, candidates=(first, *decided.candidates[1:])))
    root = ET.fromstring(svg)  # noqa: S314  # our own picture
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "g", "path", "line", "rect", "text", "title", "desc"}
    assert root.get("role") == "img"
    assert [child.tag.rpartition("}")[2] for child in root][:2] == ["title", "desc"]
    assert "\u202e" not in svg


def test_latency_shows_the_bar_and_leaves_people_out(decided: Comparison) -> None:
    svg = plots.latency_svg(decided)
    assert svg is not None
    assert "latency_p95 ≤ 1.5 s" in texts(svg)
    assert "manual" not in texts(svg)


def test_intervals_of_an_unknown_metric_have_no_picture(decided: Comparison) -> None:
    assert plots.forest_svg(decided, "accuracy") is not None
    assert plots.forest_svg(decided, "nothing") is None


def test_without_costs_or_times_there_is_no_picture(decided: Comparison) -> None:
    gone = Estimate(value=None)
    rows = tuple(
        replace(
            row,
            cost=replace(row.cost, per_success=gone, basis="unknown"),
            latency=replace(row.latency, p50=gone, p95=gone, p99=gone),
        )
        for row in decided.candidates
    )
    bare = replace(decided, candidates=rows)
    assert plots.cost_quality_svg(bare) is None
    assert plots.latency_svg(bare) is None


def test_all_candidates_free_of_cost_still_make_a_picture(decided: Comparison) -> None:
    rows = tuple(
        replace(row, cost=replace(row.cost, per_success=Estimate(value=0.0, low=0.0, high=0.0)))
        for row in decided.candidates
    )
    assert plots.cost_quality_svg(replace(decided, candidates=rows)) is not None


def test_scripts_styles_and_links_are_left_out_of_a_picture() -> None:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 1 1">'
        '<script>x</script><style>y</style><a xlink:href="javascript:x"><path d="M0,0h1"/></a>'
        '<rect width="1" height="1" onclick="x" style="fill:red" fill="url(http://example.org/x)"/>'
        '<image href="http://example.org"/><foreignObject/></svg>'
    )
    cleaned = clean(svg, title="<t>", description="d", name="n")
    for word in ("script", "style", "href", "onclick", "url", "image", "foreignObject", "example"):
        assert word not in cleaned
    assert "<rect" in cleaned
    assert "&lt;t&gt;" in cleaned


def test_the_pictures_are_the_same_after_a_warm_up(decided: Comparison) -> None:
    before = plots.cost_quality_svg(decided)
    thread = plots.warm_up()
    thread.join(timeout=60)
    assert not thread.is_alive()
    assert plots.cost_quality_svg(decided) == before


def test_every_picture_of_named_lines_leaves_room_for_its_names() -> None:
    """Letters are laid out narrower than browsers draw them: without room to spare the longest name loses its start."""
    names: list[Json] = ["terse", "terse - chatty"]
    extent = plots.name_axis(names)["minExtent"]
    assert isinstance(extent, float)
    assert extent > 7 * len("terse - chatty") + 10
    page = (Path(plots.__file__).parent / "judge_page.py").read_text(encoding="utf-8")
    assert '"axis": name_axis(names)' in page
