"""Bars on slices of the cases."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from passmuster.decide.bar_making import Apart
from passmuster.decide.bars import bar_test
from passmuster.decide.matrix import Matrix, Scope
from passmuster.decide.measured import Measured
from passmuster.decide.slices import restricted, sliced_bars
from passmuster.metrics.registry import build_metric
from passmuster.records.case import Case, Category
from passmuster.records.comparison import Check, Comparison
from passmuster.records.corpus import CorpusVersion
from passmuster.records.task import OPERATIONAL, Bar, CostModel, MetricSpec, Task

MakeMeasured = Callable[..., Measured]
SPEC = MetricSpec(name="accuracy", kind="exact_match")
TASK = Task(name="t", metrics=(SPEC,), cost=CostModel(monthly_volume=1000))


def _cases(strata: str, category: Category = "typical") -> list[Case]:
    return [
        Case(id=f"{category}{place}", input=f"{category} {place}", reference="x", stratum=name, category=category)
        for place, name in enumerate(strata)
    ]  # fmt: skip


def _compare(
    measured: list[Measured],
    cases: list[Case],
    *bars: Bar,
    apart: Apart | None = None,
    slices: dict[str, str] | None = None,
    incumbent: str | None = None,
) -> Comparison:
    corpus = CorpusVersion(
        version="v", path="p", split="eval", cases=(*cases, *(apart.cases if apart else ()))
    )
    task = Task(name="t", metrics=(SPEC,), bars=bars, slices=slices or {}, incumbent=incumbent)
    scope = Scope(cases=cases, apart=apart)
    return Matrix(task, [build_metric(SPEC)], corpus, measured, scope).comparison("2026-11-20T00:00:00Z")


def _only(comparison: Comparison) -> Check:
    (check,) = comparison.candidates[0].checks
    return check


@pytest.mark.parametrize("metric", ["accuracy", *OPERATIONAL[:-2]])
@pytest.mark.parametrize("shape", ["plain", "grouped", "weighted"])
def test_a_bar_on_a_slice_says_what_the_same_cases_say_alone(
    make_measured: MakeMeasured, metric: str, shape: str
) -> None:
    """A test that counted any case outside the slice would say something else."""
    rng = np.random.default_rng(3)
    scores = [1.0 if draw < 0.8 else 0.0 if draw < 0.95 else None for draw in rng.random(240)]
    seconds, dollars = rng.exponential(0.6, 240).tolist(), rng.uniform(0.001, 0.004, 240).tolist()
    weights = rng.uniform(0.5, 3.0, 240) if shape == "weighted" else None
    groups = np.arange(240) // 3 if shape == "grouped" else None
    whole = make_measured(scores=scores, seconds=seconds, dollars=dollars, groups=groups, weights=weights)
    members = np.arange(240) // 60 == 2
    inside = slice(120, 180)
    alone = make_measured(
        scores=scores[inside],
        seconds=seconds[inside],
        dollars=dollars[inside],
        groups=None if groups is None else groups[inside] - groups[120],
        weights=None if weights is None else weights[inside],
    )
    bar = Bar(metric=metric, at_least=0.7) if metric == "accuracy" else Bar(metric=metric, at_most=0.7)
    one, other = bar_test(bar, restricted(whole, members), TASK), bar_test(bar, alone, TASK)
    assert one.observed() == pytest.approx(other.observed(), abs=1e-9)
    assert (one.value, one.note, one.testable) == (
        pytest.approx(other.value) if other.value is not None else None, other.note, other.testable
    )  # fmt: skip
    assert one.columns.shape[0] == 240


def test_only_cases_in_the_slice_count(make_measured: MakeMeasured) -> None:
    measured = make_measured("a", [1.0] * 100 + [0.0] * 20, dollars=0.001)
    check = _only(
        _compare(
            [measured],
            _cases("a" * 100 + "b" * 20),
            Bar(metric="accuracy", at_least=0.5, slice="stratum == 'b'"),
        )
    )
    assert (check.value, check.status, check.slice) == (0.0, "misses", "stratum == 'b'")
    assert check.bar == "accuracy >= 0.50 on stratum == 'b'"
    assert check.note == "20 cases of it"


def test_a_slice_with_too_few_cases_is_undecided_and_says_how_many_more(make_measured: MakeMeasured) -> None:
    measured = make_measured("a", [1.0] * 104 + [0.0], dollars=0.001)
    found = _compare(
        [measured],
        _cases("a" * 100 + "b" * 5),
        Bar(metric="accuracy", at_least=0.5),
        Bar(metric="accuracy", at_least=0.6, slice="rare"),
        slices={"rare": "stratum == 'b'"},
    )
    check = found.candidates[0].checks[1]
    assert (check.status, check.value) == ("undecided", 0.8)
    assert check.p == pytest.approx(stats.binom.sf(3, 5, 0.6))
    assert check.more_cases is not None
    assert 10 <= check.more_cases <= 60
    reason = found.candidates[0].verdict.reason
    assert reason == f"accuracy >= 0.60 on rare (0.80): {check.more_cases} more cases of rare"
    assert (
        f"{check.more_cases} more cases of rare would settle accuracy >= 0.60 on rare"
        in found.decision.reason
    )


def test_a_good_average_hides_no_bad_slice(make_measured: MakeMeasured) -> None:
    """The rule "good on average" passes it at p < .001."""
    measured = make_measured("a", [1.0] * 400 + [0.0] * 30 + [1.0] * 20, dollars=0.001)
    cases = _cases("a" * 400 + "b" * 50)
    average = Bar(metric="accuracy", at_least=0.8)
    assert _compare([measured], cases, average).candidates[0].verdict.status == "pass"
    floors = Bar(metric="accuracy", at_least=0.8, each="stratum")
    verdict = _compare([measured], cases, average, floors).candidates[0].verdict
    assert (verdict.status, verdict.reason) == ("fail", "misses accuracy >= 0.80 on stratum b (0.40)")


def test_a_floor_for_each_stratum_is_a_bar_on_every_one() -> None:
    cases = [*_cases("abab"), Case(id="none", input="x"), *_cases("c", "edge")]
    bars = sliced_bars([Bar(metric="accuracy", at_least=0.5, each="stratum")], {}, cases)
    assert [each.bar.slice for each in bars] == ["stratum a", "stratum b", "stratum c"]
    assert sum(each.members.sum() for each in bars if each.members is not None) == 5


def test_a_floor_for_each_tag_of_cases_without_tags_is_not_lost() -> None:
    (found,) = sliced_bars([Bar(metric="accuracy", at_least=0.5, each="tag")], {}, _cases("ab"))
    assert (found.bar.slice, found.bar.each) == ("any tag", None)
    assert found.members is not None
    assert not found.members.any()


def test_values_with_quotes_are_slices_like_others() -> None:
    cases = [
        Case(id=str(place), input="", tags=(tag,)) for place, tag in enumerate(["it's", 'a "b"', "\\", "é\n"])
    ]
    bars = sliced_bars([Bar(metric="accuracy", at_least=0.5, each="tag")], {}, cases)
    assert [each.members.tolist().index(True) for each in bars if each.members is not None] == [0, 1, 2, 3]


def test_an_empty_slice_passes_nobody_and_is_warned_of(make_measured: MakeMeasured) -> None:
    measured = make_measured("a", [1.0] * 100)
    bar = Bar(metric="accuracy", at_least=0.5, slice="stratum == 'nowhere'")
    found = _compare([measured], _cases("a" * 100), bar)
    assert _only(found).status == "undecided"
    assert _only(found).note == "no case is in the slice"
    assert found.candidates[0].verdict.status == "undecided"
    assert any(
        "No case is in the slice stratum == 'nowhere'" in warning for warning in found.decision.warnings
    )


def test_a_slice_of_edge_cases_is_of_those_that_are_measured_apart(make_measured: MakeMeasured) -> None:
    """Edge cases are no part of the averages; a bar that looked for them there would find none."""
    main, edge = _cases("a" * 100), _cases("a" * 40, "edge")
    apart = Apart(cases=edge, measured={"a": make_measured("a", [0.0] * 30 + [1.0] * 10)})
    bars = (Bar(metric="accuracy", at_least=0.9), Bar(metric="accuracy", at_least=0.6, slice="edge"))
    found = _compare(
        [make_measured("a", [1.0] * 100)], main, *bars, apart=apart, slices={"edge": "category == 'edge'"}
    )
    average, edges = found.candidates[0].checks
    assert (average.value, average.status) == (1.0, "meets")
    assert (edges.value, edges.status, edges.note) == (0.25, "misses", "40 cases of it, measured apart")
    assert found.candidates[0].verdict.status == "fail"


@pytest.mark.parametrize(("right", "least", "most"), [(40, 1.0, 1.0), (31, 0.3, 0.7), (26, 0.0, 0.05)])
def test_the_resamples_draw_the_cases_apart_too(
    make_measured: MakeMeasured, right: int, least: float, most: float
) -> None:
    main, edge = _cases("a" * 100), _cases("a" * 40, "edge")
    apart = Apart(cases=edge, measured={"a": make_measured("a", [1.0] * right + [0.0] * (40 - right))})
    bars = (
        Bar(metric="accuracy", at_least=0.9),
        Bar(metric="accuracy", at_least=0.65, slice="category == 'edge'"),
    )
    found = _compare([make_measured("a", [1.0] * 100)], main, *bars, apart=apart)
    assert least <= found.decision.leading[0].share <= most


def test_a_slice_against_the_incumbent_is_of_both_on_the_same_cases(make_measured: MakeMeasured) -> None:
    new = make_measured("new", [1.0] * 100 + [0.0] * 30 + [1.0] * 30)
    old = make_measured("old", [0.0] * 100 + [1.0] * 60)
    bar = Bar(metric="accuracy", at_least=-0.05, versus="incumbent", slice="stratum == 'b'")
    found = _compare([new, old], _cases("a" * 100 + "b" * 60), bar, incumbent="old")
    check = _only(found)
    assert (check.value, check.status) == (-0.5, "misses")
    assert check.bar == "accuracy >= incumbent - 0.05 on stratum == 'b'"
    assert found.candidates[1].checks[0].status == "meets"
