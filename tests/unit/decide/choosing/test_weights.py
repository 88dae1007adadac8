from collections.abc import Sequence

import numpy as np
import pytest

from passmuster.decide.choosing.weights import Weights, turning_weights, weigh
from passmuster.decide.measured import FloatArray
from passmuster.records.choice import Weighing
from passmuster.records.score import Direction
from passmuster.records.task import Dimension


class Stated:
    """Figures that are stated, with noise of a given size around each."""

    def __init__(self, noise: float = 0.0, **columns: Sequence[float]) -> None:
        self.columns = columns
        self.noise = noise
        self.names = tuple("abcdefgh"[: len(next(iter(columns.values())))])

    def direction(self, metric: str) -> Direction:
        return "higher" if metric == "quality" else "lower"

    def observed(self, metric: str) -> FloatArray:
        return np.array(self.columns[metric], dtype=np.float64)

    def draws(self, metric: str) -> FloatArray:
        rng = np.random.default_rng(len(metric))
        return self.observed(metric) + self.noise * rng.standard_normal((1000, len(self.names)))


def _weighed(
    figures: Stated,
    passes: Sequence[bool] | None = None,
    ends: tuple[float, float] | None = None,
    **weights: float,
) -> Weighing:
    best, worst = ends or (None, None)
    dimensions = [
        Dimension(metric=name, weight=weight, best=best, worst=worst) for name, weight in weights.items()
    ]
    able = np.array(passes or [True] * len(figures.names))
    return weigh(Weights(dimensions, figures), able)  # type: ignore[arg-type]  # as many of its methods as are asked


def test_values_are_weighted_means_between_the_worst_and_the_best_that_was_seen() -> None:
    found = _weighed(Stated(quality=[0.9, 0.7, 0.8], price=[3.0, 1.0, 2.0]), quality=3, price=1)
    assert [row.name for row in found.ranking] == ["a", "c", "b"]
    assert [row.value for row in found.ranking] == pytest.approx([0.75, 0.5, 0.25])
    assert found.ranking[0].parts == {"quality": 1.0, "price": 0.0}
    assert [(each.weight, each.best, each.worst) for each in found.dimensions] == [
        (0.75, 0.9, 0.7),
        (0.25, 1, 3),
    ]


def test_beyond_what_the_project_states_nothing_counts_any_more() -> None:
    found = _weighed(Stated(quality=[0.99, 0.95, 0.1]), ends=(0.9, 0.5), quality=1)
    assert [row.value for row in found.ranking] == [1.0, 1.0, 0.0]


def test_who_does_not_pass_is_shown_and_has_no_place() -> None:
    found = _weighed(Stated(quality=[0.9, 0.7, 0.8]), [False, True, True], quality=1)
    assert [(row.name, row.place) for row in found.ranking] == [("c", 1), ("b", 2), ("a", None)]
    assert (found.best, found.ranking[2].value, found.ranking[2].share) == ("c", 1.0, None)


def test_who_lacks_a_figure_is_named_with_it_and_cannot_win() -> None:
    found = _weighed(Stated(quality=[0.9, 0.7], price=[np.nan, 1.0]), quality=1, price=1)
    assert [(row.name, row.place, row.unknown) for row in found.ranking] == [
        ("b", 1, ()),
        ("a", None, ("price",)),
    ]


def test_the_share_of_weight_space_is_that_of_the_weights_under_which_one_wins() -> None:
    """With two figures the weight of the first is even over 0 to 1, so that shares are lengths between the turns."""
    figures = Stated(quality=[1.0, 0.6, 0.0], price=[1.0, 0.2, 0.0])
    found = {row.name: row for row in _weighed(figures, ends=None, quality=1, price=1).ranking}
    # a: w, b: .6 w + .8 (1 - w), c: 1 - w. b beats a where w < 2/3, c beats b where w < 1/4.
    assert found["a"].share == pytest.approx(1 / 3, abs=0.04)
    assert found["b"].share == pytest.approx(2 / 3 - 1 / 4, abs=0.04)
    assert found["c"].share == pytest.approx(1 / 4, abs=0.04)
    assert sum(row.share or 0 for row in found.values()) == pytest.approx(1.0)


def test_equal_shares_of_three_figures_are_drawn_evenly() -> None:
    figures = Stated(one=[0.0, 1.0, 1.0], two=[1.0, 0.0, 1.0], three=[1.0, 1.0, 0.0])
    shares = [row.share or 0 for row in _weighed(figures, one=1, two=1, three=1).ranking]
    assert shares == pytest.approx([1 / 3] * 3, abs=0.04)


