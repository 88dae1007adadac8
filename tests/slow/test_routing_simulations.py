"""What routing promises, on simulated candidates: no gain where there is none, and a gain where there is one.

Run with `-s` to see the measured figures.
"""

from collections import Counter

import numpy as np
import pytest

from passmuster.decide.measured import FloatArray
from passmuster.decide.promises.routing import (
    BY_SLICE,
    SLICES,
    Study,
    equal_candidates,
    ground_of,
    right_and_wrong,
    study,
)
from passmuster.decide.routing.chains import walk
from passmuster.decide.routing.curve import curve_of
from passmuster.decide.routing.ground import Ground

pytestmark = pytest.mark.slow

CASES, CANDIDATES = 70, 6
RUNS = 100


def show(figures: str) -> None:
    """Print the measured figures."""
    print(figures)  # noqa: T201 - docs/route.md says that -s shows them


def test_where_all_candidates_are_equal_no_route_gains_although_it_seems_to() -> None:
    """100 seeded runs of six equal candidates: the interval of routes covers 0, that of the usual way does not."""
    found = equal_candidates(np.random.default_rng(1), RUNS, CANDIDATES, CASES)
    told = ", ".join(f"{name} {value:.3f}" for name, value in found.figures.items())
    show(
        f"{CANDIDATES} equal candidates, {SLICES} slices of {CASES}: seems to gain {found.naive_rate:.2f}; 0 not covered "
        f"{found.rate:.2f}; {told}"
    )
    assert found.naive_rate > 0.90
    assert found.figures["covered"] >= 0.93
    assert found.figures["usual"] < 0.90
    assert found.figures["claimed"] <= 0.05


def test_where_each_slice_has_its_own_best_the_route_gains_what_it_says() -> None:
    """True gains are known in a simulation: the interval covers that of the routes it judged in at least .93 of the runs."""
    right, shown, runs = 0, 0, 60
    rng = np.random.default_rng(1)
    for seed in range(runs):
        better = 0.3 * rng.normal(size=(CANDIDATES, SLICES))
        slices = np.repeat(np.arange(SLICES), CASES)
        quality = right_and_wrong(rng, slices, CANDIDATES, better)
        found = study(ground_of(quality, slices), seed=seed)
        fresh = np.mean([right_and_wrong(rng, slices, CANDIDATES, better) for _ in range(200)], axis=0)
        true = np.stack([fresh[:, slices == number].mean(axis=1) for number in range(SLICES)], axis=1)
        gain = found.gain(BY_SLICE)
        low, high = gain.interval()
        right += low <= _true_gain(found, true) <= high
        shown += gain.above(0.0) <= 0.05
    show(f"a best candidate in each slice: shown {shown / runs:.2f}, true gain covered {right / runs:.2f}")
    assert shown / runs >= 0.95
    assert right / runs >= 0.90


def _true_gain(found: Study, true: FloatArray) -> float:
    """Return the mean true gain of the routes that were judged, over all orders."""
    arms, best = found.held.arms[BY_SLICE], found.held.arms["best single"]
    cases, orders = np.nonzero(arms >= 0)
    slices = found.ground.slices[cases]
    return float((true[arms[cases, orders], slices] - true[best[cases, orders], slices]).mean())


def test_a_signal_that_says_nothing_is_worth_nothing_and_one_that_tells_saves_money() -> None:
    """60 runs of 1,000 cases, 70 % and 85 % right at 1 and 20 dollars: claims of money saved hold, and come where they should."""
    worth, shown, wrong = Counter[bool](), Counter[bool](), 0
    runs = 60
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        quality = (rng.random((2, 1000)) < np.array([[0.7], [0.85]])).astype(np.float64)
        cost = np.array([[1.0], [20.0]]) * rng.lognormal(0.0, 0.3, size=quality.shape)
        for telling in (False, True):
            signal = (quality[0] * 2.5 if telling else 0.0) + rng.normal(size=1000)
            found = study(_pair(quality, cost, signal), [["small", "large"]], seed=seed)
            gain, spared = found.gain("small -> large"), found.cost("small -> large")
            assert spared is not None
            lift = curve_of(found.ground, ["small", "large"], "signal").lift
            worth[telling] += lift.low is not None and lift.low > 0
            saves = gain.above(-0.02) <= 0.05 and spared.below(0.0) <= 0.05
            shown[telling] += saves
            wrong += saves and not telling and _sent_to_small(found) * 0.15 >= 0.02
    show(
        f"the signal is worth something: blind {worth[False] / runs:.2f}, telling {worth[True] / runs:.2f}; cheaper and not "
        f"worse by 2 points: blind {shown[False] / runs:.2f}, wrongly {wrong / runs:.2f}, telling {shown[True] / runs:.2f}"
    )
    assert worth[False] / runs <= 0.05 + 0.025
    assert wrong / runs <= 0.05
    assert worth[True] == runs
    assert shown[True] / runs >= 0.80


def _pair(quality: FloatArray, cost: FloatArray, signal: FloatArray) -> Ground:
    slices = np.zeros(signal.size, dtype=np.int64)
    return ground_of(quality, slices, cost=cost, sure={"small": signal}, names=["small", "large"])


def _sent_to_small(found: Study) -> float:
    """Return the share of judged cases whose reply is the small one's."""
    arms = found.held.arms["small -> large"]
    shares = {
        arm: walk(found.ground, found.arms.chains[arm]).final == 0 for arm in np.unique(arms[arms >= 0])
    }
    cases, orders = np.nonzero(arms >= 0)
    return float(
        np.mean([shares[arms[case, order]][case] for case, order in zip(cases, orders, strict=True)])
    )
