"""Reading which option of a multiple-choice question a reply takes."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

from passmuster.metrics.answers import Step, normalise

Which: TypeAlias = Literal["first", "last"]

MOST_CHARACTERS = 20_000
"""Characters from each end of a reply in which the choice is looked for."""
LONGEST_OPTION = 2000
_STEPS: tuple[Step, ...] = ("case", "punctuation", "space")
_POINT = re.compile(r"(?<=[0-9])\.(?=[0-9])")
_MINUS = re.compile(r"(?<!\w)[-\u2212](?=[0-9.])")

_JOINTS = (
    r"(?:\s+(?:is|was|are|be|would|should|must|will|therefore|thus|so|choice|option|letter|the|number)){0,10}"
)
_MARKS = r"[\s:=*_`\"'\u201c\u2018($\[{~.>-]{0,12}(?:\\(?:boxed|text|textbf|mathrm|mathbf)\s*\{[\s(]*){0,2}"
_NO_PRONOUN = r"(?!I\s+(?!(?:because|since|as|is|for)\b)[a-z])"
_END = r"(?![\w'\u2019(]|\s*=)"


class Choice(NamedTuple):
    """The letter that was read, and by what."""

    letter: str
    by: str


class _Patterns(NamedTuple):
    alone: re.Pattern[str]
    stated: re.Pattern[str]
    boxed: re.Pattern[str]
    said_right: re.Pattern[str]
    leading: re.Pattern[str]
    bracketed: re.Pattern[str]


@lru_cache(maxsize=256)
def _patterns(letters: str) -> _Patterns:
    upper = f"[{re.escape(letters.upper())}]"
    # a small letter only where nothing but a bracket or the end of the line follows: "the answer is a matter of"
    either = rf"(?:{upper}|[{re.escape(letters.lower())}](?=\s*(?:[)\]}}*.]|$)))"
    return _Patterns(
        alone=re.compile(rf"[\W_]*([{re.escape(letters.upper() + letters.lower())}])[\W_]*"),
        stated=re.compile(
            rf"(?i:\b(?:answer|choice|solution)\b{_JOINTS}){_MARKS}{_NO_PRONOUN}({either}){_END}",
            re.MULTILINE,
        ),
        boxed=re.compile(rf"\\boxed\s*\{{\s*(?:\\text\w*\s*\{{)?[\s(]*({either}){_END}"),
        said_right=re.compile(
            rf"(?:^|[\s(*\"])({upper})\)?[*\"]*(?i:\s+(?:is|would be|must be)\s+(?:the\s+)?(?:correct|right|best))"
        ),
        leading=re.compile(rf"^[\s(*_`>-]{{0,8}}({upper})(?:[).:\]]|\*\*)", re.MULTILINE),
        bracketed=re.compile(rf"[(\[]({upper})[)\]]"),
    )


def plain(text: str) -> str:
    """Return text in which options are looked for: lower case, without punctuation but that of numbers.

    Example:
        >>> plain("So 1.5!") == plain("so 15"), plain("So: 15.") == plain("so 15")
        (False, True)
    """
    # private letters, which are no punctuation
    return normalise(_MINUS.sub("\ue001", _POINT.sub("\ue000", text)), _STEPS)


def read_choice(text: str, letters: str, options: Sequence[str] = (), which: Which = "last") -> Choice | None:
    """Return the option that a reply takes, or None where it takes none.

    What is tried, the first that finds something: the letter alone; what is said to be the answer (`The answer is
    (B)`, `Answer: **B**`); a letter in `boxed`; `B is correct`; the text of exactly one option, as all of the reply or
    in it as whole words; a line that begins with `B)`; a letter in brackets. Of several the last counts, or the
    first.

    Example:
        >>> read_choice("A is tempting, but the answer is **(C)**.", "ABCD")
        Choice(letter='C', by='stated')
        >>> read_choice("It must be Paris.", "AB", ["Rome", "Paris"])
        Choice(letter='B', by='option')
    """
    if len(text) > 2 * MOST_CHARACTERS:
        text = f"{text[:MOST_CHARACTERS]}\n{text[-MOST_CHARACTERS:]}"
    patterns = _patterns(letters)
    alone = patterns.alone.fullmatch(text) if len(text) < 50 else None
    if alone is not None:
        return Choice(alone[1].upper(), "alone")
    for by in ("stated", "boxed", "said_right"):
        found = _pick(getattr(patterns, by), text, which)
        if found is not None:
            return Choice(found, by)
    place = _option_in(text, options)
    if place is not None:
        return Choice(letters[place].upper(), "option")
    for by in ("leading", "bracketed"):
        found = _pick(getattr(patterns, by), text, which)
        if found is not None:
            return Choice(found, by)
    return None


def _pick(pattern: re.Pattern[str], text: str, which: Which) -> str | None:
    found = None
    for match in pattern.finditer(text):
        found = match[1].upper()
        if which == "first":
            break
    return found


def _option_in(text: str, options: Sequence[str]) -> int | None:
    """Return the place of the only option that a text names; of options within one another the longest."""
    held = f" {plain(text)} "
    known = [f" {plain(option[:LONGEST_OPTION])} " for option in options]
    named = [place for place, option in enumerate(known) if option in held]
    outer = [
        place for place in named if not any(known[place] in known[other] for other in named if other != place)
    ]
    return outer[0] if len(outer) == 1 else None
