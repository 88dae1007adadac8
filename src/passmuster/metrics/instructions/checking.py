"""Does a text meet a constraint, and if not, why."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from passmuster.errors import ConfigurationError
from passmuster.metrics.answers import Step, normalise
from passmuster.metrics.instructions import measures
from passmuster.metrics.instructions.options import Between, Constraints, Mention, Quoted
from passmuster.metrics.instructions.preamble import preamble_of
from passmuster.metrics.json_text import parse_json
from passmuster.metrics.metric import shown
from passmuster.metrics.patterns import compile_pattern
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.case import Case, Conversation
from passmuster.records.record import Json
from passmuster.records.text import input_text
from passmuster.stats.language.detect import UNKNOWN, language_of

Reason: TypeAlias = str | None
"""Why a constraint is not met; None where it is."""

MOST_QUOTATIONS = 200
"""Quotations that are looked up in the source; a text with more is taken for an attack."""

MOST_PLACES = 100
"""Places inside words of the source at which a quotation is found before it counts as not found."""

TITLE_LETTERS = 4
"""Letters from which a word of a title must begin with a capital."""

_MARKS = {0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0x2026: "..."}
_BARE = " \t#*_>:.)("


class Constraint(NamedTuple):
    """One thing that an answer must be: its name, and what looks whether a text is so."""

    name: str
    refuses: Callable[[str], Reason]


def constraints_of(wanted: Constraints, case: Case) -> Iterator[Constraint]:
    """Yield the constraints that options ask for, in the order of the options.

    Example:
        >>> found = constraints_of(Constraints(casing="lower", excludes=("fee",)), Case(id="1", input=""))
        >>> [each.refuses("No fee.") for each in found]
        ["a capital letter: 'N'", "it has 'fee'"]
    """
    reader = Reader(wanted.normalise)
    yield from _counted("length", wanted.length, LENGTHS)
    yield from _counted("count", wanted.count, COUNTS)
    if wanted.language is not None:
        yield Constraint("language", lambda text: _language(text, wanted.language or ""))
    if wanted.casing is not None:
        yield Constraint("casing", CASINGS[wanted.casing])
    yield from _texts(wanted, reader)
    yield from _ends(wanted, reader)
    yield from _patterns(wanted)
    if wanted.only_json:
        yield Constraint("only_json", _only_json)
    if wanted.no_preamble:
        yield Constraint("no_preamble", _no_preamble)
    if wanted.quoted is not None:
        yield Constraint("quoted", _quoting(wanted.quoted, case))


LENGTHS: Mapping[str, Callable[[str], int]] = {
    "words": measures.count_words,
    "characters": len,
    "sentences": measures.count_sentences,
    "paragraphs": lambda text: len(measures.paragraphs(text)),
    "lines": measures.count_lines,
}
COUNTS: Mapping[str, Callable[[str], int]] = {
    "bullets": measures.count_bullets,
    "numbered": measures.count_numbered,
    "items": lambda text: measures.count_bullets(text) + measures.count_numbered(text),
    "headings": lambda text: len(measures.headings(text)),
    "highlights": measures.count_highlights,
    "placeholders": measures.count_placeholders,
    "code_blocks": measures.count_code_blocks,
    "links": measures.count_links,
    "capital_words": measures.count_capital_words,
}


def _counted(within: str, wanted: object, counts: Mapping[str, Callable[[str], int]]) -> Iterator[Constraint]:
    for what, count in counts.items():
        between = getattr(wanted, what)
        if between is not None:
            yield Constraint(f"{within}.{what}", _count(between, count, what.replace("_", " ")))


def _count(between: Between, count: Callable[[str], int], what: str) -> Callable[[str], Reason]:
    return lambda text: between.refuses(count(text.strip()), what)


class Reader:
    """Normalises a text once for all constraints that look at it one after the other."""

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self._steps = steps
        self._text = self._read = ""

    def __call__(self, text: str) -> str:
        """Return a text without what does not count."""
        if text is not self._text:
            self._text, self._read = text, normalise(text, self._steps)
        return self._read


def _texts(wanted: Constraints, reader: Reader) -> Iterator[Constraint]:
    whole = wanted.whole_words
    if wanted.sections:
        yield Constraint("sections", lambda text: _sections(text, wanted))
    if wanted.contains:
        mentions = [(each, normalise(each.text, wanted.normalise)) for each in map(_mention, wanted.contains)]
        yield Constraint(
            "contains",
            lambda text: _first(
                _mentioned(each, occurrences(normal, reader(text), whole=whole)) for each, normal in mentions
            ),
        )
    if wanted.excludes:
        unwanted = [(each, normalise(each, wanted.normalise)) for each in wanted.excludes]
        yield Constraint(
            "excludes",
            lambda text: _first(
                f"it has {shown(each)!r}" if occurrences(normal, reader(text), whole=whole) else None
                for each, normal in unwanted
            ),
        )


def _ends(wanted: Constraints, reader: Reader) -> Iterator[Constraint]:
    starts = tuple(normalise(each, wanted.normalise) for each in wanted.starts_with)
    if starts:
        yield Constraint(
            "starts_with",
            lambda text: (
                None if reader(text).startswith(starts) else f"it starts with {shown(text.strip()[:40])!r}"
            ),
        )
    ends = tuple(normalise(each, wanted.normalise) for each in wanted.ends_with)
    if ends:
        yield Constraint(
            "ends_with",
            lambda text: (
                None if reader(text).endswith(ends) else f"it ends with {shown(text.strip()[-40:])!r}"
            ),
        )


def _mention(each: str | Mention) -> Mention:
    return each if isinstance(each, Mention) else Mention(text=each)


def _mentioned(wanted: Mention, count: int) -> Reason:
    between = Between(at_least=wanted.at_least, at_most=wanted.at_most)
    reason = between.refuses(count, f"times {shown(wanted.text)!r}")
    return f"it lacks {shown(wanted.text)!r}" if reason and not count else reason


def _first(reasons: Iterator[Reason]) -> Reason:
    return next((reason for reason in reasons if reason is not None), None)


def occurrences(wanted: str, text: str, *, whole: bool) -> int:
    """Return how often a text occurs in another, without overlap; `whole`: not inside a longer word.

    Next to letters of scripts that put no blanks between words, every place is the end of a word.

    Example:
        >>> occurrences("rock", "Rock, rock, rocket", whole=True), occurrences("猫", "小猫在", whole=True)
        (1, 1)
    """
    if not wanted:
        return 0
    if not whole:
        return text.count(wanted)
    count, start = 0, text.find(wanted)
    while start >= 0:
        inside = _inside(wanted, text, start)
        count += not inside
        start = text.find(wanted, start + 1 if inside else start + len(wanted))
    return count


def _inside(wanted: str, text: str, start: int) -> bool:
    """Return whether a text that stands at a place of another one begins or ends inside a word there."""
    end = start + len(wanted)
    return (start > 0 and _joined(text[start - 1], wanted[0])) or (
        end < len(text) and _joined(wanted[-1], text[end])
    )


def _joined(one: str, other: str) -> bool:
    """Return whether two letters beside each other belong to one word."""
    both = one + other
    return all(each.isalnum() or each == "_" for each in both) and not any(map(measures.is_unspaced, both))


def _sections(text: str, wanted: Constraints) -> Reason:
    """Look for each section as a line of its own, or as the beginning of one before a colon, in order."""
    rest = _headed(text, wanted.normalise)
    for name in wanted.sections:
        title = normalise(name.strip(_BARE), wanted.normalise)
        if not any(title in titles for titles in rest):
            elsewhere = any(title in titles for titles in _headed(text, wanted.normalise))
            return f"no section {shown(name)!r}" + (" in its place" if elsewhere else "")
    return None


def _headed(text: str, steps: tuple[Step, ...]) -> Iterator[tuple[str, ...]]:
    """Yield of each line what it may say as a heading."""
    for line in text.splitlines():
        if line.strip():
            yield tuple(normalise(title, steps) for title in _titles(line))


def _titles(line: str) -> Iterator[str]:
    """Yield a line without marks, and what stands before a colon of it, both also without a number in front."""
    bare = line.strip(_BARE)
    for title in (bare, bare.partition(":")[0].strip(_BARE)):
        yield title
        number, _, rest = title.partition(" ")
        if rest and number.strip(".)").replace(".", "").isdigit():
            yield rest.strip(_BARE)


def _patterns(wanted: Constraints) -> Iterator[Constraint]:
    if wanted.matches:
        yield Constraint(
            "matches",
            lambda text: _first(
                None if _found(each, text) else f"nothing matches {shown(each)}" for each in wanted.matches
            ),
        )
    if wanted.excludes_matches:
        yield Constraint(
            "excludes_matches",
            lambda text: _first(
                f"something matches {shown(each)}" if _found(each, text) else None
                for each in wanted.excludes_matches
            ),
        )


def _found(pattern: str, text: str) -> bool:
    return compile_pattern(pattern).search(text.encode("utf-8", "replace").decode("utf-8")) is not None


def _language(text: str, wanted: str) -> Reason:
    found = language_of(text)
    return None if found == wanted else f"the language is {'unclear' if found == UNKNOWN else found}"


def _lower(text: str) -> Reason:
    capital = next((each for each in text if each.isupper() or each.istitle()), None)
    return None if capital is None else f"a capital letter: {shown(capital)!r}"


def _upper(text: str) -> Reason:
    small = next((each for each in text if each.islower()), None)
    return None if small is None else f"a small letter: {shown(small)!r}"


def _in_title_case(text: str) -> Reason:
    words = (word.strip("\"'()[]*_#.,:;!?") for word in text.split())
    small = next((word for word in words if len(word) >= TITLE_LETTERS and word[0].islower()), None)
    return None if small is None else f"a word without a capital: {shown(small)!r}"


CASINGS: Mapping[str, Callable[[str], Reason]] = {"lower": _lower, "upper": _upper, "title": _in_title_case}


def _only_json(text: str) -> Reason:
    value = parse_json(text)
    return value.reason if isinstance(value, Unreadable) else None


def _no_preamble(text: str) -> Reason:
    line = preamble_of(text)
    return None if line is None else f"it begins with {shown(line)!r}"


def _quoting(wanted: Quoted, case: Case) -> Callable[[str], Reason]:
    source = _plain(_source(case, wanted.field))

    def refuses(text: str) -> Reason:
        count = 0
        for quotation in measures.quotations(text):
            if measures.count_words(quotation) < wanted.words:
                continue
            count += 1
            if count > MOST_QUOTATIONS:
                return f"more than {MOST_QUOTATIONS} quotations"
            words = _plain(quotation).strip(" .,;:!?")
            if not _stands(words, source):
                return f"not in the source: {shown(quotation)!r}"
        return Between(at_least=wanted.at_least).refuses(count, "quotations of the source")

    return refuses


def _stands(words: str, source: str) -> bool:
    """Return whether a quotation stands in the source, and neither begins nor ends inside a word there."""
    start = source.find(words)
    for _ in range(MOST_PLACES):
        if start < 0 or not _inside(words, source, start):
            break
        start = source.find(words, start + 1)
    else:
        return False
    return start >= 0


def _source(case: Case, field: str | None) -> str:
    if field is None or isinstance(case.input, str | Conversation):
        return input_text(case.input)
    if field not in case.input:
        raise ConfigurationError(f"the input has no field {field!r}")
    value: Json = case.input[field]
    return value if isinstance(value, str) else input_text({field: value})


def _plain(text: str) -> str:
    return " ".join(text.translate(_MARKS).split())
