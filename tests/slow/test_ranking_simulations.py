"""Strengths on drawn choices: intervals that know the prompts hold, those that do not fail, and style can be held equal.

Each prompt suits some candidates more than others, and so does each rater: choices on one prompt, or by one rater, tell
less than as many on prompts and raters of their own. The truth is what infinitely many prompts and raters would give.
Seeds are fixed. With 1,200 repetitions the standard error of a coverage of .95 over ten pairs each is .0026.
"""

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.decide.ranking.drawing import drawn_choices

from passmuster.decide.ranking.rank import Whose, ranking
from passmuster.stats.arrays import FloatArray, IntArray
from passmuster.stats.bradley_terry import Games, Strengths, joint_quantile, strengths

pytestmark = pytest.mark.slow

THETA = np.array([0.8, 0.4, 0.0, -0.4, -0.8])
PLAYERS = len(THETA)
PAIRS = np.triu_indices(PLAYERS, 1)
REPETITIONS = 1200


def truth(spread: float) -> FloatArray:
    """Return the strengths that describe shares averaged over all prompts and raters.

    The gap of two candidates on a prompt is normal with the standard deviation `spread`; Gauss-Hermite quadrature.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    gaps = (THETA[PAIRS[0]] - THETA[PAIRS[1]])[:, None] + spread * nodes
    shares = (1 / (1 + np.exp(-gaps))) @ (weights / weights.sum())
    return strengths(Games(PAIRS[0], PAIRS[1], shares, PLAYERS)).values


def drawn(
    rng: np.random.Generator, prompts: int, raters: int, of_raters: float
) -> tuple[Games, IntArray, IntArray]:
    """Return ten choices on each prompt, each by a rater at random, with their prompts and raters."""
    prompt = np.repeat(np.arange(prompts), 10)
    rater = rng.integers(0, raters, len(prompt))
    first = rng.integers(0, PLAYERS, len(prompt))
    second = (first + rng.integers(1, PLAYERS, len(prompt))) % PLAYERS
    suits = rng.normal(size=(prompts, PLAYERS)) + THETA
    strong = suits[prompt] + of_raters * rng.normal(size=(raters, PLAYERS))[rater]
    rows = np.arange(len(prompt))
    shares = 1 / (1 + np.exp(strong[rows, second] - strong[rows, first]))
    won = (rng.random(len(prompt)) < shares).astype(np.float64)
    return Games(first, second, won, PLAYERS), prompt, rater


def show(figures: str) -> None:
    """Print the measured figures."""
    print(figures)  # noqa: T201 - docs/rate/ranking.md says that -s shows them


def covered(found: Strengths, true: FloatArray) -> float:
    """Return the share of pairs whose interval holds the truth."""
    return float((wrongness(found, true) <= found.quantile()).mean())


def wrongness(found: Strengths, true: FloatArray) -> FloatArray:
    """Return by how many standard errors the difference of each pair misses the truth."""
    gaps, errors = found.apart()
    return np.asarray(np.abs(gaps - (true[:, None] - true[None, :]))[PAIRS] / errors[PAIRS])


def test_intervals_clustered_by_prompt_cover_and_unclustered_ones_do_not() -> None:
    true = truth(np.sqrt(2))
    clustered, joint, unclustered = [], [], []
    for seed in range(REPETITIONS):
        games, prompt, _ = drawn(np.random.default_rng([seed, 1]), 120, 5, of_raters=0.0)
        found = strengths(games, clusters=[prompt])
        clustered.append(covered(found, true))
        if seed % 3 == 0:  # drawing the joint distribution takes most of the time
            joint.append(wrongness(found, true).max() <= joint_quantile(found, np.random.default_rng(0)))
        unclustered.append(covered(strengths(games, clusters=[range(len(prompt))]), true))
    show(
        f"prompts {np.mean(clustered):.4f}, all at once {np.mean(joint):.4f}, none {np.mean(unclustered):.4f}"
    )
    assert 0.94 <= np.mean(clustered) <= 0.96
    assert np.mean(joint) >= 0.92  # of all ten pairs at once
    assert np.mean(unclustered) < 0.91


def test_where_raters_differ_intervals_need_the_raters_too() -> None:
    true = truth(np.sqrt(2 + 2 * 0.5**2))
    both, prompts_only = [], []
    for seed in range(REPETITIONS // 4):
        games, prompt, rater = drawn(np.random.default_rng([seed, 2]), 100, 12, of_raters=0.5)
        both.append(covered(strengths(games, clusters=[prompt, rater]), true))
        prompts_only.append(covered(strengths(games, clusters=[prompt]), true))
    show(f"prompts and raters {np.mean(both):.4f}, prompts only {np.mean(prompts_only):.4f}")
    assert 0.95 <= np.mean(both) <= 0.985  # on the safe side: the larger of variances, and a t of 11 degrees
    assert np.mean(prompts_only) < 0.90


def test_holding_style_equal_takes_a_planted_effect_of_length_away() -> None:
    """`wordy` is as good as `terse`; raters like length: log-odds 2 for having all of it beside none."""
    plain, held, effects, accused = [], [], [], 0
    for seed in range(60):
        rng = np.random.default_rng([seed, 3])
        choices = drawn_choices({"terse": 0.0, "wordy": 0.0, "usual": 0.0}, cases=500, seed=seed)
        typical = {"terse": 60, "usual": 100, "wordy": 170}
        texts = {
            digest: "x" * max(1, int(rng.lognormal(np.log(typical[str(by)]), 0.6)))
            for each in choices
            for digest, by in ((each.first, each.first_by), (each.second, each.second_by))
        }
        swayed = []
        for each in choices:
            one, other = len(texts[each.first]), len(texts[each.second])
            liked = rng.random() < 1 / (1 + np.exp(-2 * (one - other) / (one + other)))
            swayed.append(replace(each, chosen="first" if liked else "second"))
        found = ranking(swayed, Whose(metric="better"), texts=texts)
        rows = {row.candidate: row for row in found.candidates}
        plain.append((rows["wordy"].strength.value or 0) - (rows["terse"].strength.value or 0))
        adjusted = rows["wordy"].adjusted, rows["terse"].adjusted
        held.append(
            (adjusted[0].value or 0) - (adjusted[1].value or 0) if adjusted[0] and adjusted[1] else np.nan
        )
        effects.append(found.style[0].effect.value or 0)
        accused += any("prefer more length" in text for text in found.remarks)
    error = float(np.std(held) / np.sqrt(len(held)))
    assert np.mean(plain) > 0.5  # without style, length passes for quality
    assert abs(np.mean(held)) < 3 * error
    assert abs(np.mean(held)) < 0.1
    assert abs(np.mean(effects) - 2) < 4 * float(np.std(effects) / np.sqrt(len(effects))) + 0.05
    assert accused == 60


def test_style_that_sways_nobody_is_not_accused() -> None:
    accused = 0
    for seed in range(100):
        rng = np.random.default_rng([seed, 4])
        choices = drawn_choices({"a": 0.5, "b": 0.0, "c": -0.5}, cases=200, raters=1, seed=seed)
        texts = {digest: "x" * int(rng.integers(10, 200)) for c in choices for digest in (c.first, c.second)}
        found = ranking(choices, Whose(metric="better"), texts=texts)
        accused += any("raters prefer" in text for text in found.remarks)
    assert accused <= 13  # 5 by chance; more than 13: 1 in 2,000
