"""The figure of the best of many is told with what picking it added."""

from collections.abc import Sequence

import numpy as np
import pytest

from passmuster.decide.factors.best import best_of
from passmuster.decide.factors.effects import Values
from passmuster.records.prompt_effects import BestReport

NAMES = tuple("abcdefghijkl")


def values(chances: Sequence[float], n: int = 200, seed: int = 4, **layout: object) -> Values:
    rng = np.random.default_rng(seed)
    of = {name: (rng.random(n) < chance).astype(float) for name, chance in zip(NAMES, chances, strict=False)}
    return Values(of=of, receivable=n, **layout)  # type: ignore[arg-type]  # groups and weights


def best(found: Values, bounds: tuple[float, float] = (0.0, 1.0), *, lower: bool = False) -> BestReport:
    made = best_of(list(found.of), found, bounds, "lower" if lower else "higher")
    assert made is not None
    return made


def test_equal_candidates_give_a_winner_that_is_too_good() -> None:
    found = best(values([0.8] * 12))

    assert found.of == 12
    assert found.observed.value == pytest.approx(max(values([0.8] * 12).of[found.picked].mean(), 0))
    assert 0.03 < found.optimism < 0.06
    assert found.corrected.value == pytest.approx((found.observed.value or 0) - found.optimism)
    assert found.corrected.low is not None
    assert found.corrected.high is not None
    assert found.corrected.low < 0.8 < found.corrected.high


def test_one_that_is_far_ahead_is_hardly_too_good() -> None:
    found = best(values([0.5] * 11 + [0.9]))

    assert found.picked == "l"
    assert found.optimism < 0.004
    assert found.fresh is not None
    assert found.fresh.picked == "l"


def test_fresh_cases_are_those_that_the_choice_did_not_see() -> None:
    given = values([0.8] * 12)
    found = best(given).fresh

    assert found is not None
    assert (found.picked_on, found.estimate.n) == (100, 100)
    # the other half of whoever leads on the first: all of its cases less those of the half
    whole = given.of[found.picked]
    on_first = (whole.sum() - (found.estimate.value or 0) * 100) / 100
    assert on_first >= (found.estimate.value or 0)


@pytest.mark.parametrize("seed", range(5))
def test_groups_stay_on_one_side(seed: int) -> None:
    groups = np.repeat(np.arange(40), 5)
    rng = np.random.default_rng(seed)
    of = {name: np.repeat((rng.random(40) < 0.7).astype(float), 5) for name in "abc"}
    found = best(Values(of=of, groups=groups, receivable=200))

    assert found.fresh is not None
    assert found.fresh.picked_on == 100
    assert "clustered" in found.fresh.estimate.method
    # whole groups answer alike: of twenty on the other side each counts for a twentieth
    twentieths = 20 * (found.fresh.estimate.value or 0)
    assert twentieths == pytest.approx(round(twentieths), abs=1e-9)
    # five equal cases of a group are one: the interval is that of 40
    assert (found.corrected.high or 0) - (found.corrected.low or 0) > 0.2


def test_less_is_better_is_turned_round_and_scales_are_kept() -> None:
    rng = np.random.default_rng(1)
    of = {name: 1 + 4 * rng.random(300) for name in "abcdef"}
    low, high = (best(Values(of=of, receivable=300), (1.0, 5.0), lower=lower) for lower in (True, False))

    assert low.picked == min(of, key=lambda name: of[name].mean())
    assert high.picked == max(of, key=lambda name: of[name].mean())
    for found, sign in ((low, 1), (high, -1)):
        assert found.observed.value == pytest.approx(of[found.picked].mean())
        assert found.corrected.value == pytest.approx((found.observed.value or 0) + sign * found.optimism)
        assert 1 <= (found.corrected.low or 0) < (found.corrected.high or 0) <= 5


def test_nothing_is_said_of_few_cases_one_candidate_or_a_metric_without_bounds() -> None:
    assert best_of(["a", "b"], values([0.5, 0.5], n=19), (0.0, 1.0), "higher") is None
    assert best_of(["a"], values([0.5]), (0.0, 1.0), "higher") is None
    assert best_of(["a", "b"], values([0.5, 0.5]), (0.0, np.inf), "higher") is None


def test_the_same_values_give_the_same_figures() -> None:
    assert best(values([0.8] * 6)) == best(values([0.8] * 6))


def test_only_cases_count_that_all_have() -> None:
    given = values([0.8] * 3)
    given.of["b"][:60] = np.nan

    assert (best(given).corrected.n, best(given).corrected.n_missing) == (140, 60)
