"""The list of suspect labels, the worst first, each with its reasons in words, and what share of labels is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passmuster.corpus.suspects.doubts import NONE, Opinion
from passmuster.records.record import Record
from passmuster.records.score import Estimate
from passmuster.stats.arrays import FloatArray, IntArray
from passmuster.stats.intervals import wilson

REPETITIONS = 2000
SURE = 0.9
"""The highest threshold: where nearly every label is certain, a case need not be more certain than this."""
METHOD = "confident learning (Northcutt, Jiang and Chuang 2021), bootstrap of cases"
ASSUMES = (
    "assumes that who labels confuses labels, not cases, and that baseline and candidates are not wrong together: "
    "cases that are hard or ambiguous count as wrong labels, too"
)
_TINY = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect(Record):
    """A label in doubt: `given` and `suggested` are the probabilities of reference and suggestion, in [0, 1].

    They come from what has not seen this label. `flagged` is whether the label counts as wrong in the expected share:
    another label is as probable as it usually is where it is right.
    """

    case: str
    reference: str
    suggestion: str
    given: float
    suggested: float
    flagged: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """Every case by how doubtful its label is: `order` has the most doubtful first, `best` the other label of each."""

    order: IntArray
    best: IntArray
    flagged: NDArray[np.bool_]


def doubts(found: Opinion, gold: IntArray) -> Doubts:
    """Return how doubtful each label is: by the ratio of its probability to that of the best other one.

    Flagged is what confident learning counts: a case of label i that is in class j with a probability of at least
    the mean of those that are labelled j (its thresholds; Northcutt, Jiang and Chuang 2021, section 3.1), or `SURE`.
    """
    rows = np.arange(len(gold))
    others = found.probabilities.copy()
    given = others[rows, gold].copy()
    others[rows, gold] = -1.0
    best = others.argmax(axis=1)
    ratio = np.log(given + _TINY) - np.log(others[rows, best] + _TINY)
    confident = _confident(found.probabilities, gold)
    return Doubts(
        order=np.argsort(ratio, kind="stable"),
        best=best.astype(np.int64),
        flagged=(confident != NONE) & (confident != gold),
    )


def _confident(probabilities: FloatArray, gold: IntArray) -> IntArray:
    """Return the label that each case is in with confidence, `NONE` where it is in none."""
    width = probabilities.shape[1]
    counts = np.bincount(gold, minlength=width)
    own = np.bincount(gold, weights=probabilities[np.arange(len(gold)), gold], minlength=width)
    # A label that nobody has cannot be told from its own cases.
    thresholds = np.where(counts > 0, np.minimum(own / np.maximum(counts, 1), SURE), np.inf)
    above = np.where(probabilities >= thresholds[None, :], probabilities, -1.0)
    return np.where(above.max(axis=1) >= 0, above.argmax(axis=1), NONE).astype(np.int64)


def wrong_share(
    found: Opinion, gold: IntArray, rng: np.random.Generator, unrated: int = 0, repetitions: int = REPETITIONS
) -> Estimate:
    """Return the expected share of wrong labels: what is off the diagonal of the estimated joint distribution.

    The counts of confident cases of each given label are scaled to all of its cases (Northcutt, Jiang and Chuang
    2021, "Confident learning", JAIR 70, equation 3). The interval resamples cases, with the thresholds as they
    are: it holds sampling error only, not that of the assumptions.
    """
    width = found.probabilities.shape[1]
    confident = _confident(found.probabilities, gold)
    state = np.where(confident == NONE, 0, np.where(confident == gold, 1, 2))
    cells = np.bincount(gold * 3 + state, minlength=3 * width)
    n = len(gold)
    value = float(_off_diagonal(cells[None, :].astype(np.float64), width)[0])
    used = np.flatnonzero(cells)
    drawn = np.zeros((repetitions, 3 * width))
    drawn[:, used] = rng.multinomial(n, cells[used] / n, size=repetitions)
    low, high = np.quantile(_off_diagonal(drawn, width), [0.025, 0.975]).tolist()
    if not value:
        # Resampling none gives none again; so many cases without one still leave room for some.
        high = float(wilson(0.0, float(n))[1])
    return Estimate(value=value, low=low, high=high, n=n, n_missing=unrated, method=METHOD, note=ASSUMES)


def _off_diagonal(cells: FloatArray, width: int) -> FloatArray:
    """Return the share off the diagonal from the cases of each label: in no class, in their own, in another."""
    table = cells.reshape(len(cells), width, 3)
    sizes, sure = table.sum(axis=2), table[:, :, 1:].sum(axis=2)
    overall = table[:, :, 2].sum(axis=1) / np.maximum(sure.sum(axis=1), 1)
    # A label without a confident case is taken to be as wrong as all others are.
    rates = np.where(sure > 0, table[:, :, 2] / np.maximum(sure, 1), overall[:, None])
    return np.asarray((rates * sizes).sum(axis=1) / np.maximum(sizes.sum(axis=1), 1), dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The words for codes: cases by their id, labels by their text; `twins` contradict a case by the same input."""

    cases: Sequence[str]
    labels: Sequence[str]
    twins: Mapping[str, str]


def suspects(
    found: Opinion, gold: IntArray, ranked: Doubts, named: Named, places: Sequence[int]
) -> list[Suspect]:
    """Return the suspects at these places, in their order, with reasons."""
    return [_suspect(found, gold, ranked, named, place) for place in places]


def _suspect(found: Opinion, gold: IntArray, ranked: Doubts, named: Named, place: int) -> Suspect:
    own, other = int(gold[place]), int(ranked.best[place])
    reasons = [*_said(found, named, place, own, other), *_judged(found, named, place, own, other)]
    twin = named.twins.get(named.cases[place])
    if twin is not None:
        reasons.append(f"case {twin} has the same input and another reference")
    return Suspect(
        case=named.cases[place],
        reference=named.labels[own],
        suggestion=named.labels[other],
        given=float(found.probabilities[place, own]),
        suggested=float(found.probabilities[place, other]),
        flagged=bool(ranked.flagged[place]),
        reasons=tuple(reasons),
    )


def _said(found: Opinion, named: Named, place: int, own: int, other: int) -> list[str]:
    sides: dict[int, list[str]] = {other: [], own: []}
    heard = 0
    for voice, code in zip(found.voices, found.said[:, place].tolist(), strict=True):
        heard += code != NONE
        if code in sides:
            sides[code].append(voice.name)
    if not sides[other]:
        return []
    reason = f"{len(sides[other])} of {heard} unlike candidates say {named.labels[other]!r} ({', '.join(sides[other])})"
    return [reason + (f"; {', '.join(sides[own])} agree with the reference" if sides[own] else "")]


def _judged(found: Opinion, named: Named, place: int, own: int, other: int) -> list[str]:
    if found.baseline is None:
        return []
    row = found.baseline[place]
    if row[other] <= row[own]:
        return []
    shares = f"{named.labels[own]!r} {row[own]:.1%}, {named.labels[other]!r} {row[other]:.0%}"
    return [f"a baseline that has not seen this case gives {shares}"]
