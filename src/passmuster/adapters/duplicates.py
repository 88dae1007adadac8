"""Near-duplicates among texts, with datasketch's MinHash, which is loaded when texts are compared."""

from collections.abc import Sequence

from passmuster.corpus.duplicates import near_duplicate_groups


def near_duplicates(texts: Sequence[str], threshold: float = 0.8) -> list[int]:
    """Return the near-duplicate group of each text, as `near_duplicate_groups` does.

    Raises:
        UsageError: for a threshold outside (0, 1].

    Example:
        >>> near_duplicates(["My card was stolen", "Where is my loan", "my card was stolen!"])
        [0, 1, 0]
    """
    return near_duplicate_groups(texts, _minhash, threshold)


def _minhash(sets: Sequence[Sequence[bytes]], numbers: int) -> list[bytes]:
    from datasketch import MinHash  # it brings half of scipy: 0.2 s that only a split should wait for

    # Its numbers have four bytes or eight, by the release; of shorter ones half of the bands would be empty, and alike.
    sketches = MinHash.generator(sets, num_perm=numbers, seed=1)
    return [sketch.hashvalues.astype("uint64").tobytes() for sketch in sketches]
