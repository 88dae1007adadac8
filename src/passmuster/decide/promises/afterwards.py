"""The questions after the choice: leaderboards as a filter."""

import numpy as np

from passmuster.decide.promises.drawing import METRIC
from passmuster.decide.promises.promise import Count, Promise
from passmuster.decide.screening.filtering import FilterWish, filter_report
from passmuster.decide.screening.own import OwnScores
from passmuster.records.leaderboard import PublicColumn, PublicFigure, PublicRow, PublicTable
from passmuster.stats.rank_agreement import normal_scores

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
        name="screening",
        says="A leaderboard that filters at a stated risk of 5% drops the best for your task that seldom.",
        counts="runs in which the best of 50 models is dropped, 12 of which were tried",
        naive="the first ten of the table are kept",
        used=("screen",),
        limit=0.07,
        repetitions=40,
        fewest=40,
        simulate=screened,
    ),
)
