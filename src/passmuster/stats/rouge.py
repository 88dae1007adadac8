"""How much of a text another one holds: ROUGE-1, ROUGE-2 and so on by runs of words, ROUGE-L in the same order."""

import re
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from passmuster.stats.porter import stem

STEMMED_FROM = 4
"""Letters from which on a word is stemmed, as the original program has it."""


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
    one, other = words_of(text), words_of(reference)
    return in_order(one, other) if one or other else Rouge(precision=1.0, recall=1.0, f1=1.0)


def words_of(text: str) -> list[str]:
    r"""Return the words of a text in any script: runs of `\w`, case folded.

    Example:
        >>> words_of("Für 2 Äpfel!")
        ['für', '2', 'äpfel']
    """
    return re.findall(r"\w+", text.casefold())


def latin_words_of(text: str, *, stemmed: bool = False) -> list[str]:
    """Return the words of a text as the package rouge-score finds them: runs of a to z and 0 to 9, lower case.

    `stemmed` gives words of four letters and more as their stem (Porter, with NLTK's extensions).

    Example:
        >>> latin_words_of("Two flies, für you", stemmed=True)
        ['two', 'fli', 'f', 'r', 'you']
    """
    found = re.findall("[a-z0-9]+", text.lower())
    return [stem(word) if len(word) >= STEMMED_FROM else word for word in found] if stemmed else found


def in_order(words: Sequence[Hashable], reference: Sequence[Hashable]) -> Rouge:
    """Return ROUGE-L of lists of words: the longest common subsequence; 0 where one of them is empty.

    Example:
        >>> in_order(["a", "b"], ["b", "c", "d", "a"]).recall
        0.25
    """
    return _shares(common_length(words, reference), len(words), len(reference))


def in_runs(words: Sequence[Hashable], reference: Sequence[Hashable], length: int) -> Rouge:
    """Return ROUGE-N of lists of words: the runs of `length` words that both hold; 0 where one has none.

    Example:
        >>> in_runs(["a", "b", "c"], ["a", "b"], 2).precision
        0.5
    """
    one, other = _runs(words, length), _runs(reference, length)
    return _shares((one & other).total(), one.total(), other.total())


def _runs(words: Sequence[Hashable], length: int) -> Counter[tuple[Hashable, ...]]:
    return Counter(zip(*(words[start:] for start in range(length)), strict=False))


def _shares(shared: int, one: int, other: int) -> Rouge:
    if not shared:
        return Rouge(precision=0.0, recall=0.0, f1=0.0)
    return Rouge(precision=shared / one, recall=shared / other, f1=2 * shared / (one + other))
