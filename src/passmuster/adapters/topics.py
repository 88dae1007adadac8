"""Fits topics with scikit-learn (TF-IDF, truncated SVD, k-means), and keeps them in a file."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from passmuster.adapters.files.lines import write_lines
from passmuster.corpus.sampling.topics import (
    Embed,
    Topics,
    TopicSpace,
    Vectors,
    packed,
    topic_words,
    unit,
    usual_number,
)
from passmuster.errors import CorpusError, Place, UsageError
from passmuster.records.digest import plain

LEAST_TEXTS = 20
"""Texts below which nothing can be said about topics."""

_VOCABULARY = 2_000
_DIMENSIONS = 40
_LEAST_USES = 3
"""Texts that a word stands in, at least: rarer ones say nothing of a topic, and may be names of people."""

_MOST_USED = 0.5
_WORDS_IN_NAME = 3
_STARTS = 4


def fit_topics(
    texts: Sequence[str],
    number: int | None = None,
    *,
    seed: int = 0,
    embed: Embed | None = None,
    embedding: str | None = None,
) -> Topics:
    """Return topics of these texts.

    Args:
        texts: A uniform sample of the traffic.
        number: How many topics; default: one for every 50 texts, from 2 to 20.
        seed: The same texts and seed give the same topics.
        embed: Makes the vectors; default: the words of the texts do.
        embedding: What `embed` is called.

    Raises:
        UsageError: for too few texts, and for texts that share no words.

    Example:
        >>> texts = [f"my card was stolen {n}" for n in range(20)] + ["the loan rate changed"] * 20
        >>> sorted(fit_topics(texts, 2).shares)
        [0.5, 0.5]
    """
    if len(texts) < LEAST_TEXTS:
        raise UsageError(
            f"{len(texts)} texts are too few to find topics in", hint=f"{LEAST_TEXTS} are needed."
        )
    wanted = usual_number(len(texts)) if number is None else number
    if not 2 <= wanted <= len(texts) // 2:
        raise UsageError(
            f"{wanted} topics of {len(texts)} texts: at least 2, and at most half as many as texts"
        )
    if embed is not None:
        rows = np.asarray(embed(texts), dtype=np.float64)
        if rows.ndim != 2 or len(rows) != len(texts) or not np.isfinite(rows).all():
            raise UsageError(f"{embedding or 'the embedding'} gave no vector of finite numbers for each text")
        return _clustered(texts, unit(rows), wanted, seed, embedding=embedding or "an embedding")
    return _by_words(texts, wanted, seed)


def _by_words(texts: Sequence[str], number: int, seed: int) -> Topics:
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(
        analyzer=lambda text: list(topic_words(text)),
        max_features=_VOCABULARY,
        min_df=_LEAST_USES,
        max_df=_MOST_USED,
        sublinear_tf=True,
        norm=None,
    )
    try:
        table = vectorizer.fit_transform(texts)
    except ValueError:
        raise UsageError(
            "the texts share hardly any words, so they have no topics",
            hint="Make strata of a column instead.",
        ) from None
    dimensions = min(_DIMENSIONS, table.shape[1] - 1, len(texts) - 1)
    if dimensions < 1:
        raise UsageError("the texts share hardly any words, so they have no topics")
    reduced = TruncatedSVD(dimensions, random_state=seed).fit(table)
    # Rounded as the file will hold it, so that what is fitted now and what is read later place texts alike.
    projection = reduced.components_.T.astype("<f4").astype(np.float64)
    vectors = unit(np.asarray(table @ projection))
    fitted = _clustered(texts, vectors, number, seed)
    return Topics(
        **{name: getattr(fitted, name) for name in ("names", "shares", "radii", "dimensions", "centroids")},
        words=tuple(str(word) for word in vectorizer.get_feature_names_out()),
        weights=tuple(round(float(weight), 6) for weight in vectorizer.idf_),
        projection=packed(projection),
        texts=len(texts),
        seed=seed,
    )


def _clustered(
    texts: Sequence[str], vectors: Vectors, number: int, seed: int, embedding: str | None = None
) -> Topics:
    from sklearn.cluster import KMeans

    known = vectors.any(axis=1)
    number = min(number, len(np.unique(vectors[known].round(6), axis=0)))
    if number < 2:
        raise UsageError("the texts are all alike, so they have no topics")
    means = KMeans(number, n_init=_STARTS, random_state=seed).fit(vectors[known])
    labels: NDArray[np.intp] = np.full(len(texts), number)
    labels[known] = means.labels_
    order = np.argsort([-(labels == topic).sum() for topic in range(number)], kind="stable")
    centroids = means.cluster_centers_[order]
    ranked = np.append(np.argsort(order), number)[labels]
    gaps = np.sqrt(((vectors[known] - centroids[ranked[known]]) ** 2).sum(axis=1))
    inside = [gaps[ranked[known] == topic] for topic in range(number)]
    return Topics(
        names=_names(texts, ranked, number),
        shares=tuple(round(float((ranked == topic).mean()), 6) for topic in range(number)),
        radii=tuple(round(float(np.quantile(near, 0.99, method="higher")), 6) for near in inside),
        dimensions=vectors.shape[1],
        centroids=packed(centroids),
        embedding=embedding,
        texts=len(texts),
        seed=seed,
    )


def _names(texts: Sequence[str], labels: NDArray[np.intp], number: int) -> tuple[str, ...]:
    """Name each topic by the words that stand in far more of its texts than of the others; names differ."""
    uses = [Counter[str]() for _ in range(number + 1)]
    for text, label in zip(texts, labels.tolist(), strict=True):
        uses[label].update(set(topic_words(text)))
    every = sum(uses, Counter[str]())
    sizes = [int((labels == topic).sum()) for topic in range(number)]
    names: list[str] = []
    for topic in range(number):
        words = [word for word, count in uses[topic].items() if every[word] >= _LEAST_USES and count > 1]
        best = sorted(
            words, key=lambda word: (-_mark(uses[topic][word], sizes[topic], every[word], len(texts)), word)
        )
        name = ", ".join(best[:_WORDS_IN_NAME]) or f"topic {topic + 1}"
        names.append(name if name not in names else f"{name} ({topic + 1})")
    return tuple(names)


def _mark(inside: int, size: int, every: int, texts: int) -> float:
    """Return how much a word marks a topic: its share inside, less that in all texts."""
    return inside / size - every / texts


def write_topics(path: Path, topics: Topics) -> None:
    """Write topics to a file, which appears whole or not at all.

    Raises:
        CorpusError: where it cannot be written.
    """
    text = json.dumps(plain(topics), ensure_ascii=False, sort_keys=True, indent=0, allow_nan=False)
    write_lines(path, text.splitlines())


def read_topics(path: Path) -> Topics | None:
    """Return the topics of a file; None where there is none.

    Raises:
        CorpusError: where it cannot be read, or holds something else.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CorpusError(f"the topics cannot be read: {error.strerror}", place=Place(str(path))) from None
    try:
        topics = TypeAdapter(Topics).validate_json(content)
        TopicSpace(topics, None if topics.embedding is None else _no_vectors)
    except (ValidationError, UsageError) as error:
        first = str(error).splitlines()[0] if isinstance(error, UsageError) else error.errors()[0]["msg"]
        raise CorpusError(
            f"this is no file of topics: {first}",
            place=Place(str(path)),
            hint="Take the file away to fit topics anew; strata by topics then begin anew, too.",
        ) from None
    return topics


def _no_vectors(texts: Sequence[str]) -> Vectors:
    return np.zeros((len(texts), 1))
