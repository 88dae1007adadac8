"""The best of many: its figure, effects of prompts, and leads by weight."""

from collections.abc import Sequence

import numpy as np

from passmuster.decide.factors.best import best_of
from passmuster.decide.factors.effects import Values, prompt_effects
from passmuster.decide.factors.grid import Grid
from passmuster.decide.promises.drawing import alike
from passmuster.decide.promises.promise import Count, Promise
from passmuster.records.prompt_effects import BestReport
from passmuster.records.score import Difference
from passmuster.stats.families import holm
from passmuster.stats.intervals import wilson
from passmuster.stats.paired import paired_mean_p


def holds(low: float | None, high: float | None, truth: float) -> bool:
    """Return whether an interval is known and holds the truth."""
    return low is not None and high is not None and low <= truth <= high


def best_of_many(
    rng: np.random.Generator, runs: int, chances: Sequence[float] = (0.8,) * 12, n: int = 200
) -> Count:
    """Draw candidates with these true rates and take the best: an error is a corrected interval that misses its rate.

    The shortcut is the plain interval of the best. In `figures`: misses of the fresh half, by how much the best was
    too high, and how much of that was `told`.
    """
    names = [f"arm {number}" for number in range(len(chances))]
    errors = naive = fresh = 0
    seen = told = 0.0
    for _ in range(runs):
        x = alike(rng, chances, n, 0.3)
        found = best_of(
            names, Values(of=dict(zip(names, x.T, strict=True)), receivable=n), (0.0, 1.0), "higher"
        )
        if not isinstance(found, BestReport) or found.fresh is None:
            raise TypeError("two candidates and 200 cases always have a best with a fresh half")
        place = names.index(found.picked)
        truth = chances[place]
        errors += not holds(found.corrected.low, found.corrected.high, truth)
        naive += not holds(*wilson(x[:, place].sum(), n), truth)
        fresh += not holds(found.fresh.estimate.low, found.fresh.estimate.high, truth)
        seen += (found.observed.value or 0) - truth
        told += found.optimism
    figures = {"fresh": fresh / runs, "seen": seen / runs, "told": told / runs}
    return Count(runs=runs, errors=errors, naive=naive, figures=figures)


def _nobody(_one: str, _other: str) -> Difference:
    raise AssertionError("effects of a whole grid ask for no pair")


def no_effect(rng: np.random.Generator, runs: int) -> Count:
    """Draw 3 models x 4 prompts without an effect: an error is one that is shown; the shortcut counts cells as cases.

    What a prompt does to a case it does to the same case of every model. In `figures`: runs in which an interval
    misses zero.
    """
    models, prompts = ("A", "B", "C"), ("w", "x", "y", "z")
    design = Grid(models, prompts, {(m, p): f"{m}/{p}" for m in models for p in prompts})
    errors = naive = missed = 0
    for _ in range(runs):
        ease = rng.standard_normal((120, 1, 1))
        taste = 0.9 * rng.standard_normal((120, 1, 4))  # how a prompt suits a case, whoever answers
        own = 0.6 * rng.standard_normal((120, 3, 4))
        y = (ease + taste + own < 0.8).astype(np.float64)
        of = {f"{m}/{p}": y[:, i, j] for i, m in enumerate(models) for j, p in enumerate(prompts)}
        found = prompt_effects(design, Values(of=of, receivable=120), "w", _nobody)
        errors += min(each.adjusted_p or 1.0 for each in found) <= 0.05
        missed += not all(holds(each.difference.low, each.difference.high, 0.0) for each in found)
        cells = [(y[:, :, j] - y[:, :, 0]).ravel() for j in range(1, 4)]
        naive += min(p or 1.0 for p in holm([paired_mean_p(each) for each in cells])) <= 0.05
    return Count(runs=runs, errors=errors, naive=naive, figures={"missed": missed / runs})


PROMISES = (
    Promise(
        name="best-of-many",
        says="The interval of the best of twelve prompts holds its true figure, although it was picked for its luck.",
        counts="95% intervals of the best of twelve equal ones that miss its true rate",
        naive="the plain interval of the best",
        used=("compare",),
        limit=0.07,
        repetitions=500,
        fewest=500,
        simulate=best_of_many,
    ),
    Promise(
        name="prompt-effects",
        says="Of prompts that make no difference hardly ever is one said to.",
        counts="runs in which a prompt is shown to make a difference",
        naive="every cell of the models counts as a case",
        used=("compare",),
        limit=0.065,
        repetitions=1000,
        fewest=400,
        simulate=no_effect,
    ),
)
