"""What is chosen on some cases: the best of all, of each slice, and what saves money."""

import numpy as np
import pytest

from passmuster.decide.routing.chains import arms_of, cascades, singles
from passmuster.decide.routing.choosing import Chooser, Family
from passmuster.decide.routing.ground import Ground

SLICES, CASES = 3, 60
EVERY = np.ones(SLICES * CASES, dtype=np.bool_)


def ground(quality: np.ndarray, cost: np.ndarray | None = None, groups: np.ndarray | None = None) -> Ground:
    return Ground(
        names=tuple(f"m{row}" for row in range(len(quality))),
        quality=quality,
        cost=np.ones(quality.shape) if cost is None else cost,
        failed=np.zeros(quality.shape, dtype=np.bool_),
        slices=np.repeat(np.arange(SLICES), CASES),
        slice_names=("a", "b", "c"),
        groups=groups,
    )


def chooser(own: Ground) -> Chooser:
    return Chooser(own, arms_of(own, singles(own)), 0.02)


def shares(*rows: tuple[float, float, float]) -> np.ndarray:
    """Return a row for each candidate that is right in these shares of the cases of each slice, the first ones."""
    return np.array(
        [[float(place < share * CASES) for share in row for place in range(CASES)] for row in rows]
    )


SINGLE = Family(name="best", kind="single")
BY_SLICE = Family(name="slices", kind="slices")
SHOWN = Family(name="shown", kind="slices", shown=True)


def test_the_best_of_all_is_chosen_and_of_equals_the_cheapest() -> None:
    quality = shares((0.5, 0.5, 0.5), (0.8, 0.6, 0.7), (0.8, 0.6, 0.7))
    cost = np.repeat([[1.0], [3.0], [2.0]], SLICES * CASES, axis=1)

    assert chooser(ground(quality, cost)).choose(SINGLE, EVERY).default == 2


def test_each_slice_gets_its_best() -> None:
    own = chooser(ground(shares((0.9, 0.9, 0.2), (0.5, 0.5, 0.9))))

    assert own.choose(BY_SLICE, EVERY).of_slice.tolist() == [0, 0, 1]


def test_a_slice_keeps_the_best_of_all_where_nobody_else_is_shown_to_be_better() -> None:
    quality = shares((0.9, 0.9, 0.60), (0.5, 0.5, 0.65), (0.5, 0.5, 0.5))
    clearly = shares((0.9, 0.9, 0.2), (0.5, 0.5, 0.9), (0.5, 0.5, 0.5))

    assert chooser(ground(quality)).choose(BY_SLICE, EVERY).of_slice.tolist() == [0, 0, 1]
    assert chooser(ground(quality)).choose(SHOWN, EVERY).of_slice.tolist() == [0, 0, 0]
    assert chooser(ground(clearly)).choose(SHOWN, EVERY).of_slice.tolist() == [0, 0, 1]


def test_cases_of_one_group_do_not_show_what_as_many_alone_do() -> None:
    quality = shares((0.9, 0.9, 0.3), (0.5, 0.5, 0.8))
    groups = np.where(np.repeat(np.arange(SLICES), CASES) == 2, 0, np.arange(SLICES * CASES))

    assert chooser(ground(quality)).choose(SHOWN, EVERY).of_slice.tolist() == [0, 0, 1]
    assert chooser(ground(quality, groups=groups)).choose(SHOWN, EVERY).of_slice.tolist() == [0, 0, 0]


def test_a_slice_with_few_cases_among_those_chosen_on_has_no_rule_of_its_own() -> None:
    own = chooser(ground(shares((0.9, 0.9, 0.2), (0.5, 0.5, 0.9))))
    few = EVERY.copy()
    few[2 * CASES + 15 :] = False

    assert own.choose(BY_SLICE, few).of_slice.tolist() == [0, 0, 0]


def test_only_the_cases_that_are_given_are_looked_at() -> None:
    quality = shares((1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    half = np.arange(SLICES * CASES) % 2 == 0
    quality[:, ~half] = 1 - quality[:, ~half]

    own = chooser(ground(quality))
    assert own.choose(SINGLE, half).default == 0
    assert own.choose(SINGLE, ~half).default == 1


@pytest.mark.parametrize(("loss", "cheap"), [(0.0, True), (0.1, False)])
def test_a_cheaper_one_is_taken_where_it_is_shown_not_to_be_worse_by_the_margin(
    loss: float, cheap: object
) -> None:
    cases = 4000
    slices = np.repeat(np.arange(SLICES), cases)
    quality = np.ones((2, SLICES * cases))
    quality[1, : int(loss * SLICES * cases)] = 0.0
    own = Ground(
        names=("dear", "cheap"),
        quality=quality,
        cost=np.repeat([[10.0], [1.0]], SLICES * cases, axis=1),
        failed=np.zeros(quality.shape, dtype=np.bool_),
        slices=slices,
        slice_names=("a", "b", "c"),
    )
    family = Family(name="cheapest", kind="single", aim="cost", arms=(0, 1))

    assert (chooser(own).choose(family, np.ones(slices.size, dtype=np.bool_)).default == 1) is cheap


def test_the_threshold_is_the_cheapest_that_is_about_as_good_and_the_best_where_none_is() -> None:
    rng = np.random.default_rng(1)
    n = 4000
    small = (rng.random(n) < 0.7).astype(np.float64)
    signal = small + rng.normal(scale=0.2, size=n)
    own = Ground(
        names=("small", "large"),
        quality=np.stack([small, np.ones(n)]),
        cost=np.repeat([[1.0], [10.0]], n, axis=1),
        failed=np.zeros((2, n), dtype=np.bool_),
        slices=np.full(n, -1, dtype=np.int64),
        sure={"small": signal},
    )
    arms = arms_of(own, [*singles(own), *cascades(own, ["small", "large"])])
    family = Family(name="cascade", kind="cascade", aim="cost", arms=tuple(range(2, len(arms))))
    chosen = Chooser(own, arms, 0.02).choose(family, np.ones(n, dtype=np.bool_)).default

    assert arms.good[chosen].mean() > 0.98
    assert arms.dear[chosen].mean() < 6
    strict = Chooser(own, arms, 1e-9).choose(family, np.ones(n, dtype=np.bool_)).default
    assert arms.good[strict].mean() == arms.good[2:].mean(axis=1).max()
