"""Runs of words, and their keyed digests."""

from hypothesis import given
from hypothesis import strategies as st

from passmuster.corpus.duplicates import shingles
from passmuster.corpus.ngrams import GRAM_BYTES, gram_digests, grams, words

TEXTS = st.text(alphabet="ab .,!É\n", max_size=60)


@given(TEXTS)
def test_words_are_folded_as_near_duplicates_fold_them(text: str) -> None:
    assert set(grams(text, 5)) == {" ".join(run) for run in shingles(text) if run != ("",)}


@given(TEXTS, st.integers(min_value=1, max_value=6))
def test_there_is_a_run_from_every_word_that_has_enough_after_it(text: str, n: int) -> None:
    found = list(grams(text, n))

    assert len(found) == (max(len(words(text)) - n, 0) + 1 if words(text) else 0)


def test_a_short_text_is_one_run_and_an_empty_one_none() -> None:
    assert list(grams("Yes, please!")) == ["yes please"]
    assert list(grams(" \n")) == []


def test_digests_need_the_key() -> None:
    text = " ".join(map(str, range(20)))

    assert len(gram_digests(text, b"k")) == 8
    assert all(len(each) == GRAM_BYTES for each in gram_digests(text, b"k"))
    assert gram_digests(text, b"k").isdisjoint(gram_digests(text, b"other"))


def test_half_a_surrogate_is_no_trouble() -> None:
    assert gram_digests("a \udc80 b", b"k")
