"""Near-duplicates through the real MinHash."""

from passmuster.adapters.duplicates import _minhash, near_duplicates
from passmuster.corpus.duplicates import HASH_BYTES


def test_a_signature_has_as_many_bytes_as_the_bands_are_cut_from() -> None:
    (signature,) = _minhash([[b"one two three four five"]], 128)

    assert len(signature) == 128 * HASH_BYTES


def test_texts_that_have_nothing_in_common_are_hardly_compared() -> None:
    texts = [f"{number} {number * 7} {number * 13} {number * 17} {number * 19} end" for number in range(3000)]

    assert len(set(near_duplicates([*texts, texts[0] + "!"]))) == 3000
