"""Inputs that fill a model's context: with the team's own other inputs, and the asked one early, midway or late."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np

from passmuster.corpus.stress.made import Apply, Made, Material
from passmuster.corpus.stress.main_text import main_text, with_main_text
from passmuster.records.case import Case
from passmuster.records.text import input_text

Place: TypeAlias = Literal["early", "middle", "late"]

LEVELS = (50, 90, 99, 110)
"""Percent of the context limit."""
PLACES: tuple[Place, ...] = ("early", "middle", "late")

_BEFORE = {"early": 0.0, "middle": 0.5, "late": 1.0}
"""The share of the filler that stands before the input."""

_OPEN, _CLOSE = "=== INPUT ===", "=== END OF INPUT ==="
_GAP = "\n\n"


def filled(level: int, place: Place) -> Apply:
    """Return the transform that fills so many percent of the limit, with the input at that place.

    The input stands between two lines of its own, so that nobody can take the filler for it. The length is that
    of everything that is sent: system text, tools, documents and turns too.
    """

    def apply(case: Case, random: np.random.Generator, material: Material) -> Made | None:
        text = main_text(case.input)
        if material.limit is None or not text.strip():
            return None
        marked = f"{_OPEN}\n{text}\n{_CLOSE}"
        wanted = round(level / 100 * material.limit * material.per_token)
        beside = len(input_text(case.input, instructions=True)) - len(text)
        room = wanted - beside - len(marked)
        first = round(max(room, 0) * _BEFORE[place])
        before, behind = _filler(case, random, material.others, (first, max(room, 0) - first))
        if room < 2 * len(_GAP) or before is None or behind is None:
            return None
        whole = f"{before}{marked}{behind}"
        tokens = round((beside + len(whole)) / material.per_token)
        return Made(
            with_main_text(case.input, whole),
            f"filled to about {tokens:,} tokens, {level}% of a limit of {material.limit:,}, with other inputs; "
            f"its own text stands {place}",
        )

    return apply


def _filler(
    case: Case, random: np.random.Generator, others: Sequence[Case], sizes: tuple[int, int]
) -> tuple[str | None, str | None]:
    """Return filler of so many characters for before and behind, None where there are no other inputs."""
    own = main_text(case.input).strip()
    texts = [text for other in others if (text := main_text(other.input).strip()) not in {"", own}]
    if not texts:
        return None, None
    order = random.permutation(len(texts))
    parts: list[str] = []
    size, turn = 0, 0
    while size < sum(sizes):
        part = texts[int(order[turn % len(texts)])].replace(_OPEN, "").replace(_CLOSE, "") + _GAP
        parts.append(part)
        size, turn = size + len(part), turn + 1
    whole = "".join(parts)
    before, behind = whole[: sizes[0]], whole[sizes[0] : sum(sizes)]
    if before:
        before = before[: -len(_GAP)] + _GAP
    if behind:
        behind = _GAP + behind[: -len(_GAP)]
    return before, behind
