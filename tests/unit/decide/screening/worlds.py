"""Made-up models with a public table and own scores, of which the truth is known."""

import numpy as np
import scipy

from passmuster.decide.measured import FloatArray
from passmuster.decide.screening.own import OwnScores
from passmuster.records.leaderboard import ModelMatch, PublicColumn, PublicFigure, PublicRow, PublicTable


def table(
    values: FloatArray, name: str = "board", column: str = "score", *, share: bool = False
) -> PublicTable:
    """Return a table of models m0, m1, ... with one column."""
    rows = tuple(
        PublicRow(model=f"m{place}", figures={column: PublicFigure(value=float(value))})
        for place, value in enumerate(values)
    )
    found = PublicColumn(name=column, direction="higher", n=len(rows), share=share)
    return PublicTable(
        name=name, path=f"{name}.csv", columns=(found,), rows=rows, lead=column, rows_read=len(rows)
    )


def own(scores: FloatArray, names: list[str] | None = None) -> OwnScores:
    """Return own scores of models m0, m1, ..., or of these."""
    names = names or [f"m{place}" for place in range(scores.shape[1])]
    return OwnScores(names=tuple(names), scores=scores, metric="exact_match")


def same_names(names: tuple[str, ...], *tables: PublicTable) -> tuple[ModelMatch, ...]:
    """Return that each candidate is the model of its name."""
    return tuple(
        ModelMatch(candidate=name, table=each.name, how="exact", model=name)
        for each in tables
        for name in names
    )


def answers(true: FloatArray, cases: int, rng: np.random.Generator) -> FloatArray:
    """Return who was right on each case: some cases are harder for all."""
    ability = scipy.special.ndtri(np.clip(true, 0.02, 0.98)) * np.sqrt(2)
    right = ability + rng.normal(size=(cases, 1)) + rng.normal(size=(cases, len(true))) > 0
    return np.asarray(right, dtype=np.float64)


def models(number: int, correlation: float, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Return public figures and true own scores that agree to a degree."""
    ability = rng.normal(size=number)
    public = correlation * ability + np.sqrt(1 - correlation**2) * rng.normal(size=number)
    return public, 0.6 + 0.12 * ability
