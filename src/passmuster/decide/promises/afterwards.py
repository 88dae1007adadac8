"""The questions after the choice: routing, and leaderboards as a filter."""

import numpy as np

from passmuster.decide.promises.drawing import METRIC
from passmuster.decide.promises.promise import Count, Promise
from passmuster.decide.routing.choosing import Chooser
from passmuster.decide.routing.families import BEST, look
from passmuster.decide.routing.ground import Ground
from passmuster.decide.routing.held_out import difference, gain, held_out
from passmuster.decide.screening.filtering import FilterWish, filter_report
from passmuster.decide.screening.own import OwnScores
from passmuster.records.leaderboard import PublicColumn, PublicFigure, PublicRow, PublicTable
from passmuster.stats.rank_agreement import normal_scores

ROUTED, EACH = 14, 40


def equal_candidates(rng: np.random.Generator, runs: int) -> Count:
    """Draw four equal candidates on 14 slices of 40: an error is an interval of the routing gain that misses 0.

    The shortcut takes the gain of the best of each slice on the cases that it was chosen on. In `figures`: its mean.
    """
    slices = np.repeat(np.arange(ROUTED), EACH)
    errors = naive = 0
    seen = 0.0
    for run in range(runs):
        quality = (rng.random((4, slices.size)) < 0.8).astype(np.float64)
        ground = Ground(
            names=("a", "b", "c", "d"),
            quality=quality,
            cost=np.full(quality.shape, np.nan),
            failed=np.zeros(quality.shape, dtype=np.bool_),
            slices=slices,
            slice_names=tuple(f"s{place}" for place in range(ROUTED)),
        )
        found = look(ground, (), "stratum")
        held = held_out(ground, Chooser(ground, found.arms, 0.02), found.families, seed=run)
        name = next(each.name for each in found.families if each.kind == "slices" and not each.shown)
        told = difference(gain(ground, found.arms.good, held.arms[name], held.arms[BEST]), ground.cases)
        errors += told.low is None or told.high is None or not told.low <= 0 <= told.high
        gains = quality.reshape(4, ROUTED, EACH).mean(axis=2).max(axis=0).mean() - quality.mean(axis=1).max()
        naive += gains > 0
        seen += gains
    return Count(runs=runs, errors=errors, naive=naive, figures={"seen": seen / runs})


MODELS, TRIED, CASES = 50, 12, 300


def screened(rng: np.random.Generator, runs: int, correlation: float = 0.4) -> Count:
    """Draw 50 models of which 12 were tried on the own task: an error is that the best of all is dropped at a stated 5%.

    The shortcut keeps the first ten of the table. In `figures`: how many are `kept`.
    """
    public = np.sort(rng.normal(size=MODELS))[::-1]
    x = normal_scores(public)
    table = PublicTable(
        name="t",
        path="t",
        columns=(PublicColumn(name="score", direction="higher", n=MODELS),),
        rows=tuple(
            PublicRow(model=f"m{place}", figures={"score": PublicFigure(value=float(value))})
            for place, value in enumerate(public)
        ),
        lead="score",
        rows_read=MODELS,
    )
    errors = naive = kept = 0
    for _ in range(runs):
        truth = np.clip(
            0.7 + 0.08 * (correlation * x + np.sqrt(1 - correlation**2) * rng.normal(size=MODELS)), 0.02, 0.98
        )
        tried = np.sort(rng.permutation(MODELS)[:TRIED])
        names = tuple(f"m{place}" for place in tried)
        scores = (rng.random((CASES, TRIED)) < truth[tried]).astype(np.float64)
        own = OwnScores(names=names, scores=scores, metric=METRIC)
        report = filter_report(table, "score", FilterWish(risk=0.05), own, {name: name for name in names})
        best = f"m{int(truth.argmax())}"
        errors += not any(model.kept and model.model == best for model in report.models)
        naive += int(truth.argmax()) >= 10
        kept += report.kept
    return Count(runs=runs, errors=errors, naive=naive, figures={"kept": kept / runs})


PROMISES = (
    Promise(
        name="routing",
        says="The gain of asking the best of each slice is not an artefact of choosing it.",
        counts="95% intervals that miss 0 where candidates are equal",
        naive="the gain on the cases that the best of each slice was chosen on counts",
        used=("route",),
        limit=0.07,
        repetitions=40,
        simulate=equal_candidates,
    ),
    Promise(
        name="screening",
        says="A leaderboard that filters at a stated risk of 5% drops the best for your task that seldom.",
        counts="runs in which the best of 50 models is dropped, 12 of which were tried",
        naive="the first ten of the table are kept",
        used=("screen",),
        limit=0.07,
        repetitions=24,
        simulate=screened,
    ),
)
