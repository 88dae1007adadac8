"""What routing promises, on simulated candidates: no gain where there is none, and a gain where there is one.

Run with `-s` to see the measured figures.
"""

from collections import Counter

import numpy as np
import pytest
from tests.slow.routes import Study, ground_of, study, usual_interval

from passmuster.decide.measured import FloatArray
from passmuster.decide.routing.chains import walk
from passmuster.decide.routing.curve import curve_of
from passmuster.decide.routing.ground import Ground, IntArray

pytestmark = pytest.mark.slow

SLICES, CASES, CANDIDATES = 14, 70, 6
RUNS = 100
BY_SLICE = "best of each stratum"


def show(figures: str) -> None:
    """Print the measured figures."""
    print(figures)  # noqa: T201 - docs/route.md says that -s shows them


def drawn(rng: np.random.Generator, better: FloatArray | None = None) -> tuple[FloatArray, IntArray]:
    """Return right and wrong of candidates that are right in 0.7 of the cases, the same cases being hard for all of them.

    `better` shifts the candidates (rows) in the slices (columns), in standard deviations.
    """
    slices = np.repeat(np.arange(SLICES), CASES)
    hard = rng.normal(size=slices.size)
    own = rng.normal(size=(CANDIDATES, slices.size))
    shift = 0.0 if better is None else better[:, slices]
    return ((hard + own) / np.sqrt(2) < 0.524 + shift).astype(np.float64), slices


def equal(seed: int) -> Study:
    """Return the routes of equal candidates, which cost the same on average."""
    rng = np.random.default_rng(seed)
    quality, slices = drawn(rng)
    cost = rng.lognormal(0.0, 0.5, size=quality.shape)
    return study(ground_of(quality, slices, cost=cost), seed=seed)


def test_where_all_candidates_are_equal_no_route_gains_although_it_seems_to() -> None:
    """100 seeded runs of six equal candidates: the interval of routes covers 0, that of the usual way does not."""
    seems, covered, usual, claimed = 0, Counter[str](), 0, 0
    for seed in range(RUNS):
        found = equal(seed)
        seems += found.seen(BY_SLICE) > 0
        for name, family in found.families.items():
            if family.kind == "slices":
                low, high = found.gain(name).interval()
                covered[name] += low <= 0 <= high
        claimed += found.gain(BY_SLICE).above(0.0) <= 0.05
        low, high = usual_interval(found, BY_SLICE, seed=seed)
        usual += low <= 0 <= high
    shares = {name: round(count / RUNS, 3) for name, count in covered.items()}
    show(
        f"{CANDIDATES} equal candidates, {SLICES} slices of {CASES}: seems to gain {seems / RUNS:.2f}; 0 covered {shares}; "
        f"by ordinary cross-validation {usual / RUNS:.2f}; a gain claimed {claimed / RUNS:.3f}"
    )
    assert seems / RUNS > 0.90
    assert min(shares.values()) >= 0.93
    assert usual / RUNS < 0.90
    assert claimed / RUNS <= 0.05


def test_where_each_slice_has_its_own_best_the_route_gains_what_it_says() -> None:
    """True gains are known in a simulation: the interval covers that of the routes it judged in at least .93 of the runs."""
    right, shown, runs = 0, 0, 60
    rng = np.random.default_rng(1)
    for seed in range(runs):
        better = 0.3 * rng.normal(size=(CANDIDATES, SLICES))
        quality, slices = drawn(rng, better)
        found = study(ground_of(quality, slices), seed=seed)
        fresh = np.mean([drawn(rng, better)[0] for _ in range(200)], axis=0)
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
