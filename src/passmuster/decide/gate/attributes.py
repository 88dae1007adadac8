"""What is known of cases, as yes-or-no questions that a small tree can ask."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from passmuster.decide.measured import BoolArray
from passmuster.records.case import Case
from passmuster.records.text import input_text
from passmuster.stats.language.detect import LOOKED_AT, UNKNOWN, language_of

MOST = 200
"""Questions of values that a tree is given, at most: the most frequent ones."""
QUARTERS = (0.25, 0.5, 0.75)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A yes-or-no question: how a rule says each answer, and what the answer is for every case."""

    yes: str
    no: str
    holds: BoolArray


def questions(
    cases: Sequence[Case], fitted: BoolArray, least: int, looked: BoolArray | None = None
) -> list[Question]:
    """Return what a tree may ask: category, stratum, tags, origin, language and length of the input.

    A value counts where at least so many of the cases that the tree is fitted on have it, and as many do not. Lengths are
    cut at the quarters of these cases.

    Args:
        cases: All cases.
        fitted: Those that the tree is fitted on.
        least: Cases on either side of a question.
        looked: The cases that are read; None is all. Nothing holds for the others.
    """
    found: dict[tuple[str, str], list[int]] = {}
    lengths = np.zeros(len(cases))
    places = range(len(cases)) if looked is None else np.flatnonzero(looked).tolist()
    for place in places:
        case = cases[place]
        text = input_text(case.input)
        lengths[place] = len(text)
        for key in dict.fromkeys(_values(case, text)):
            found.setdefault(key, []).append(place)
    counts = Counter({key: int(fitted[own].sum()) for key, own in found.items()})
    size = int(fitted.sum())
    made = [
        _of_value(key, found[key], len(cases))
        for key, count in counts.most_common(MOST)
        if least <= count <= size - least
    ]
    return made + list(_of_length(lengths, fitted))


def _values(case: Case, text: str) -> Iterator[tuple[str, str]]:
    yield "category", case.category
    yield "origin", case.origin
    language = language_of(text[:LOOKED_AT])
    if language != UNKNOWN:  # that it cannot be told is a matter of how short a text is
        yield "language", language
    if case.stratum is not None:
        yield "stratum", case.stratum
    for tag in case.tags:
        yield "tag", tag


def _of_value(key: tuple[str, str], places: Sequence[int], cases: int) -> Question:
    name, value = key
    holds = np.zeros(cases, dtype=np.bool_)
    holds[places] = True
    if name == "tag":
        return Question(yes=f"tag {value!r}", no=f"no tag {value!r}", holds=holds)
    return Question(yes=f"{name} == {value!r}", no=f"{name} != {value!r}", holds=holds)


def _of_length(lengths: np.ndarray, fitted: BoolArray) -> Iterator[Question]:
    own = lengths[fitted]
    if not own.size:
        return
    for limit in dict.fromkeys(np.floor(np.quantile(own, QUARTERS)).astype(np.int64).tolist()):
        yield Question(
            yes=f"input over {limit:,} characters",
            no=f"input of at most {limit:,} characters",
            holds=np.asarray(lengths > limit, dtype=np.bool_),
        )
