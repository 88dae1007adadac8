"""What texts have in common, by scikit-learn's TF-IDF, which is loaded when texts are compared."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_WORD = r"(?u)\b\w+\b"
_SHORT_WORD = r"(?u)\b\w{1,40}\b"
"""What is shown as a word: longer ones are keys, links or noise."""

_CHARACTERS = 2_000
"""Characters of a text that are read: a long one says what it is about in its beginning."""


def text_likeness(texts: Sequence[str]) -> NDArray[np.float64]:
    """Return how alike each two texts are, in [0, 1]; shape (n, n).

    The mean of two cosines of TF-IDF vectors: over words, and over runs of 3 to 5 characters within words, which
    stand inflection, misspelling and scripts without spaces. A text without any of these is like no other.

    Example:
        >>> table = text_likeness(["my card was stolen", "My card was stolen!", "lend me 500"])
        >>> bool(table[0, 1] > 0.8), bool(table[0, 2] < 0.1)
        (True, True)
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    read = [text[:_CHARACTERS] for text in texts]
    total = np.zeros((len(read), len(read)))
    for options in (
        {"token_pattern": _WORD},
        {"analyzer": "char_wb", "ngram_range": (3, 5)},
    ):
        try:
            vectors = TfidfVectorizer(sublinear_tf=True, **options).fit_transform(read)
        except ValueError:  # no text has a word: emoji, punctuation
            continue
        total += (vectors @ vectors.T).toarray() / 2
    return total


def word_presence(texts: Sequence[str], fewest: int = 2) -> tuple[list[str], NDArray[np.bool_]]:
    """Return the words that stand in at least so many texts, and which text has which; shape (texts, words).

    Example:
        >>> words, table = word_presence(["my card", "my loan", "hello"])
        >>> words, table.tolist()
        (['my'], [[True], [True], [False]])
    """
    from sklearn.feature_extraction.text import CountVectorizer

    reader = CountVectorizer(token_pattern=_SHORT_WORD, binary=True, min_df=fewest)
    try:
        table = reader.fit_transform([text[:_CHARACTERS] for text in texts])
    except ValueError:  # no word stands in so many texts
        return [], np.zeros((len(texts), 0), dtype=np.bool_)
    return reader.get_feature_names_out().tolist(), table.toarray().astype(np.bool_)
