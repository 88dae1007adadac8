"""Reading an answer out of a reply, and telling whether it is the reference."""

import re
import string
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal, TypeAlias

from passmuster.errors import ConfigurationError
from passmuster.metrics.json_text import find_json
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.digest import canonical
from passmuster.records.record import Json, Record

Step: TypeAlias = Literal["case", "space", "punctuation", "accents", "articles", "quotes"]
Scalar: TypeAlias = str | int | float | bool | None

NUMBER = re.compile(r"[+-]?[0-9]{1,300}(\.[0-9]{1,300})?([eE][+-]?[0-9]{1,5})?")
ARTICLES = frozenset({"a", "an", "the"})
PATTERNS = "passmuster.metrics.patterns"
"""What reads patterns and paths: it brings two libraries, so it is loaded for a metric with an `extract` only."""

REPAIR = "passmuster.metrics.structure.repair"
"""What repairs JSON: it stands above this module, and is loaded for an `extract` that asks for it only."""
QUOTES = "'\"`\u201c\u201d\u201e\u2018\u2019\u201a\u00ab\u00bb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract(Record):
    """Where in a reply the answer stands: exactly one of an RE2 pattern and a JSON path.

    A pattern reads its group `answer`, else its first group, else the whole match. A path reads a reply that is
    JSON, or that has JSON in a ``` fence; with `repaired` also one that is after the usual repairs.
    """

    regex: str | None = None
    json_path: str | None = None
    which: Literal["first", "last"] = "first"
    repaired: bool = False

    def __post_init__(self) -> None:
        if (self.regex is None) == (self.json_path is None):
            raise ConfigurationError("extract needs either regex or json_path", hint="extract: {regex: ...}")
        if self.repaired and self.json_path is None:
            raise ConfigurationError(
                "extract: repaired is for a json_path", hint="extract: {json_path: $.answer}"
            )
        if self.regex is not None:
            _patterns().compile_pattern(self.regex)
        if self.json_path is not None:
            _patterns().compile_path(self.json_path)


def read_answer(text: str, extract: Extract | None) -> Json | Unreadable:
    r"""Return the answer in a reply: all of its text, or what `extract` finds.

    Example:
        >>> read_answer("I say B. No: C.", Extract(regex=r"\b([A-D])\b", which="last"))
        'C'
    """
    if extract is None:
        return text.strip()
    found: list[Json] = []
    for item in _found(text, extract):
        if isinstance(item, Unreadable):
            return item
        if extract.which == "first":
            return item
        found[:] = [item]
    return found[0] if found else Unreadable(reason=f"nothing matches {extract.regex or extract.json_path}")


def _found(text: str, extract: Extract) -> Iterator[Json | Unreadable]:
    if extract.regex is not None:
        yield from _patterns().find_all(extract.regex, text)
        return
    value = find_json(text)
    if extract.repaired and isinstance(value, Unreadable):
        found = import_module(REPAIR).repaired(text)
        value = found if isinstance(found, Unreadable) else found.value
    if isinstance(value, Unreadable):
        yield value
    else:
        yield from _patterns().follow(extract.json_path or "$", value)


def _patterns() -> Any:
    return import_module(PATTERNS)


def normalise(text: str, steps: Sequence[Step]) -> str:
    """Return `text` without what `steps` say does not count; white space around it never does.

    `case` folds letters, `accents` drops marks, `punctuation` drops ASCII punctuation and Unicode category P,
    `articles` drops a, an and the, `space` makes every run of white space one blank, `quotes` drops quotation
    marks around the whole. A step that would leave nothing leaves the text as it is, so that the label `A` stays.

    Example:
        >>> normalise(" The  Café! ", ("case", "punctuation", "accents", "articles"))
        'cafe'
    """
    result = text.strip()
    for step in (each for each in _STEPS if each in steps):
        result = _STEPS[step](result).strip() or result
    return result


def _without_accents(text: str) -> str:
    # letter by letter: over a whole text, ordering a long run of marks takes quadratic time
    parts = "".join(unicodedata.normalize("NFKD", letter) for letter in text)
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def _without_punctuation(text: str) -> str:
    return "".join(letter for letter in text if not _is_punctuation(letter))


def _without_articles(text: str) -> str:
    return " ".join(word for word in text.split() if word.casefold() not in ARTICLES)


def _is_punctuation(letter: str) -> bool:
    return letter in string.punctuation or unicodedata.category(letter).startswith("P")


_STEPS: Mapping[Step, Callable[[str], str]] = {
    "quotes": lambda text: text.strip(QUOTES + string.whitespace),
    "accents": _without_accents,
    "case": str.casefold,
    "punctuation": _without_punctuation,
    "articles": _without_articles,
    "space": lambda text: " ".join(text.split()),
}
"""What each step does, in the order in which they are done."""


def same(answer: Json, reference: Json, steps: Sequence[Step] = (), *, any_order: bool = False) -> bool:
    """Return whether two JSON values mean the same.

    Texts are compared after `steps`. Numbers are compared as numbers, also with a text that is one (`"12.0"`
    and 12). True and false equal their names, in any case. Lists and objects are compared part by part.

    Example:
        >>> same("12.50", 12.5), same("TRUE", True), same("Yes", "yes"), same("Yes", "yes", ("case",))
        (True, True, False, True)
    """
    if isinstance(reference, str) and isinstance(answer, str):  # nearly always
        return answer == reference or normalise(answer, steps) == normalise(reference, steps)
    if isinstance(reference, Mapping):
        return (
            isinstance(answer, Mapping)
            and answer.keys() == reference.keys()
            and all(same(answer[name], part, steps) for name, part in reference.items())
        )
    if isinstance(reference, list | tuple):
        if not isinstance(answer, list | tuple) or len(answer) != len(reference):
            return False
        return _same_lists(answer, reference, steps, any_order=any_order)
    if isinstance(answer, Mapping | list | tuple):
        return False
    return _same_scalars(answer, reference)


def _same_lists(
    answer: Sequence[Json], reference: Sequence[Json], steps: Sequence[Step], *, any_order: bool
) -> bool:
    if not any_order:
        return all(same(one, other, steps) for one, other in zip(answer, reference, strict=True))
    left = list(answer)
    for part in reference:
        match = next((index for index, item in enumerate(left) if same(item, part, steps)), None)
        if match is None:
            return False
        del left[match]
    return True


def _same_scalars(answer: Json, reference: Json) -> bool:
    if isinstance(answer, bool | None) or isinstance(reference, bool | None):
        return as_text(answer).strip().casefold() == as_text(reference).strip().casefold()
    one, other = _number(answer), _number(reference)
    return one is not None and one == other


def _number(value: Json) -> int | float | None:
    if isinstance(value, int | float):
        return value
    text = str(value).strip()
    if NUMBER.fullmatch(text) is None:
        return None
    return int(text) if text.lstrip("+-").isdigit() else float(text)


def as_text(value: Json) -> str:
    """Return a JSON value as text: a text as it is, anything else as JSON.

    Example:
        >>> as_text("a"), as_text(True), as_text(1.0)
        ('a', 'true', '1.0')
    """
    if isinstance(value, str):
        return value
    try:
        return canonical(value).decode("utf-8", "surrogatepass")
    except (ValueError, TypeError, RecursionError):  # from Python, a reference may be no JSON at all
        return f"<{type(value).__name__}>"
