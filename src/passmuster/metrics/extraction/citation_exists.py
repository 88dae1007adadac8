"""Is what the answer cites really there: `citation_exists`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import re2

from passmuster.errors import ConfigurationError
from passmuster.metrics.answers import as_text
from passmuster.metrics.json_text import find_json
from passmuster.metrics.metric import UNIT, Bounds, Summary, shown
from passmuster.metrics.patterns import compile_path, compile_pattern, find_all, follow
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.case import Case, Conversation
from passmuster.records.json_kind import kind_of
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.text import input_text
from passmuster.records.trial import Reply

MOST_CITATIONS = 500
"""Different citations that are looked up; an answer with more is taken for an attack, and is wrong."""

LONGEST_CITATION = 200
"""Characters; a longer one is no citation, and does not exist."""

NO_BLANKS = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
"""Letters that stand next to a citation without a blank."""

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationExists(Record):
    r"""1 where everything that the answer cites is in the input, else 0.

    Where the reference cites something, an answer that cites nothing is wrong too. Whether the citation is the
    right one is another metric's question.

    Args:
        field: Where a JSON answer cites: a field's name or a JSON path. None: the answer is plain text.
        cited: RE2 pattern that reads citations out of that text, such as `[Cc]lause ([0-9.]+)`. None: each
            text of `field` is one citation. One of the two is needed.
        pattern: RE2 pattern whose group 1 lists what can be cited in the input, such as
            `(?m)^([0-9]+(?:[.][0-9]+)*)[ \t]`. None: a citation exists where it occurs as a whole word, or is
            the id of a document of the context.

    Example:
        >>> case = Case(id="1", input="4.1 Payment is due at once. 4.2 Late payment costs 5%.")
        >>> metric = CitationExists(field="clause")
        >>> metric.score(case, Reply(text='{"clause": "4.3"}')).details["invented"]
        ['4.3']
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = True
    summary: ClassVar[Summary] = "mean"

    name: str = "citation_exists"
    field: str | None = None
    cited: str | None = None
    pattern: str | None = None

    def __post_init__(self) -> None:
        if self.field is not None and self.field.startswith("$"):
            compile_path(self.field)
        for pattern in (self.cited, self.pattern):
            if pattern is not None:
                compile_pattern(pattern)
        if self.field is None and self.cited is None:
            raise ConfigurationError(
                "citation_exists does not know where an answer cites",
                hint="give field (a name in a JSON answer) or cited (a pattern for plain text)",
            )

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return 1 or 0, with what was cited and what of it is invented."""
        read = self._read(find_json(reply.text) if self.field is not None else reply.text)
        if isinstance(read, Unreadable):
            return Score(
                value=0.0, details={"cited": [], "invented": [], "unreadable": True, "reason": read.reason}
            )
        exists = self._lookup(case)
        if isinstance(exists, Unreadable):
            return ScoreFailure(kind="pattern_limit", message=f"input of case {case.id!r}: {exists.reason}")
        invented = [citation for citation in read if not exists(citation)]
        silent = not read and self._expected(case)
        return Score(
            value=float(not invented and not silent),
            answer=shown(", ".join(read[:MOST_SHOWN])),
            details={"cited": _listed(read), "invented": _listed(invented)},
        )

    def _expected(self, case: Case) -> bool:
        if case.reference is None:
            return False
        expected = self._read(case.reference)
        return isinstance(expected, list) and bool(expected)

    def _read(self, value: Json | Unreadable) -> list[str] | Unreadable:
        """Return the different citations of an answer (or of a reference), in order."""
        found: dict[str, None] = {}
        for item in self._citations(value):
            if isinstance(item, Unreadable):
                return item
            found.setdefault(_bare(item))
            if len(found) > MOST_CITATIONS:
                return Unreadable(reason=f"more than {MOST_CITATIONS} different citations")
        found.pop("", None)
        return list(found)

    def _citations(self, value: Json | Unreadable) -> Iterator[str | Unreadable]:
        for text in self._texts(value):
            if isinstance(text, Unreadable) or self.cited is None:
                yield text
            else:
                yield from find_all(self.cited, text)

    def _texts(self, value: Json | Unreadable) -> Iterator[str | Unreadable]:
        if isinstance(value, Unreadable):
            yield value
        elif self.field is None or isinstance(value, str):
            yield as_text(value)
        elif self.field.startswith("$"):
            yield from (text for item in follow(self.field, value) for text in _scalars(item))
        elif isinstance(value, dict):
            yield from _scalars(value.get(self.field))
        else:
            yield Unreadable(reason=f"the answer is {kind_of(value)}, not an object of fields")

    def _lookup(self, case: Case) -> Callable[[str], bool] | Unreadable:
        text = input_text(case.input, instructions=True)
        if self.pattern is None:
            context = case.input.context if isinstance(case.input, Conversation) else ()
            named = {_bare(document.id) for document in context if document.id is not None}
            return lambda citation: citation in named or occurs(citation, text)
        citable: set[str] = set()
        for item in find_all(self.pattern, text):
            if isinstance(item, Unreadable):
                return item
            citable.add(_bare(item))
        return lambda citation: citation in citable


def occurs(citation: str, text: str) -> bool:
    """Return whether a text holds a citation as a whole word: `4.2` is not in `14.2`, `4.25` or `4.2.1`.

    Example:
        >>> occurs("4.2", "See 4.2."), occurs("4.2", "See 4.2.1")
        (True, False)
    """
    if not citation or len(citation) > LONGEST_CITATION or citation not in text:
        return False
    word, joint = rf"[^\pL\pN._/-]|{NO_BLANKS}", r"[._/-]"
    before = rf"(?:\A|{word}|(?:\A|[^\pL\pN]){joint})"
    after = rf"(?:\z|{word}|{joint}(?:\z|[^\pL\pN]))"
    clean = citation.encode("utf-8", "replace").decode("utf-8")
    compiled = re2.compile(before + re2.escape(clean) + after)  # not kept: there may be hundreds
    return compiled.search(text.encode("utf-8", "replace").decode("utf-8")) is not None


def _bare(citation: str) -> str:
    return citation.strip().rstrip(".")


def _scalars(value: Json) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [as_text(item) for item in items if item is not None and not isinstance(item, list | dict)]


def _listed(citations: list[str]) -> list[str]:
    return [shown(citation) for citation in citations[:MOST_SHOWN]]
