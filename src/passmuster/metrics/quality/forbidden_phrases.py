"""Does a reply hold none of these phrases: `forbidden_phrases`."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from passmuster.errors import ConfigurationError
from passmuster.metrics.metric import UNIT, Bounds, Summary, shown
from passmuster.metrics.patterns import compile_pattern
from passmuster.metrics.quality.words import FILLER
from passmuster.metrics.quotes import Quotable, folded
from passmuster.records.case import Case
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score
from passmuster.records.trial import Reply

LONGEST = 200_000
"""Characters of a reply that are looked through."""

MOST_PHRASES = 500
MOST_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ForbiddenPhrases(Record):
    r"""1 where a reply holds none of the phrases and matches none of the patterns, else 0.

    A phrase is found as whole words, whatever the capitals, the blanks, the form of quotation marks and dashes, and
    marks of Markdown in it.

    Args:
        phrases: Your own.
        patterns: RE2 patterns, such as `(?i)as an? (?:AI|language) model`.
        filler: The ready lists of filler that count too, by language: `en`, `de`.

    Example:
        >>> score = ForbiddenPhrases().score(Case(id="1", input=""), Reply(text="Paid.\nI  hope this helps!"))
        >>> score.value, score.details["forbidden"], score.details["places"]
        (0.0, ['I hope this helps'], [{'phrase': 'I hope this helps', 'line': 2, 'start': 6, 'end': 24}])
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = True
    summary: ClassVar[Summary] = "mean"

    name: str = "forbidden_phrases"
    phrases: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    filler: tuple[str, ...] = ("en",)
    _wanted: Any = field(init=False, repr=False, compare=False, default=())

    def __post_init__(self) -> None:
        for pattern in self.patterns:
            if compile_pattern(pattern).search("") is not None:
                raise ConfigurationError(f"pattern {pattern!r} matches every reply, an empty one too")
        for language in self.filler:
            if language not in FILLER:
                raise ConfigurationError(
                    f"filler: there is no list for {language!r}", hint=f"lists: {', '.join(FILLER)}"
                )
        every = (*self.phrases, *(phrase for language in self.filler for phrase in FILLER[language]))
        wanted = {folded(phrase): phrase for phrase in reversed(every)}
        if "" in wanted:
            raise ConfigurationError("phrases: one of them is empty", hint="write words")
        if len(wanted) > MOST_PHRASES or not (wanted or self.patterns):
            told = f"{len(wanted)} phrases" if wanted else "neither phrases nor patterns"
            raise ConfigurationError(f"{told} are given", hint=f"1 to {MOST_PHRASES} phrases, or a pattern")
        object.__setattr__(self, "_wanted", tuple(sorted(wanted.items())))

    def score(self, case: Case, reply: Reply) -> Score:
        """Return 1 or 0, with what was found and where."""
        del case
        text = reply.text[:LONGEST]
        places = [*self._phrases_in(text), *self._matches_in(text)]
        places.sort(key=lambda each: (each["start"], each["end"]))
        forbidden: list[Json] = list(dict.fromkeys(each["phrase"] for each in places))
        return Score(
            value=float(not places),
            details={
                "forbidden": forbidden[:MOST_SHOWN],
                "places": places[:MOST_SHOWN],
                "count": len(places),
            },
        )

    def _phrases_in(self, text: str) -> Iterator[dict[str, Any]]:
        """Yield every phrase once, at its first place."""
        flat = folded(text)
        near = [(bare, phrase) for bare, phrase in self._wanted if bare in flat]
        if not near:
            return
        quotable = Quotable(text)
        for _, phrase in near:
            found = quotable.find_words(phrase)
            if found is not None:
                line = quotable.line(found.start)
                yield {"phrase": shown(phrase), "line": line, "start": found.start, "end": found.end}

    def _matches_in(self, text: str) -> Iterator[dict[str, Any]]:
        """Yield what each pattern matches first: one search, which is linear."""
        clean = text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
        for pattern in self.patterns:
            found = compile_pattern(pattern).search(clean)
            if found is not None:
                start, end = found.span()
                line = clean.count("\n", 0, start) + 1
                yield {"phrase": shown(clean[start:end]), "line": line, "start": start, "end": end}
