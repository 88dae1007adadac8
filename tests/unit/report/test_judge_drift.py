"""What is told of a judge's drift: the verdict first, and names from outside do nothing in it."""

from dataclasses import replace

from rich.console import Console

from passmuster.decide.judging.drift import judge_drift
from passmuster.records.judge_drift import AnchorCheck, DriftReport, FreshGap, JudgeDrift
from passmuster.records.score import Estimate
from passmuster.report.judge_drift import drift_line, render_drift
from passmuster.report.judge_drift_page import render_drift_page

HOSTILE = "<script>alert(1)</script>\x1b[31m"
NAMES = [str(number) for number in range(60)]


def check(fails: int, time: float, model: str = "m") -> AnchorCheck:
    values = {name: float(int(name) >= fails) for name in NAMES}
    return AnchorCheck(
        metric="right",
        set="s",
        judge="v1",
        time=time,
        low=0.0,
        high=1.0,
        values=values,
        models=("m",),
        answered=(model,),
        first=time == 0,
    )


def moved() -> JudgeDrift:
    found = judge_drift("right", NAMES, [check(5, 0.0), check(15, 30.0, HOSTILE)], binary=True)
    gaps = (
        FreshGap(
            draw="d",
            time=0.0,
            gap=Estimate(value=-0.1, low=-0.2, high=0.0, n=15),
            drawn=20,
            waiting=5,
            judge="v1",
        ),
        FreshGap(draw="e", time=9.0, gap=Estimate(value=None, n_missing=20), drawn=20, waiting=20),
    )
    return replace(found, fresh=gaps)


def told(*judges: JudgeDrift, width: int = 120) -> str:
    console = Console(width=width, record=True, force_terminal=False)
    report = DriftReport(task="t", generated="now", judges=judges)
    with console.capture() as captured:
        render_drift(report, console)
    return captured.get()


def test_a_judge_that_moved_is_told_first_with_its_figures_and_the_chance_of_a_false_alarm() -> None:
    text = told(moved())
    assert text.startswith("right: MOVED")
    assert "-0.167" in text
    assert "0 up, 10 down" in text
    assert "in 1 % of the calls" in text
    assert "15 of 20" in text
    assert drift_line(moved()) == "anchors of right: MOVED (60 anchors)"


def test_names_from_outside_do_nothing_in_a_terminal() -> None:
    assert "\x1b" not in told(moved())
    assert "\x1b" not in told(replace(moved(), metric=HOSTILE, models=(HOSTILE,)), width=40)


def test_names_from_outside_do_nothing_in_the_page_which_charts_people_apart() -> None:
    report = DriftReport(task=HOSTILE, generated="now", judges=(replace(moved(), metric=HOSTILE),))
    page = render_drift_page(report)
    assert "<script>" not in page
    assert "\x1b" not in page
    assert page.count("<svg") >= 2
    assert "The same replies, scored again" in page
    assert "People beside the judge, on fresh replies" in page
    assert "25 replies wait to be rated" in page


def test_two_checks_of_one_minute_are_two_lines_of_the_picture() -> None:
    page = render_drift_page(DriftReport(task="t", generated="now", judges=(moved(),)))
    assert "1. 1970-01-01 00:00" in page
    assert "2. 1970-01-01 00:00" in page


def test_a_judge_without_a_second_check_has_no_picture_of_them() -> None:
    found = judge_drift("right", NAMES, [check(5, 0.0)], binary=True)
    page = render_drift_page(DriftReport(task="t", generated="now", judges=(found,)))
    assert "The same replies, scored again" not in page
    assert "nothing to compare yet" in page
