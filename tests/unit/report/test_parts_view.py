"""Parts and kinds in the report."""

from dataclasses import replace

from tests.unit.report.sample import decided

from passmuster.records.counts import CountReport
from passmuster.records.score import Estimate
from passmuster.report.html import render_html
from passmuster.report.parts_view import PARTS_LIMIT, counts, parts


def share(value: float | None) -> Estimate:
    return Estimate(value=value, low=value, high=value, n=10, method="m")


def kind(name: str, right: float, answered: float, reference: float) -> CountReport:
    return CountReport(
        kind=name,
        right=right,
        answered=answered,
        reference=reference,
        precision=share(right / answered),
        recall=share(right / reference),
        f1=share(2 * right / (answered + reference)),
    )


def test_of_many_parts_those_with_the_lowest_means_are_shown() -> None:
    made = decided()
    first = replace(made.candidates[0], parts={"accuracy": {f"p{n}": share(n / 50) for n in range(50)}})
    (view,) = parts(replace(made, candidates=(first,)))
    assert [head for head, _ in view.grid.heads][1:] == [f"p{n}" for n in range(PARTS_LIMIT)]
    assert view.left_out == 50 - PARTS_LIMIT


def test_a_part_that_nobody_has_is_left_out_before_one_that_is_low_on_a_long_scale() -> None:
    made = decided()
    graded = {f"p{n}": share(3 + n / 50) for n in range(PARTS_LIMIT)}
    first = replace(made.candidates[0], parts={"accuracy": {"nobody": share(None), **graded}})
    (view,) = parts(replace(made, candidates=(first,)))
    assert "nobody" not in [head for head, _ in view.grid.heads]


def test_kinds_say_what_was_missed_and_what_was_invented() -> None:
    made = decided()
    first = replace(
        made.candidates[0], counts={"accuracy": (kind("person", 8, 9, 12), kind("place", 1, 4, 2))}
    )
    found = replace(made, candidates=(first, *made.candidates[1:]))
    (view,) = counts(found)
    assert view.summary.endswith("5 missed, 4 wrong or invented")
    assert [cell.text for cell in view.rows[0][1][:5]] == ["12", "9", "8", "4", "1"]
    page = render_html(found, ())
    assert 'href="#parts"' in page
    assert "by kind, over all replies" in page


def test_what_is_wrong_is_told_apart_from_what_is_missed_and_invented_where_the_metric_does() -> None:
    made = decided()
    first = replace(made.candidates[0], counts={"accuracy": (replace(kind("date", 8, 10, 12), wrong=1.0),)})
    (view,) = counts(replace(made, candidates=(first, *made.candidates[1:])))
    assert view.summary.endswith("1 wrong, 3 missed, 1 invented")
    assert view.heads[3:6] == ("wrong", "missed", "invented")
    assert [cell.text for cell in view.rows[0][1][:6]] == ["12", "10", "8", "1", "3", "1"]


def test_a_comparison_without_parts_has_no_section_for_them() -> None:
    made = decided()
    bare = replace(made, candidates=tuple(replace(row, parts={}) for row in made.candidates))
    assert "parts-title" not in render_html(bare, ())
