"""Where in a text these words stand, and how a long text is cut into pieces."""

import re
from typing import NamedTuple

_AS_COMPARED = str.maketrans(
    {
        **dict.fromkeys("*`_#\\", ""),  # marks of Markdown, which models leave out where they copy words
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        "\u2026": "...",
    }
)

_BORDERS = (
    re.compile(r"\n[ \t]*\n\s*"),
    re.compile(r"\n\s*"),
    re.compile(r"[.!?\u3002]\s+"),
    re.compile(r"\s+"),
)
"""Where a text is cut, the best place first: between paragraphs, lines, sentences, words."""


class Passage(NamedTuple):
    """A stretch of a text, in characters from 0; `end` is one past the last."""

    start: int
    end: int


class Quotable:
    r"""A text in which quotes are looked up, in time linear in its length for each.

    A quote is found word for word, else whatever the white space, the upper case, the form of quotation marks and dashes,
    and the marks of Markdown.

    Example:
        >>> text = Quotable("The fee is **5 %**, \u201cat most\u201d.\nAlways.")
        >>> text.find('fee is 5 %, "at most". Always')
        Passage(start=4, end=37)
        >>> text.find("The fee is 6 %") is None
        True
    """

    def __init__(self, text: str) -> None:
        """Keep the text; it is looked through when a quote is not found word for word."""
        self.text = text
        self._folded: tuple[str, list[int]] | None = None

    def find(self, quote: str, start: int = 0) -> Passage | None:
        """Return where a quote stands: first from `start` on, else from the beginning; None where nowhere."""
        words = quote.strip()
        if not words:
            return None
        for begin in dict.fromkeys((start, 0)):
            place = self.text.find(words, begin)
            if place >= 0:
                return Passage(place, place + len(words))
        return self._find_folded(words, start)

    def find_words(self, words: str) -> Passage | None:
        """Return where these stand first as whole words, whatever their capitals, blanks and marks.

        Example:
            >>> Quotable("Cats: a **Cat**.").find_words("cat")
            Passage(start=10, end=13)
        """
        text, places = self._laid_out()
        wanted = folded(words)
        found = text.find(wanted) if wanted else -1
        while found >= 0:
            end = found + len(wanted)
            if not text[found - 1 : found].isalnum() and not text[end : end + 1].isalnum():
                return Passage(places[found], places[end - 1] + 1)
            found = text.find(wanted, found + 1)
        return None

    def line(self, place: int) -> int:
        """Return the line, from 1, that a character stands on."""
        return self.text.count("\n", 0, place) + 1

    def _laid_out(self) -> tuple[str, list[int]]:
        """Return the text as quotes are compared, and the place in it of each of its letters."""
        if self._folded is None:
            letters: list[str] = []
            places: list[int] = []
            for place, letter in enumerate(self.text):
                same = " " if letter.isspace() else letter.translate(_AS_COMPARED).casefold()
                if same and not (same == " " and letters[-1:] == [" "]):
                    letters += same
                    places += [place] * len(same)
            self._folded = "".join(letters), places
        return self._folded

    def _find_folded(self, words: str, start: int) -> Passage | None:
        text, places = self._laid_out()
        wanted = folded(words)
        if not wanted:
            return None
        found = text.find(wanted)
        later = found
        while later >= 0 and places[later] < start:
            later = text.find(wanted, later + len(wanted))
        found = later if later >= 0 else found
        return None if found < 0 else Passage(places[found], places[found + len(wanted) - 1] + 1)


def folded(text: str) -> str:
    r"""Return a text as quotes are compared: in small letters, with single blanks, plain marks and no Markdown.

    Example:
        >>> folded(" It\u2019s\n**Over** ")
        "it's over"
    """
    return " ".join(text.translate(_AS_COMPARED).casefold().split())


def pieces_of(text: str, longest: int) -> list[Passage]:
    r"""Return the pieces of a text, in order and without a gap: each of at most `longest` characters, cut as late as may be.

    Example:
        >>> text = "One is here. Two is.\n\nThree."
        >>> [text[piece.start : piece.end] for piece in pieces_of(text, 24)]
        ['One is here. Two is.\n\n', 'Three.']
    """
    found, start = [], 0
    while start < len(text):
        end = len(text) if len(text) - start <= longest else _border(text, start, start + longest)
        if not text[start:end].isspace():
            found.append(Passage(start, end))
        start = end
    return found


def _border(text: str, start: int, end: int) -> int:
    """Return where to cut: at the last border of the best kind in the second half, else where the room ends."""
    middle = start + (end - start) // 2
    for border in _BORDERS:
        ends = [found.end() for found in border.finditer(text, middle, end)]
        if ends:
            return ends[-1]
    return end
