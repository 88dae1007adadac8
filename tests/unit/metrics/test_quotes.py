import pytest

from passmuster.metrics.quotes import Quotable, pieces_of


@pytest.mark.parametrize(
    ("text", "quote", "words"),
    [
        ("The fee is 5 %.", "fee is 5 %", "fee is 5 %"),
        ("The  fee\nis 5 %.", "fee is 5 %", "fee\nis 5 %"),
        ("The **fee** is `5` %.", "fee is 5 %", "fee** is `5` %"),
        ("He said \u201cno\u201d.", 'said "no"', "said \u201cno\u201d"),
        ("a \u2014 b", "a - b", "a \u2014 b"),
        ("STRASSE", "straße", "STRASSE"),
        ("wait\u2026 what", "wait... what", "wait\u2026 what"),
    ],
)
def test_a_quote_is_found_whatever_its_blanks_marks_and_capitals(text: str, quote: str, words: str) -> None:
    found = Quotable(text).find(quote)
    assert found is not None
    assert text[found.start : found.end] == words


@pytest.mark.parametrize("quote", ["fee is 6 %", "", "  ", "**", "the fee is 5 % at least"])
def test_other_words_are_nowhere(quote: str) -> None:
    assert Quotable("The fee is 5 %.").find(quote) is None


def test_of_equal_words_those_from_a_place_on_are_taken_and_the_first_where_there_are_none() -> None:
    text = Quotable("It rained. It  RAINED. It rained.")
    places = [text.find("It rained", start) for start in (0, 1, 24)]
    assert [place.start for place in places if place] == [0, 23, 0]
    assert [place.start for place in [Quotable("a B. A b.").find("a b", 1)] if place] == [5]


def test_pieces_hold_all_of_a_text_but_blanks_and_none_is_too_long() -> None:
    for text in ("word " * 3000, "x" * 9999, "One.\n\nTwo. " * 800, "\n" * 5000 + "end", "", " "):
        pieces = pieces_of(text, 1000)
        assert "".join(text[piece.start : piece.end] for piece in pieces).split() == text.split()
        assert all(piece.end - piece.start <= 1000 for piece in pieces)


def test_a_text_is_cut_between_paragraphs_where_it_can_be() -> None:
    text = "A sentence. " * 60 + "\n\n" + "Another one. " * 60
    first, *_ = pieces_of(text, 1000)
    assert text[first.start : first.end].endswith("\n\n")
