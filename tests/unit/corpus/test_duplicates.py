"""Near-duplicates."""

import pytest

from passmuster.adapters.duplicates import near_duplicates
from passmuster.corpus.duplicates import PERMUTATIONS, _rows, jaccard, shingles
from passmuster.errors import UsageError

LONG = " ".join(f"word{number}" for number in range(40))


def test_equal_texts_share_a_group_whatever_their_length() -> None:
    assert near_duplicates(["a", "", "a", "", "!", "!"]) == [0, 1, 0, 1, 2, 2]


def test_case_punctuation_and_white_space_make_no_difference() -> None:
    assert near_duplicates(["Where is my card?", "where is\nmy card"]) == [0, 0]


def test_a_long_text_with_one_word_changed_at_its_end_is_a_near_duplicate() -> None:
    assert near_duplicates([LONG, f"{LONG} more", "something else entirely"]) == [0, 0, 1]


def test_texts_shorter_than_a_shingle_are_compared_whole() -> None:
    assert near_duplicates(["my card is lost", "my card is gone"]) == [0, 1]


def test_what_hangs_together_by_others_shares_a_group() -> None:
    words = LONG.split()
    chain = [" ".join(words[start : start + 30]) for start in (0, 2, 4, 6, 8)]
    assert jaccard(shingles(chain[0]), shingles(chain[-1])) < 0.8
    assert near_duplicates(chain) == [0] * 5


def test_the_threshold_decides() -> None:
    texts = [LONG, " ".join(LONG.split()[6:])]
    similarity = jaccard(shingles(texts[0]), shingles(texts[1]))
    assert near_duplicates(texts, similarity) == [0, 0]
    assert near_duplicates(texts, similarity + 0.001) == [0, 1]


@pytest.mark.parametrize("threshold", [0.2, 0.35, 0.5, 0.65, 0.8, 0.9])
def test_a_pair_at_the_threshold_is_looked_at_almost_surely(threshold: float) -> None:
    rows = _rows(threshold)
    assert (1 - threshold**rows) ** (PERMUTATIONS // rows) <= 1e-6


@pytest.mark.timeout(30)
def test_thousands_of_texts_from_one_template_are_grouped_in_seconds() -> None:
    assert set(near_duplicates([f"customer{n} {LONG}" for n in range(3000)])) == {0}


@pytest.mark.parametrize("threshold", [0.0, -1.0, 1.1, float("nan")])
def test_a_threshold_outside_its_range_is_refused(threshold: float) -> None:
    with pytest.raises(UsageError, match="threshold"):
        near_duplicates(["a"], threshold)
