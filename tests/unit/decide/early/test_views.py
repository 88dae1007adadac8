from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from passmuster.decide.bars import bar_test
from passmuster.decide.early.matrix import without_rest
from passmuster.decide.early.views import BarView, Expense, View, bar_view, outcome
from passmuster.decide.measured import Measured
from passmuster.records.task import Bar, MetricSpec, Task
from passmuster.stats.intervals import binomial_p_greater

BAR = Bar(metric="accuracy", at_least=0.7)
TASK = Task(name="t", metrics=(MetricSpec(name="accuracy", kind="exact_match"),), bars=(BAR,))
LEVEL = 0.05


def view(*bars: BarView, cases: int = 100, total: int = 300) -> View:
    return View(name="a", cases=cases, total=total, bars=bars, expense=Expense())


def share(good: int, known: int, *, of_it: tuple[int, int] | None = None) -> BarView:
    p = float(binomial_p_greater(float(good), float(known), 0.7))
    counts = (float(known), float(good), float(good))
    return BarView(text="accuracy >= 0.70", p=p, counts=counts, share=0.7, of_it=of_it)


def test_a_candidate_far_below_a_bar_is_hopeless_and_the_bar_is_named() -> None:
    assert outcome(view(share(40, 100)), LEVEL) == ("hopeless", "accuracy >= 0.70")


def test_a_candidate_just_below_a_bar_is_asked_on() -> None:
    assert outcome(view(share(68, 100)), LEVEL) == ("open", None)


def test_one_hopeless_bar_is_enough() -> None:
    late = BarView(text="latency_p95 <= 1.5 s", p=1.0, counts=(100.0, 20.0, 20.0), share=0.95)
    assert outcome(view(share(100, 100), late), LEVEL) == ("hopeless", "latency_p95 <= 1.5 s")


def test_it_has_passed_early_when_no_answer_to_the_rest_could_change_that() -> None:
    needed = next(k for k in range(301) if binomial_p_greater(float(k), 300.0, 0.7) <= LEVEL)
    assert outcome(view(share(needed, 250), cases=250), LEVEL) == ("passed", None)
    assert outcome(view(share(needed - 1, 250), cases=250), LEVEL) == ("open", None)


def test_a_share_far_above_the_bar_has_not_passed_on_the_cases_so_far_alone() -> None:
    good = share(95, 100)
    assert good.p < 1e-6  # a test of these hundred would be passed
    assert outcome(view(good), LEVEL) == ("open", None)


@pytest.mark.parametrize(
    "bar",
    [
        BarView(text="f1 >= 0.70", p=1e-9),
        share(290, 290, of_it=(290, 10)),
    ],
)
def test_graded_bars_and_bars_on_slices_pass_nobody_early(bar: BarView) -> None:
    assert outcome(view(bar, cases=290), LEVEL) == ("open", None)


def test_a_graded_bar_can_stop_a_candidate() -> None:
    assert outcome(view(BarView(text="f1 >= 0.70", p=1 - 1e-12)), LEVEL) == ("hopeless", "f1 >= 0.70")
    assert outcome(view(BarView(text="f1 >= 0.70", p=1 - 1e-12), cases=40), LEVEL) == ("open", None)
    assert outcome(view(BarView(text="f1 >= 0.70", p=0.6)), LEVEL) == ("open", None)


def test_a_bar_that_cannot_be_tested_stops_after_sixty_cases() -> None:
    bar = BarView(text="cost_per_task <= $1", p=1.0, testable=False)
    assert outcome(view(bar, cases=40), LEVEL) == ("open", None)
    assert outcome(view(bar, cases=60), LEVEL) == ("untestable", "cost_per_task <= $1")


def test_a_bar_on_the_cases_themselves_stops_at_once() -> None:
    assert outcome(view(BarView(text="corpus_age <= 90 days", p=1.0, settled=True), cases=20), LEVEL) == (
        "hopeless",
        "corpus_age <= 90 days",
    )


def test_a_rare_slice_is_given_up_only_by_its_own_cases() -> None:
    """Of eight cases of it one or none has come: those to come can still show everything."""
    none = BarView(text="a", p=1.0, counts=(0.0, 0.0, 0.0), share=0.2, of_it=(0, 8))
    one = BarView(text="a", p=0.2, counts=(1.0, 1.0, 1.0), share=0.2, of_it=(1, 7))
    lost = BarView(text="a", p=1.0, counts=(6.0, 0.0, 0.0), share=0.2, of_it=(6, 2))
    unasked = BarView(text="a", p=1.0, testable=False, waiting=True, of_it=(0, 8))
    for bar in (none, one, unasked):
        assert outcome(view(bar), LEVEL) == ("open", None)
    assert outcome(view(lost), LEVEL) == ("hopeless", "a")


