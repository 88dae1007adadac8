"""What suspect labels do to scores: each candidate over all cases, without the suspects, and however they are settled."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passmuster.corpus.suspects.doubts import NONE, Answers
from passmuster.records.record import Record
from passmuster.stats.arrays import IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect(Record):
    """The share of right answers of a candidate, with the suspects in different hands.

    `all` is over all cases as they are labelled, `unsuspected` without the suspects, `corrected` with every suggestion
    taken. Between `low` and `high` it lies however each suspect is settled, for its reference or its suggestion.
    `n` cases have an answer, `suspects` of them are suspect; None is where there are none.
    """

    candidate: str
    n: int
    suspects: int
    all: float | None
    unsuspected: float | None
    corrected: float | None
    low: float | None
    high: float | None


def effect(answers: Answers, best: IntArray, suspect: NDArray[np.bool_]) -> Effect:
    """Return what the suspects do to the score of a candidate.

    Args:
        answers: Those of the candidate.
        best: The suggestion of each case.
        suspect: Whether its label is suspect.
    """
    given = answers.codes != NONE
    right, other = answers.right[given], (answers.codes == best)[given]
    doubted = suspect[given]
    corrected = np.where(doubted, other, right)
    return Effect(
        candidate=answers.candidate.name,
        n=int(given.sum()),
        suspects=int(doubted.sum()),
        all=_mean(right),
        unsuspected=_mean(right[~doubted]),
        corrected=_mean(corrected),
        low=_mean(np.where(doubted, right & other, right)),
        high=_mean(np.where(doubted, right | other, right)),
    )


def _mean(values: NDArray[np.bool_]) -> float | None:
    return float(values.mean()) if len(values) else None


def leaders(effects: Sequence[Effect]) -> tuple[str | None, str | None]:
    """Return who leads as labelled, and who with every suggestion taken; None where nobody has a score.

    Example:
        >>> one = Effect(candidate="a", n=9, suspects=1, all=0.9, unsuspected=0.9, corrected=0.8, low=0.8, high=0.9)
        >>> leaders([one])
        ('a', 'a')
    """
    as_is = [(each.all, each.candidate) for each in effects if each.all is not None]
    put_right = [(each.corrected, each.candidate) for each in effects if each.corrected is not None]
    return (_first(as_is), _first(put_right))


def _first(scores: Sequence[tuple[float, str]]) -> str | None:
    return max(scores, key=lambda score: score[0])[1] if scores else None
