"""The options of `instructions`: what an answer must be."""

import difflib
import re
from dataclasses import dataclass
from typing import Literal

from passmuster.errors import ConfigurationError
from passmuster.metrics.answers import Step, normalise
from passmuster.metrics.patterns import compile_pattern
from passmuster.records.record import Record
from passmuster.stats.language.words import FREQUENT, ONE_LANGUAGE

Casing = Literal["lower", "upper", "title"]

_PLURAL = re.compile(r"s\b")

LANGUAGES = tuple(sorted({*FREQUENT, *ONE_LANGUAGE.values()}))
"""The languages that can be told (ISO 639-1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Between(Record):
    """A count that must lie between two, both included; either may be left out."""

    at_least: int | None = None
    at_most: int | None = None

    def __post_init__(self) -> None:
        low, high = self.at_least, self.at_most
        hint = "for example {at_least: 3, at_most: 5}"
        if low is None and high is None:
            raise ConfigurationError("a count needs at_least or at_most", hint=hint)
        if (low or 0) < 0 or (high or 0) < 0 or (low is not None and high is not None and low > high):
            raise ConfigurationError(f"no count lies between {low} and {high}", hint=hint)

    def refuses(self, count: int, what: str) -> str | None:
        """Return why a count is not met; None where it is.

        Example:
            >>> Between(at_least=3).refuses(2, "words")
            '2 words, at least 3 wanted'
        """
        if self.at_least is not None and count < self.at_least:
            return f"{_named(count, what)}, at least {self.at_least} wanted"
        if self.at_most is not None and count > self.at_most:
            return f"{_named(count, what)}, at most {self.at_most} wanted"
        return None


def _named(count: int, what: str) -> str:
    """Return a count with what was counted, which is given in the plural."""
    return f"{count} {_PLURAL.sub('', what, count=1) if count == 1 else what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Length(Record):
    """How long an answer must be."""

    words: Between | None = None
    characters: Between | None = None
    sentences: Between | None = None
    paragraphs: Between | None = None
    lines: Between | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Count(Record):
    """How many of something an answer must have; `items` are bullets and numbered items together."""

    bullets: Between | None = None
    numbered: Between | None = None
    items: Between | None = None
    headings: Between | None = None
    highlights: Between | None = None
    placeholders: Between | None = None
    code_blocks: Between | None = None
    links: Between | None = None
    capital_words: Between | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention(Record):
    """A text that must occur, so many times."""

    text: str
    at_least: int = 1
    at_most: int | None = None

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise ConfigurationError("contains: an empty text occurs everywhere")
        Between(at_least=self.at_least, at_most=self.at_most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted(Record):
    """Quotations that must stand word for word in the source: the input, with its context, or one field of it.

    Quotations of fewer than `words` words are no quotations of the source, only words set off.
    """

    at_least: int = 1
    words: int = 3
    field: str | None = None

    def __post_init__(self) -> None:
        if self.at_least < 0 or self.words < 1:
            raise ConfigurationError("quoted: at_least is 0 or more, words 1 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraints(Record):
    """What an answer must be; a constraint that is left out is none.

    `normalise` says what does not count where texts are compared, as for `exact_match`. With `whole_words` a text
    does not occur inside a longer word. Of `starts_with` and `ends_with` any is enough.
    """

    length: Length = Length()
    count: Count = Count()
    language: str | None = None
    casing: Casing | None = None
    sections: tuple[str, ...] = ()
    contains: tuple[str | Mention, ...] = ()
    excludes: tuple[str, ...] = ()
    matches: tuple[str, ...] = ()
    excludes_matches: tuple[str, ...] = ()
    starts_with: tuple[str, ...] = ()
    ends_with: tuple[str, ...] = ()
    only_json: bool = False
    no_preamble: bool = False
    quoted: Quoted | None = None
    normalise: tuple[Step, ...] = ()
    whole_words: bool = True

    def __post_init__(self) -> None:
        for pattern in (*self.matches, *self.excludes_matches):
            compile_pattern(pattern)
        if self.language is not None and self.language not in LANGUAGES:
            plain = self.language.lower().partition("-")[0].partition("_")[0]
            close = difflib.get_close_matches(plain, LANGUAGES, n=1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            raise ConfigurationError(
                f"the language {self.language!r} is not known", hint=f"{hint}codes: {', '.join(LANGUAGES)}"
            )
        self._refuse_texts()

    def _refuse_texts(self) -> None:
        texts = tuple(each if isinstance(each, str) else each.text for each in self.contains)
        texts = (*texts, *self.excludes, *self.starts_with, *self.ends_with)
        if not all(each.strip() for each in (*texts, *self.sections)):
            raise ConfigurationError("an empty text stands everywhere: leave it out")
        # Beside other words, because a text of which nothing is left stays what it is; so does the title of a section.
        steps = self.normalise
        gone = next((each for each in texts if normalise(f"0 {each} 0", steps).split() == ["0", "0"]), None)
        if gone is not None:
            raise ConfigurationError(
                f"normalise: {', '.join(steps)} leaves nothing of {gone!r}, which is never found then",
                hint="look for it with matches or excludes_matches, which take the text as it is",
            )
