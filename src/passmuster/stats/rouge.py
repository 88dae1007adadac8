"""How much of a text another one holds in the same order: ROUGE-L."""

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rouge:
    """Precision, recall and F1 in [0, 1] of a text against a reference."""

    precision: float
    recall: float
    f1: float


def common_length(first: Sequence[Hashable], second: Sequence[Hashable]) -> int:
    """Return the length of the longest common subsequence, in memory linear in one of the two.

    Bit-parallel, after Hyyro 2004, "Bit-parallel LCS-length computation revisited".

    Example:
        >>> common_length("abcde", "xaycze")
        3
    """
    places: dict[Hashable, int] = {}
    for position, item in enumerate(second):
        places[item] = places.get(item, 0) | 1 << position
    full = (1 << len(second)) - 1
    row = full
    for item in first:
        hit = row & places.get(item, 0)
        row = ((row + hit) | (row - hit)) & full
    return len(second) - row.bit_count()


def rouge_l(text: str, reference: str) -> Rouge:
    r"""Return ROUGE-L (Lin 2004) of a text against a reference, over words without case and punctuation.

    Words are runs of `\w`; there is no stemming. Two texts without words are alike, one without is unlike any other.

    Example:
        >>> found = rouge_l("the cat lay on a mat", "The cat sat on the mat.")
        >>> round(found.f1, 3)
        0.667
    """
    one, other = _words(text), _words(reference)
    if not one or not other:
        same = float(not one and not other)
        return Rouge(precision=same, recall=same, f1=same)
    shared = common_length(one, other)
    precision, recall = shared / len(one), shared / len(other)
    return Rouge(precision=precision, recall=recall, f1=2 * shared / (len(one) + len(other)))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