def test_a_lead_within_noise_is_a_tie_and_one_beyond_it_is_none() -> None:
    near = _weighed(Stated(noise=0.02, quality=[0.90, 0.89, 0.50]), ends=(1.0, 0.0), quality=1)
    assert (near.best, near.ties) == ("a", ("b",))
    assert 0.5 < (near.ranking[0].first or 0) < 0.8
    far = _weighed(Stated(noise=0.02, quality=[0.90, 0.70, 0.50]), ends=(1.0, 0.0), quality=1)
    assert (far.ties, far.ranking[0].first) == ((), 1.0)
    assert "Within noise" in near.sentence
    assert "Within noise" not in far.sentence


def test_noise_takes_from_the_share_in_which_one_wins_clearly() -> None:
    exact = _weighed(Stated(quality=[0.9, 0.8], price=[2.0, 1.0]), quality=1, price=1)
    noisy = _weighed(Stated(noise=0.05, quality=[0.9, 0.8], price=[2.0, 1.0]), quality=1, price=1)
    assert [row.clear for row in exact.ranking] == [row.share for row in exact.ranking]
    assert sum(row.share or 0 for row in noisy.ranking) == pytest.approx(1.0)
    assert sum(row.clear or 0 for row in noisy.ranking) < 0.8


def test_the_same_figures_give_the_same_shares() -> None:
    figures = Stated(noise=0.05, quality=[0.9, 0.8], price=[2.0, 1.0])
    assert _weighed(figures, quality=2, price=1) == _weighed(figures, quality=2, price=1)


def test_the_weight_at_which_another_wins_makes_both_equal() -> None:
    figures = Stated(quality=[0.9, 0.6, 0.5], price=[3.0, 1.5, 1.0], wait=[1.0, 2.0, 1.5])
    found = _weighed(figures, quality=3, price=1, wait=1)
    turns = turning_weights(found)
    assert turns
    for metric, name, now, share in turns:
        others = {each.metric: each.weight for each in found.dimensions if each.metric != metric}
        scale = (1 - share) / sum(others.values())
        weights = {key: value * scale for key, value in others.items()} | {metric: share}
        rows = {
            row.name: sum(weights[key] * part for key, part in row.parts.items()) for row in found.ranking
        }
        assert rows[found.best or ""] == pytest.approx(rows[name], abs=1e-12)
        assert now == pytest.approx(next(each.weight for each in found.dimensions if each.metric == metric))


def test_where_nobody_passes_there_is_nothing_to_choose() -> None:
    found = _weighed(Stated(quality=[0.9, 0.7]), [False, False], quality=1)
    assert (found.best, found.ties) == (None, ())
    assert "nobody is chosen" in found.sentence


def test_equal_figures_count_in_full_for_everybody() -> None:
    assert [row.value for row in _weighed(Stated(quality=[0.9, 0.9]), quality=1).ranking] == [1.0, 1.0]


@pytest.mark.parametrize(
    "found",
    [_weighed(Stated(quality=[0.5, 0.9, 0.9]), quality=1), _weighed(Stated(price=[0.9, 0.5, 0.5]), price=1)],
)
def test_who_are_equal_share_what_they_win(found: Weighing) -> None:
    assert found.best == "b"
    assert found.ties == ("c",)
    assert {row.name: (row.share, row.first, row.clear) for row in found.ranking} == {
        "a": (0, 0, 0),
        "b": (0.5, 0.5, 0),
        "c": (0.5, 0.5, 0),
    }


def _parts(values: Sequence[float], metric: str, best: float | None, worst: float | None) -> list[float]:
    dimension = Dimension(metric=metric, weight=1, best=best, worst=worst)
    weights = Weights([dimension], Stated(**{metric: values}))  # type: ignore[arg-type]  # as many of its methods as are asked
    return [round(value, 9) for value in weights.values]


def test_beyond_the_one_end_that_is_stated_nothing_counts_any_more() -> None:
    assert _parts([0.99, 0.95, 0.5], "quality", 0.9, None) == [1.0, 1.0, 0.0]
    assert _parts([0.5, 0.7, 0.9], "quality", None, 0.6) == [0.0, round(1 / 3, 9), 1.0]
    assert _parts([1.0, 2.0, 4.0], "price", 2.0, None) == [1.0, 1.0, 0.0]


def test_an_end_that_all_lie_beyond_does_not_turn_the_scale_upside_down() -> None:
    assert _parts([0.99, 0.95], "quality", 0.9, None) == [1.0, 1.0]
    assert _parts([0.5, 0.4], "quality", None, 0.6) == [0.0, 0.0]
    assert _parts([1.0, 2.0], "price", 5.0, None) == [1.0, 1.0]
    assert _parts([6.0, 7.0], "price", None, 5.0) == [0.0, 0.0]


def test_weights_too_large_to_add_up_are_weights_all_the_same() -> None:
    found = _weighed(Stated(quality=[0.9, 0.7], price=[3.0, 1.0]), quality=1e308, price=1e308)
    assert [row.value for row in found.ranking] == pytest.approx([0.5, 0.5])
