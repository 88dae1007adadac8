"""Stems of English words: those of the paper, and those that NLTK gives otherwise."""

import pytest
from nltk.stem.porter import PorterStemmer

from passmuster.stats.porter import LONGEST_WORD, stem

PAPER = (
    "caresses ponies ties caress cats feed agreed plastered bled motoring sing conflated troubled sized hopping "
    "tanned falling hissing fizzed failing filing happy sky relational conditional rational valenci hesitanci "
    "digitizer conformabli radicalli differentli vileli analogousli vietnamization predication operator feudalism "
    "decisiveness hopefulness callousness formaliti sensitiviti sensibiliti triplicate formative formalize "
    "electriciti electrical hopeful goodness revival allowance inference airliner gyroscopic adjustable defensible "
    "irritant replacement adjustment dependent adoption homologou communism activate angulariti homologous "
    "effective bowdlerize probate rate cease controll roll"
)
OTHERWISE = (
    "died spied tied tried dies flies lies skies dying lying innings news exceed enjoy say spy fly geology theology "
    "archaeology fully hopefully really finally basically be is as a yes by yyyyy sayyed aeiou 1990s u2s"
)


@pytest.mark.parametrize("word", [*PAPER.split(), *OTHERWISE.split()])
def test_a_stem_is_that_of_nltk(word: str) -> None:
    assert stem(word) == PorterStemmer().stem(word)


def test_what_is_too_long_for_a_word_stays_as_it_is() -> None:
    assert stem("y" * LONGEST_WORD + "s") == "y" * LONGEST_WORD + "s"