def test_where_few_cases_are_labelled_nobody_is_stopped_before_one_came() -> None:
    assert outcome(view(share(0, 0), cases=20), LEVEL) == ("open", None)
    assert outcome(view(share(3, 3), cases=60, total=1000), LEVEL) == ("open", None)


def test_a_graded_bar_stops_nobody_by_a_handful_of_known_scores() -> None:
    few = BarView(text="f1", p=1 - 1e-12, known=4)
    assert outcome(view(few), LEVEL) == ("open", None)


def test_at_the_end_the_test_itself_decides() -> None:
    assert outcome(view(share(260, 300), cases=300), LEVEL) == ("passed", None)
    assert outcome(view(share(212, 300), cases=300), LEVEL) == ("missed", "accuracy >= 0.70")


def test_nobody_passes_without_a_bar_or_a_case() -> None:
    assert outcome(view(cases=0, total=0), LEVEL)[0] == "missed"
    assert outcome(view(cases=0), LEVEL)[0] == "open"


def test_a_view_of_some_cases_is_that_of_a_test_made_of_these(make_measured: Callable[..., Measured]) -> None:
    scores = [1.0] * 50 + [0.0] * 10 + [None] * 5
    whole = bar_test(BAR, make_measured("a", scores), TASK)
    part = bar_test(BAR, make_measured("a", scores[:40]), TASK)
    assert bar_view(whole, whole.columns[:40].sum(axis=0)) == replace(bar_view(part), known=None)


def test_whoever_passes_when_stopped_passes_whatever_the_rest_would_have_been(
    make_measured: Callable[..., Measured],
) -> None:
    draws = np.random.default_rng(7)
    plain = 0
    for _ in range(60):
        rate = draws.uniform(0.6, 0.85)
        answers = (draws.random(300) < rate).astype(float).tolist()
        seen = int(draws.integers(60, 300))
        missing = np.arange(300) >= seen
        test = bar_test(BAR, make_measured("a", answers[:seen]), TASK)
        columns = np.vstack([test.columns, np.zeros((300 - seen, 3))])
        honest = without_rest(replace(test, columns=columns), missing)
        worst = float(binomial_p_greater(sum(answers[:seen]), 300.0, 0.7))
        assert honest.observed()[0] == pytest.approx(worst, abs=1e-15)
        at_the_end = float(binomial_p_greater(sum(answers), 300.0, 0.7))
        assert at_the_end <= honest.observed()[0] + 1e-15
        plain += test.observed()[0] <= LEVEL < at_the_end
    assert plain > 0  # to read off the test of the cases so far would pass some that do not


def test_what_was_not_asked_shows_no_miss_either(make_measured: Callable[..., Measured]) -> None:
    test = bar_test(BAR, make_measured("a", [0.0] * 40), TASK)
    stopped = without_rest(
        replace(test, columns=np.vstack([test.columns, np.zeros((260, 3))])), np.arange(300) >= 40
    )
    assert test.observed()[1] < 1e-6
    assert stopped.observed()[1] > LEVEL


def test_other_tests_settle_nothing_before_the_end(make_measured: Callable[..., Measured]) -> None:
    graded = make_measured("a", [0.99, 0.98] * 50, binary=False)
    test = bar_test(BAR, graded, TASK)
    missing = np.zeros(100, dtype=np.bool_)
    assert without_rest(test, missing) is test
    missing[3] = True
    assert test.observed()[0] < LEVEL
    assert without_rest(test, missing).observed() == (1.0, 1.0)


@pytest.mark.parametrize(
    ("first", "second", "above"),
    [
        (Expense(rank=0, value=2.0, low=1.9, high=2.1), Expense(rank=0, value=1.0, low=0.9, high=1.1), True),
        (Expense(rank=0, value=1.2, low=1.0, high=1.4), Expense(rank=0, value=1.0, low=0.9, high=1.1), False),
        (Expense(expected=2.1), Expense(expected=1.0), True),
        (Expense(expected=1.9), Expense(expected=1.0), False),
        (Expense(expected=2.1), Expense(), False),
        (Expense(rank=2), Expense(rank=0, value=9.0), True),
        (Expense(rank=0, value=9.0), Expense(rank=2), False),
        (Expense(rank=1, value=0.1), Expense(rank=0, value=9.0), True),
        (Expense(rank=2), Expense(rank=2), False),
        (Expense(expected=1.0), Expense(rank=0, value=0.0, expected=0.0), True),
    ],
)
def test_who_is_clearly_dearer(first: Expense, second: Expense, above: bool) -> None:  # noqa: FBT001 - a table
    assert first.is_clearly_above(second) is above
