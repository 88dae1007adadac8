"""Texts that are nearly the same: found by MinHash, proved by the exact Jaccard index.

Broder 1997, "On the resemblance and containment of documents"; shingles of five words and the threshold of
0.8 as in Lee et al. 2022, "Deduplicating training data makes language models better".
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from passmuster.corpus.clusters import Clusters
from passmuster.corpus.ngrams import words
from passmuster.errors import UsageError

SHINGLE_WORDS = 5
PERMUTATIONS = 128
MISS_RATE = 1e-6
"""The chance, at most, that a pair right at the threshold is never looked at (for thresholds from 0.11 on)."""

HASH_BYTES = 8
"""The bytes of each number in a signature."""

Shingles: TypeAlias = frozenset[tuple[str, ...]]

Sketch: TypeAlias = Callable[[Sequence[Sequence[bytes]], int], Sequence[bytes]]
"""Returns the MinHash signature of each set, as so many numbers of `HASH_BYTES` each."""


def shingles(text: str) -> Shingles:
    """Return the runs of five words of a text, without case and punctuation; a shorter text is one run.

    Example:
        >>> len(shingles("one two three four five six")), len(shingles("Yes!"))
        (2, 1)
    """
    found = words(text) or [""]
    last = max(len(found) - SHINGLE_WORDS, 0)
    return frozenset(tuple(found[start : start + SHINGLE_WORDS]) for start in range(last + 1))


def jaccard(first: Shingles, second: Shingles) -> float:
    """Return the shared part of two sets, in [0, 1].

    Example:
        >>> jaccard(shingles("a b c d e f"), shingles("a b c d e g"))
        0.3333333333333333
    """
    shared = len(first & second)
    return shared / (len(first) + len(second) - shared)


def near_duplicate_groups(texts: Sequence[str], sketch: Sketch, threshold: float = 0.8) -> list[int]:
    """Return a group number for each text; near-duplicates, and what hangs together by them, share one.

    Two texts are near-duplicates when the Jaccard index of their shingles is at least `threshold`, in (0, 1].
    Equal texts always share a group. Groups are numbered from 0 in order of first appearance; which texts
    share one does not depend on their order. `sketch` only says which pairs to look at.

    Raises:
        UsageError: for a threshold outside (0, 1].

    Example:
        >>> one_bucket = lambda sets, numbers: [bytes(8 * numbers)] * len(sets)
        >>> near_duplicate_groups(["My card was stolen", "Where is my loan", "my card was stolen!"], one_bucket)
        [0, 1, 0]
    """
    if not 0 < threshold <= 1:
        raise UsageError(f"threshold {threshold} is outside (0, 1]", hint="0.8 is the usual one")
    distinct: dict[Shingles, int] = {}
    owner = [distinct.setdefault(shingles(text), len(distinct)) for text in texts]
    sets = list(distinct)
    clusters = Clusters(len(sets))
    refused: set[tuple[int, int]] = set()
    for bucket in _buckets(sets, sketch, _rows(threshold)):
        _unite_bucket(bucket, sets, threshold, clusters, refused)
    number: dict[int, int] = {}
    return [number.setdefault(clusters.root(item), len(number)) for item in owner]


def _rows(threshold: float) -> int:
    """Return the most rows a band may have while a pair at the threshold is still seen almost surely."""
    rows = 1
    while (1 - threshold ** (rows + 1)) ** (PERMUTATIONS // (rows + 1)) <= MISS_RATE:
        rows += 1
        if rows == PERMUTATIONS:
            break
    return rows


def _buckets(sets: Sequence[Shingles], sketch: Sketch, rows: int) -> Iterator[list[int]]:
    encoded = [[" ".join(words).encode("utf-8", "surrogatepass") for words in found] for found in sets]
    signatures = sketch(encoded, PERMUTATIONS)
    width = rows * HASH_BYTES
    for band in range(PERMUTATIONS // rows):
        buckets: defaultdict[bytes, list[int]] = defaultdict(list)
        for item, signature in enumerate(signatures):
            buckets[signature[band * width : (band + 1) * width]].append(item)
        yield from (bucket for bucket in buckets.values() if len(bucket) > 1)


def _unite_bucket(
    bucket: Sequence[int],
    sets: Sequence[Shingles],
    threshold: float,
    clusters: Clusters,
    refused: set[tuple[int, int]],
) -> None:
    """Compare each item of a bucket with one cluster after another, until a member of it is near enough."""
    seen: dict[int, list[int]] = {}
    for item in bucket:
        for members in list(seen.values()):
            if clusters.root(members[0]) != clusters.root(item):
                _unite_near(item, members, sets, threshold, clusters, refused)
        seen.setdefault(clusters.root(item), []).append(item)


def _unite_near(
    item: int,
    members: Sequence[int],
    sets: Sequence[Shingles],
    threshold: float,
    clusters: Clusters,
    refused: set[tuple[int, int]],
) -> None:
    for member in members:
        pair = (min(item, member), max(item, member))
        if pair in refused:
            continue
        if jaccard(sets[item], sets[member]) >= threshold:
            clusters.unite(item, member)
            return
        refused.add(pair)
