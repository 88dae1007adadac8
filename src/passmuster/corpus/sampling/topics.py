"""Topics of texts: frozen centroids, so that later traffic is parted in the very same way.

A text becomes a vector: by its words (TF-IDF, projected by a truncated SVD), or by an embedding that is passed in. It
belongs to the topic whose centroid is nearest (k-means). Fitting is the business of an adapter; what was
fitted is a record that lies in git, and placing a text needs nothing else.
"""

import base64
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from passmuster.errors import UsageError
from passmuster.records.record import Record
from passmuster.stats.language.words import FREQUENT

Vectors: TypeAlias = NDArray[np.float64]
"""A row of numbers for each text."""

Embed: TypeAlias = Callable[[Sequence[str]], Vectors]
"""Returns a vector for each text, all of one length."""

NO_TOPIC = "no known words"
"""The topic of a text that has no word of those that topics are made of."""

FITTED_ON = 5_000
"""Texts, at most, that topics are fitted on; they are a uniform sample of the traffic."""

LOOKED_AT = 4_000
"""Characters of a text that are looked at, from its beginning."""

_WORD = re.compile(r"[^\W\d_]{2,40}")
_RUN = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]+")
"""Scripts without blanks between words: every two characters are a word."""

_STOP = frozenset(word for words in FREQUENT.values() for word in re.findall(r"\w+", words))


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics(Record):
    """Topics as they were fitted.

    `names` says the words that mark each topic; `shares` its part of the texts that it was fitted on, `radii` the
    distance to the centroid within which 99 of 100 of these lay. `words` and `weights` are the vocabulary with its
    inverse document frequencies, `projection` a row of `dimensions` numbers for each word, `centroids` one for each topic
    (base64 of little-endian 32-bit floats, by rows). With `embedding` vectors come from what is called so, and there are
    no words.
    """

    names: tuple[str, ...]
    shares: tuple[float, ...]
    radii: tuple[float, ...]
    dimensions: int
    centroids: str
    words: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()
    projection: str = ""
    embedding: str | None = None
    texts: int = 0
    seed: int = 0


def packed(values: Vectors) -> str:
    """Return rows of numbers as text; `unpacked` gives them back.

    Example:
        >>> unpacked(packed(np.array([[1.0, 0.5]])), 2).tolist()
        [[1.0, 0.5]]
    """
    return base64.b64encode(np.asarray(values, dtype="<f4").tobytes()).decode("ascii")


def unpacked(text: str, columns: int) -> Vectors:
    """Return the rows that `packed` made a text of, each of so many numbers.

    Raises:
        UsageError: for anything else.
    """
    try:
        numbers = np.frombuffer(base64.b64decode(text, validate=True), dtype="<f4").astype(np.float64)
        return numbers.reshape(-1, columns)
    except ValueError:
        raise UsageError(
            "the topics are damaged: rows of numbers are not what they should be",
            hint="Fit them anew: passmuster corpus describe --topics 20",
        ) from None


def topic_words(text: str) -> Iterator[str]:
    """Yield the words of a text that may mark a topic.

    Without case; no numbers, addresses or links, so that no personal data of theirs comes to the vocabulary; no short
    frequent words.

    Example:
        >>> list(topic_words("Where is my VISA card jo@example.com? https://x.example/a 4111"))
        ['visa', 'card']
    """
    for piece in text[:LOOKED_AT].casefold().split():
        if "@" in piece or "://" in piece or any(map(str.isdigit, piece)):
            continue
        if not piece.isascii() and _RUN.search(piece):
            for run in _RUN.findall(piece):
                yield from (run[start : start + 2] for start in range(max(len(run) - 1, 1)))
            continue
        for word in _WORD.findall(piece):
            if word not in _STOP:
                yield word


class TopicSpace:
    """Places texts among topics.

    Args:
        topics: As they were fitted.
        embed: Makes vectors, where the topics were fitted on an embedding.

    Raises:
        UsageError: for damaged topics, and for an embedding that is missing.
    """

    def __init__(self, topics: Topics, embed: Embed | None = None) -> None:
        if topics.embedding is not None and embed is None:
            raise UsageError(
                f"the topics were fitted on vectors of {topics.embedding!r}, which is not configured",
                hint="Name it in passmuster.yaml: corpus: {embeddings: ...}. Or fit topics on words.",
            )
        self.topics = topics
        self.names = (*topics.names, NO_TOPIC)
        self._embed = embed if topics.embedding is not None else None
        self._centroids = unpacked(topics.centroids, topics.dimensions)
        self._projection = unpacked(topics.projection, topics.dimensions)
        self._places = {word: place for place, word in enumerate(topics.words)}
        self._weights = np.array(topics.weights, dtype=np.float64)
        self._norms = (self._centroids**2).sum(axis=1)
        sizes = (len(topics.names), len(topics.radii), len(topics.words), len(topics.weights))
        if sizes != (*([len(self._centroids)] * 2), *([len(self._projection)] * 2)):
            raise UsageError("the topics are damaged: their tables do not fit together")

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Return a vector of length 1 for each text; of length 0 where it has no known word."""
        if self._embed is not None:
            return unit(np.asarray(self._embed(texts), dtype=np.float64))
        return np.array([self._vector(text) for text in texts]).reshape(len(texts), self.topics.dimensions)

    def _vector(self, text: str) -> Vectors:
        counts = Counter(place for word in topic_words(text) if (place := self._places.get(word)) is not None)
        if not counts:
            return np.zeros(self.topics.dimensions)
        places = list(counts)
        weights = self._weights[places] * [1 + math.log(count) for count in counts.values()]
        vector: Vectors = weights @ self._projection[places]
        return vector / (float(np.sqrt(vector @ vector)) or 1.0)

    def place(self, texts: Sequence[str]) -> tuple[NDArray[np.intp], Vectors]:
        """Return for each text the number of its topic in `names`, and its distance to that topic's centroid.

        The distance is in [0, 2]; a text without any known word is in the last one, at distance 2.
        """
        vectors = self.vectors(texts)
        squared = (vectors**2).sum(axis=1)[:, None] - 2 * vectors @ self._centroids.T + self._norms
        nearest = squared.argmin(axis=1)
        distances = np.sqrt(np.maximum(squared[np.arange(len(texts)), nearest], 0.0))
        lost = ~vectors.any(axis=1)
        return np.where(lost, len(self.topics.names), nearest), np.where(lost, 2.0, distances)

    def name(self, text: str) -> str:
        """Return the name of a text's topic."""
        return self.names[int(self.place([text])[0][0])]


def unit(vectors: Vectors) -> Vectors:
    """Return each row scaled to a length of 1; a row of zeros stays.

    Example:
        >>> unit(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
        [[0.6, 0.8], [0.0, 0.0]]
    """
    lengths = np.sqrt((vectors**2).sum(axis=1, keepdims=True))
    return vectors / np.where(lengths == 0, 1.0, lengths)


def usual_number(texts: int) -> int:
    """Return how many topics to fit where nobody says: one for every 50 texts, from 2 to 20.

    Example:
        >>> usual_number(60), usual_number(400), usual_number(5000)
        (2, 8, 20)
    """
    return min(20, max(2, texts // 50))
