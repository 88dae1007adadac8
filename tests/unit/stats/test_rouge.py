"""ROUGE-L is that of the definition, in linear space."""

import pytest

from passmuster.stats.rouge import common_length, rouge_l


def by_table(first: str, second: str) -> int:
    """Return the length of the longest common subsequence by the textbook's table."""
    row = [0] * (len(second) + 1)
    for one in first:
        above = 0
        for place, other in enumerate(second, start=1):
            above, row[place] = row[place], above + 1 if one == other else max(row[place], row[place - 1])
    return row[-1]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("", ""),
        ("a", ""),
        ("", "a"),
        ("abc", "abc"),
        ("abc", "cba"),
        ("aaaa", "aa"),
        ("xaxbxc" * 40, "abc" * 50),
    ],
)
def test_the_length_is_that_of_the_table(first: str, second: str) -> None:
    assert common_length(first, second) == by_table(first, second) == common_length(second, first)


def test_figures_of_the_paper() -> None:
    # Lin 2004, section 3.1: "police killed the gunman" against two candidates.
    reference = "police killed the gunman"
    assert rouge_l("police kill the gunman", reference).f1 == pytest.approx(0.75)
    assert rouge_l("the gunman kill police", reference).f1 == pytest.approx(0.5)


def test_precision_looks_at_the_text_and_recall_at_the_reference() -> None:
    found = rouge_l("a b c d", "a b")
    assert (found.precision, found.recall) == (0.5, 1.0)
    assert found.f1 == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("text", "reference", "f1"), [("", "", 1.0), ("", "a", 0.0), ("a", "", 0.0), ("?!", ".", 1.0)]
)
def test_texts_without_words(text: str, reference: str, f1: float) -> None:
    assert rouge_l(text, reference).f1 == f1
