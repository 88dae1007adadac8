"""What texts themselves show: whether they can be told apart, which are new, how long, in which language."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from passmuster.corpus.drift.report import CellShift, Example, LengthShift, NewTexts, Observed, WordShift
from passmuster.corpus.drift.shares import observed_weights
from passmuster.stats.arrays import FloatArray
from passmuster.stats.two_samples import (
    Novelty,
    Sides,
    larger_p,
    novelty,
    permuted,
    shares_p,
    told_apart,
)

Likeness: TypeAlias = Callable[[Sequence[str]], FloatArray]
"""How alike each two texts are, in [0, 1]; shape (n, n)."""

Presence: TypeAlias = Callable[[Sequence[str]], tuple[list[str], NDArray[np.bool_]]]
"""The words that stand in several of the texts, and which text has which; shape (texts, words)."""

PERMUTATIONS = 999
SHOWN = 8
"""Words and examples that are shown."""

SHOWN_CHARACTERS = 300

_CLEAR = 3.0
"""Standard errors from which a word is shown as one that differs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What reads texts, from outside; `clean` puts pseudonyms for personal data, as cases have them already."""

    clean: Callable[[str], str]
    likeness: Likeness
    presence: Presence
    language: Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextShift:
    """What the tests of texts found; p-values by permutation."""

    auc: float | None
    p_words: float | None
    p_new: float
    p_length: float
    p_language: float
    length: LengthShift
    languages: tuple[CellShift, ...]
    new: NewTexts
    words: tuple[WordShift, ...]
    examples: tuple[Example, ...]


def thinned(side: Sequence[Observed], most: int, rng: np.random.Generator) -> list[Observed]:
    """Return at most so many texts of a side that are a simple sample of the traffic it stands for.

    A case is kept with a chance proportional to its weight, so that what was drawn too often for its share, to have
    enough of it, is thinned out, and no test takes the allocation of a sample for drift.

    Example:
        >>> side = [Observed(id=str(n), text="x", weight=1.0 if n % 2 else 3.0) for n in range(2000)]
        >>> kept = thinned(side, 10_000, np.random.default_rng(1))
        >>> heavy = sum(each.weight == 3.0 for each in kept)
        >>> heavy, 280 < len(kept) - heavy < 390
        (1000, True)
    """
    weights = observed_weights(side)
    chosen = list(side)
    if weights is not None and weights.max() > 0:
        lots = rng.uniform(size=len(side))
        chosen = [each for each, keep in zip(side, lots < weights / weights.max(), strict=True) if keep]
    if len(chosen) > most:
        chosen = [chosen[place] for place in sorted(rng.permutation(len(chosen))[:most].tolist())]
    return chosen


def text_shift(
    corpus: Sequence[Observed], traffic: Sequence[Observed], reading: Reading, rng: np.random.Generator
) -> TextShift:
    """Compare two simple samples of texts; texts of one user or session are permuted together.

    Args:
        corpus: Texts of the corpus, thinned.
        traffic: Texts of today's traffic.
        reading: What reads texts.
        rng: Permutes the sides, and deals the texts to folds.
    """
    # Else a pseudonym in the corpus and a name in the traffic would pass for drift, and the report would show names.
    both = [replace(each, text=reading.clean(each.text)) for each in (*corpus, *traffic)]
    second = np.arange(len(both)) >= len(corpus)
    clusters = [each.cluster if each.cluster is not None else place for place, each in enumerate(both)]
    sides = permuted(second, clusters, rng, PERMUTATIONS)
    texts = [each.text for each in both]
    likeness = reading.likeness(texts)
    apart = told_apart(likeness, sides, rng, clusters=clusters)
    unlike = novelty(likeness, sides, clusters)
    lengths = np.array([len(text) for text in texts], dtype=np.float64)
    longer, p_length = larger_p(lengths, sides)
    tongues = [reading.language(text) for text in texts]
    numbers = {name: number for number, name in enumerate(sorted(set(tongues)))}
    words, presence = reading.presence(texts)
    return TextShift(
        auc=apart.auc,
        p_words=apart.p,
        p_new=unlike.p,
        p_length=p_length,
        p_language=shares_p(np.array([numbers[name] for name in tongues], dtype=np.int64), sides),
        length=LengthShift(
            corpus=float(np.median(lengths[~second])),
            traffic=float(np.median(lengths[second])),
            longer=longer,
        ),
        languages=_languages(tongues, second),
        new=_new(both, len(corpus), unlike, likeness, (words, presence)),
        words=_words(words, presence, second),
        examples=_most_of_today(both, apart.scores, likeness, len(corpus)),
    )


def _languages(tongues: Sequence[str], second: Sides) -> tuple[CellShift, ...]:
    sizes = int((~second).sum()), int(second.sum())
    found = []
    for name in sorted(set(tongues)):
        marks = np.array([each == name for each in tongues])
        one, two = int((marks & ~second).sum()), int((marks & second).sum())
        found.append(
            CellShift(name=name, corpus=one / sizes[0], traffic=two / sizes[1], cases=one, records=two)
        )
    return tuple(sorted(found, key=lambda cell: (-abs(cell.traffic - cell.corpus), cell.name)))


def _words(words: Sequence[str], presence: Sides, second: Sides) -> tuple[WordShift, ...]:
    """Return the words whose share of texts differs most for its standard error, both ways."""
    if not words:
        return ()
    one, two = presence[~second], presence[second]
    before, after = one.mean(axis=0), two.mean(axis=0)
    # Half a text more on each side, so that a word that is missing on one side has a spread.
    n, m = len(one), len(two)
    pooled = (presence.sum(axis=0) + 1) / (n + m + 2)
    z = (after - before) / np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    order = np.argsort(-np.abs(z), kind="stable")[:SHOWN]
    return tuple(
        WordShift(word=words[place], corpus=float(before[place]), traffic=float(after[place]))
        for place in order.tolist()
        if abs(z[place]) >= _CLEAR
    )


def _new(
    both: Sequence[Observed],
    count: int,
    unlike: Novelty,
    likeness: FloatArray,
    words: tuple[Sequence[str], Sides],
) -> NewTexts:
    """Show new texts of today that are like one another first: together they may be a topic, alone a slip."""
    places = np.flatnonzero(unlike.new)
    places = places[places >= count]
    company = likeness[np.ix_(places, places)].sum(axis=1) if places.size else np.zeros(0)
    order = places[np.argsort(-np.round(company, 9), kind="stable")][:SHOWN]
    excess = (unlike.second - unlike.first) / (1 - unlike.first) if unlike.first < 1 else 0.0
    return NewTexts(
        corpus=unlike.first,
        traffic=unlike.second,
        excess=max(0.0, excess),
        words=_marks(*words, places),
        examples=tuple(_example(both, place, likeness, count) for place in order.tolist()),
    )


def _marks(words: Sequence[str], presence: Sides, places: NDArray[np.int64]) -> tuple[str, ...]:
    """Return the words that stand in several of these texts, and in far more of them than of all."""
    if not len(words) or places.size < 2:
        return ()
    inside, every = presence[places].sum(axis=0), presence.mean(axis=0)
    lift = np.where(inside >= 2, inside / places.size - every, 0.0)
    order = np.argsort(-np.round(lift, 9), kind="stable")[:SHOWN]
    return tuple(words[place] for place in order.tolist() if lift[place] > 0)


def _most_of_today(
    both: Sequence[Observed], scores: FloatArray, likeness: FloatArray, count: int
) -> tuple[Example, ...]:
    today = np.where(np.isnan(scores[count:]), -np.inf, scores[count:])
    order = np.argsort(-np.round(today, 9), kind="stable")[:SHOWN] + count
    return tuple(_example(both, place, likeness, count) for place in order.tolist())


def _example(both: Sequence[Observed], place: int, likeness: FloatArray, count: int) -> Example:
    nearest = int(np.argmax(likeness[place, :count]))
    like = float(likeness[place, nearest])
    return Example(
        id=both[place].id,
        text=both[place].text[:SHOWN_CHARACTERS],
        nearest=both[nearest].id if like > 0 else None,
        likeness=like,
    )
