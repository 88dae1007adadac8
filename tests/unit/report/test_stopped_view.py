"""Who was stopped early, on every surface."""

import io
from dataclasses import replace

from rich.console import Console

from passmuster.records.comparison import Comparison
from passmuster.records.score import Estimate
from passmuster.records.stopped import STOPPED_EARLY, Stop, Stopped, Until
from passmuster.report.costs_view import costs
from passmuster.report.html import render_html
from passmuster.report.markdown import render_markdown
from passmuster.report.rows import CUT_SHORT, verdict
from passmuster.report.stopped_view import KEY, stopped, stopped_columns, stopped_words
from passmuster.report.terminal import render_terminal

CUT = Estimate(
    value=0.41, low=0.2, high=0.6, n=80, method="confidence sequence", note=f"{STOPPED_EARLY}: 80 of 200"
)


def with_stops(base: Comparison, bar: str = "accuracy >= 0.70") -> Comparison:
    """Stop the last candidate of a comparison for want of hope, and leave the one before unasked."""
    *rest, unasked, hopeless = base.candidates
    names = tuple(row.name for row in base.candidates)
    until = Until(aim="bars", seed=3, block=20, family=names, level=0.05 / len(names))
    stops = (
        Stop(candidate=hopeless.name, reason="hopeless", cases=80, of=200, bar=bar),
        Stop(candidate=unasked.name, reason="not_needed", cases=0, of=200, by=names[0]),
    )
    found = Stopped(until=until, looks=10, trials=280, full=600, stops=stops, chosen=names[:1], finished=True)
    rows = [
        replace(row, verdict=replace(row.verdict, status="undecided", stopped=found.stop_of(row.name)))
        for row in (unasked, hopeless)
    ]
    rows[1] = replace(rows[1], metrics=dict.fromkeys(rows[1].metrics, CUT))
    return replace(base, candidates=(*rest, *rows), stopped=found)


def terminal(comparison: Comparison) -> str:
    file = io.StringIO()
    render_terminal(comparison, Console(file=file, width=200, color_system=None))
    return file.getvalue()


def test_there_is_a_line_for_each_that_was_stopped_and_for_nobody_else(decided: Comparison) -> None:
    grid = stopped(with_stops(decided))
    assert grid is not None
    assert {(line.cells[0].text, line.cells[2].text) for line in grid.lines} == {
        ("80 of 200", "could hardly be shown to meet accuracy >= 0.70"),
        ("0 of 200", f"{decided.candidates[0].name} costs less and has passed"),
    }


def test_the_verdict_says_that_it_was_stopped_and_not_how_many_cases_are_missing(decided: Comparison) -> None:
    unasked, hopeless = with_stops(decided).candidates[-2:]
    assert verdict(hopeless) == "stopped after 80: accuracy >= 0.70"
    assert verdict(unasked) == "unasked"


def test_all_three_surfaces_mark_the_figures_and_say_what_the_mark_means(decided: Comparison) -> None:
    found = with_stops(decided)
    page = render_html(found, [])
    assert 'id="stopped"' in page
    for text in (page, render_markdown(found), " ".join(terminal(found).split())):
        assert text.count(CUT_SHORT.strip()) >= 2  # behind a figure, and where it is explained
        assert KEY[:40] in text


def test_a_run_that_asked_everything_has_no_such_section(decided: Comparison) -> None:
    assert stopped(decided) is None
    assert stopped_columns(decided) == ()
    assert not stopped_words(decided)
    assert 'id="stopped"' not in render_html(decided, [])


def test_names_of_bars_and_candidates_are_harmless(decided: Comparison) -> None:
    found = with_stops(decided, bar="<script>alert(1)</script>\x1b[31m")
    assert "<script>alert" not in render_html(found, [])
    assert "\x1b" not in terminal(found)
    assert "<script>" not in render_markdown(found)


def test_the_sentence_says_what_was_settled_beforehand(decided: Comparison) -> None:
    words = stopped_words(with_stops(decided))
    assert "280 of 600 trials, in 10 looks" in words
    assert "seed 3, in blocks of 20" in words


def test_who_was_not_asked_is_told_once_and_lacks_no_figure(decided: Comparison) -> None:
    made = with_stops(decided)
    *rest, unasked, hopeless = made.candidates
    told = replace(unasked, verdict=replace(unasked.verdict, reason="was not asked: a costs less"))
    empty = replace(told, metrics={key: Estimate(value=None, note="nobody asked") for key in told.metrics})
    many = tuple(replace(empty, name=f"left-{number}") for number in range(9))
    text = terminal(replace(made, candidates=(*rest, *many, hopeless)))
    assert text.count("not asked: a costs less") == 1
    assert "9 candidates" in text
    assert "nobody asked" not in text
    assert not {row.name for row in many} & {
        line.name for line in costs(replace(made, candidates=many)).lines
    }
