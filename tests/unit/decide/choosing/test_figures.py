from collections.abc import Callable

import numpy as np
import pytest

from passmuster.decide.choosing.figures import Figures, Standing, from_interval
from passmuster.decide.measured import Measured
from passmuster.metrics.registry import build_metric
from passmuster.records.comparison import Comparison
from passmuster.records.score import Estimate
from passmuster.records.task import MetricSpec, Success

MakeMeasured = Callable[..., Measured]
MakeComparison = Callable[..., Comparison]
SPEC = MetricSpec(name="accuracy", kind="exact_match")
FIGURES = (
    "accuracy",
    "cost_per_task",
    "cost_per_success",
    "latency_p50",
    "latency_p95",
    "failure_rate",
    "silent_failure_rate",
)


def _figures(compared: MakeComparison, *measured: Measured, drawn: frozenset[str] = frozenset()) -> Figures:
    reports = compared(*measured).candidates
    standings = [Standing(measured=item, report=row) for item, row in zip(measured, reports, strict=True)]
    return Figures(standings, [build_metric(SPEC)], Success(metric="accuracy"), drawn)


def _measured(make_measured: MakeMeasured, name: str = "a", n: int = 300, **extra: object) -> Measured:
    rng = np.random.default_rng(7)
    scores = [None if each < 0.05 else float(each < 0.8) for each in rng.random(n)]
    return make_measured(
        name, scores, seconds=list(rng.lognormal(0, 0.5, n)), dollars=list(rng.random(n)), **extra
    )


@pytest.mark.parametrize("metric", FIGURES)
def test_drawing_every_case_once_gives_the_figure_of_the_matrix(
    compared: MakeComparison, make_measured: MakeMeasured, metric: str
) -> None:
    figures = _figures(compared, _measured(make_measured))
    once = figures.at(metric, [np.ones((1, 300))])
    assert once[0] == pytest.approx(figures.observed(metric), rel=1e-12)


@pytest.mark.parametrize("metric", FIGURES)
def test_cases_that_stand_for_more_traffic_count_for_more(
    compared: MakeComparison, make_measured: MakeMeasured, metric: str
) -> None:
    weights = np.random.default_rng(8).integers(1, 4, 300).astype(float)
    figures = _figures(compared, _measured(make_measured, weights=list(weights / weights.mean())))
    once = figures.at(metric, [np.ones((1, 300))])
    assert once[0] == pytest.approx(figures.observed(metric), rel=1e-9)


@pytest.mark.parametrize("metric", ["accuracy", "cost_per_success", "latency_p50"])
def test_resamples_spread_as_the_interval_does(
    compared: MakeComparison, make_measured: MakeMeasured, metric: str
) -> None:
    figures = _figures(compared, _measured(make_measured))
    low, high = np.quantile(figures.draws(metric)[:, 0], (0.025, 0.975))
    report = figures.standings[0].report
    found = {
        "accuracy": report.metrics["accuracy"],
        "cost_per_success": report.cost.per_success,
        "latency_p50": report.latency.p50,
    }[metric]
    assert high - low == pytest.approx((found.high or 0) - (found.low or 0), rel=0.2)


def test_two_candidates_are_drawn_on_the_same_cases(
    compared: MakeComparison, make_measured: MakeMeasured
) -> None:
    figures = _figures(compared, _measured(make_measured), _measured(make_measured, "b"))
    draws = figures.draws("accuracy")
    assert (draws[:, 0] == draws[:, 1]).all()


def test_groups_are_drawn_whole(compared: MakeComparison, make_measured: MakeMeasured) -> None:
    """Ten cases a group that are right or wrong together: the spread is that of 30 groups, not of 300 cases."""
    rng = np.random.default_rng(9)
    scores = list(np.repeat(rng.permutation([1.0] * 20 + [0.0] * 10), 10))
    alone = _figures(compared, make_measured("a", scores)).draws("accuracy").std()
    together = _figures(compared, make_measured("a", scores, groups=list(np.repeat(np.arange(30), 10))))
    assert together.draws("accuracy").std() == pytest.approx(alone * np.sqrt(10), rel=0.1)


def test_a_figure_that_is_no_mean_is_drawn_from_its_interval(
    compared: MakeComparison, make_measured: MakeMeasured
) -> None:
    figures = _figures(compared, _measured(make_measured), drawn=frozenset({"accuracy"}))
    report = figures.standings[0].report.metrics["accuracy"]
    draws = figures.draws("accuracy")[:, 0]
    assert draws.std() * 2 * 1.96 == pytest.approx((report.high or 0) - (report.low or 0), rel=0.1)


def test_normals_keep_who_moves_with_whom(compared: MakeComparison, make_measured: MakeMeasured) -> None:
    rng = np.random.default_rng(10)
    base = rng.random(300)
    made = [
        make_measured(name, [1.0] * 300, dollars=list(prices))
        for name, prices in (
            ("a", base),
            ("b", base * 2 + 0.01 * rng.random(300)),
            ("c", rng.random(300)),
            ("d", np.ones(300)),
        )
    ]
    normals = _figures(compared, *made).normals("cost_per_task")
    assert np.corrcoef(normals["a"], normals["b"])[0, 1] > 0.99
    assert abs(np.corrcoef(normals["a"], normals["c"])[0, 1]) < 0.25
    assert all(abs(each.std() - 1) < 0.1 for each in normals.values())


def test_costs_are_drawn_above_zero() -> None:
    drawn = from_interval(Estimate(value=0.01, low=0.001, high=0.1), 1000, ("a",))
    assert (drawn > 0).all()
    assert (from_interval(Estimate(value=0.01), 5, ("a",)) == 0.01).all()


def test_the_same_cases_give_the_same_resamples(
    compared: MakeComparison, make_measured: MakeMeasured
) -> None:
    first, second = (_figures(compared, _measured(make_measured)).draws("latency_p95") for _ in range(2))
    assert (first == second).all()
