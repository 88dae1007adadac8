"""Are the right places cited, and do they say what is claimed: `citations`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from passmuster.errors import ConfigurationError
from passmuster.metrics.answers import as_text
from passmuster.metrics.extraction.citation_exists import MOST_CITATIONS
from passmuster.metrics.extraction.counting import MOST_SHOWN, f1, listed
from passmuster.metrics.extraction.places import Cites, Places, bare, cited_texts, one_place, places_of
from passmuster.metrics.extraction.rules import FieldRule, Kind, as_rule
from passmuster.metrics.extraction.support import Support, support
from passmuster.metrics.extraction.values import absent
from passmuster.metrics.extraction.within import sizes
from passmuster.metrics.json_text import find_json
from passmuster.metrics.metric import UNIT, Bounds, Summary, no_reference, shown
from passmuster.metrics.patterns import compile_path, compile_pattern, find_all, follow
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.case import Case
from passmuster.records.json_kind import kind_of
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Reply
from passmuster.stats.matching import best_matching

KIND = "citations"

MOST_TEXT = 20_000_000
"""Characters of cited places that the claims of one answer are looked for in; more is taken for an attack."""

PER_VALUE = 100
"""Characters that looking for a value costs at least, however short the place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim(Record):
    """What an answer says in one place of it, and what it cites for that."""

    cited: tuple[str, ...]
    values: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Citations(Record):
    """F1 of citations: a right one exists, is one of the reference's, and what it is cited for is held.

    A claim is held where each of its values stands in one of the places that are cited for it. With a reference what
    is counted are the different places that answer and reference cite. Without one, and with `claims`, it is the claims:
    precision is then the share of those with a citation, recall the share of all, that are held and whose citations all
    exist and hold a value.

    Args:
        field: In a JSON answer: the name of the field that cites, one place or a list.
        items: In a JSON answer: the path of the objects that each make a claim. None: the answer is one.
        claims: The fields whose values the cited places must hold, with the kind or the rule of each.
        cited: RE2 pattern that reads citations out of a plain text, or out of `field`.
        cites: What a citation is: the name of a `place`, a `quote`, or a `span` of characters of the input.
        pattern: RE2 pattern whose group 1 names the places of the input where they begin. Documents of the
            context are places by their id.

    Example:
        >>> case = Case(id="1", input="4.1 The fee is EUR 90. 4.2 It is due at once.", reference={"clause": "4.1"})
        >>> metric = Citations(field="clause", pattern=r"([0-9][.][0-9]) ", claims={"fee": "money"})
        >>> [metric.score(case, Reply(text='{"fee": "90 EUR", "clause": "%s"}' % clause)).details
        ...  for clause in ("4.1", "4.2", "7.3")] == [
        ...     {"cited": ["4.1"], "invented": [], "unsupported": [], "missed": [], "counts": {"citations": [1, 1, 1]}},
        ...     {"cited": ["4.2"], "invented": [], "unsupported": ["4.2: fee 90 EUR"], "missed": ["4.1"],
        ...      "counts": {"citations": [0, 1, 1]}},
        ...     {"cited": ["7.3"], "invented": ["7.3"], "unsupported": [], "missed": ["4.1"],
        ...      "counts": {"citations": [0, 1, 1]}}]
        True
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = False
    summary: ClassVar[Summary] = "counts"

    name: str = "citations"
    field: str | None = None
    items: str | None = None
    claims: Mapping[str, FieldRule | Kind] | None = None
    cited: str | None = None
    cites: Cites = "place"
    pattern: str | None = None

    def __post_init__(self) -> None:
        if self.items is not None:
            compile_path(self.items)
        for pattern in (self.cited, self.pattern):
            if pattern is not None:
                compile_pattern(pattern)
        if self.field is None and self.cited is None:
            raise ConfigurationError(
                "citations does not know where an answer cites",
                hint="give field (a name in a JSON answer) or cited (a pattern for plain text)",
            )
        if self.field is None and (self.claims or self.items):
            raise ConfigurationError("claims and items are for JSON answers", hint="give field, too")

        similar = next(
            (n for n, rule in (self.claims or {}).items() if as_rule(rule).similarity is not None), None
        )
        if similar is not None:
            raise ConfigurationError(
                f"claims: {similar} has a similarity, but a place is searched for the very words",
                hint="say with normalise what does not count, or leave similarity out",
            )

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return F1 in [0, 1] with what is cited, invented, unsupported and missed."""
        expected = self._expected(case)
        if isinstance(expected, ScoreFailure):
            return expected
        places = places_of(case, self.cites, self.pattern)
        if isinstance(places, Unreadable):
            return ScoreFailure(kind="pattern_limit", message=f"input of case {case.id!r}: {places.reason}")
        claims = self._claims(find_json(reply.text) if self.field is not None else reply.text)
        texts = self._texts(claims, places)
        if isinstance(claims, Unreadable) or isinstance(texts, Unreadable):
            return _nothing([claims, texts], 1 if expected is None else len(expected))
        return self._scored(claims, expected, texts)

    def _texts(
        self, claims: Sequence[Claim] | Unreadable, places: Places
    ) -> dict[str, str | None] | Unreadable:
        """Return the text of each place that is cited; None of one that does not exist."""
        if isinstance(claims, Unreadable):
            return claims
        found: dict[str, str | None] = {}
        work = 0
        for claim in claims:
            values = sum(map(sizes, claim.values.values()))
            for citation in claim.cited:
                if citation not in found:
                    found[citation] = places.find(citation, self.cites)
                work += values * (PER_VALUE + len(found[citation] or ""))
                if work > MOST_TEXT:
                    return Unreadable(reason=f"claims cite more than {MOST_TEXT} characters in all")
        return found

    def _scored(
        self, claims: Sequence[Claim], expected: list[str] | None, texts: Mapping[str, str | None]
    ) -> Score:
        cited = list(texts)
        invented = [citation for citation in cited if texts[citation] is None]
        held = [self._support(claim, texts) for claim in claims]
        missed: list[str] = []
        right: set[str] = set()
        if expected is None:
            gone = set(invented)
            unsound = {number for number, each in enumerate(held) if each.lacking or each.idle}
            unsound |= {number for number, claim in enumerate(claims) if not gone.isdisjoint(claim.cited)}
            counts = _of_claims(claims, unsound)
        else:
            bad = {
                *invented,
                *(each for n, claim in enumerate(claims) if held[n].lacking for each in claim.cited),
            }
            right, missed = self._of_places([each for each in cited if each not in bad], expected)
            counts = [len(right), len(cited), len(expected)]
        return Score(
            value=f1(*counts),
            answer=shown(", ".join(cited[:MOST_SHOWN])),
            details={
                "cited": listed(cited),
                "invented": listed(invented),
                "unsupported": listed(_unsupported(held, right)),
                "missed": listed(missed),
                "counts": {KIND: counts},
            },
        )

    def _support(self, claim: Claim, texts: Mapping[str, str | None]) -> Support:
        # of a place that does not exist, that is all there is to say
        places = {each: text for each in claim.cited if (text := texts[each]) is not None}
        rules = {name: as_rule(rule) for name, rule in (self.claims or {}).items() if name in claim.values}
        return support(places, claim.values, rules)

    def _of_places(self, good: list[str], expected: list[str]) -> tuple[set[str], list[str]]:
        """Return the citations that are of a place of the reference, and the places that are missed."""
        pairs = best_matching([[float(one_place(a, b, self.cites)) for b in expected] for a in good])
        found = {column for _, column in pairs}
        missed = [citation for place, citation in enumerate(expected) if place not in found]
        return {good[row] for row, _ in pairs}, missed

    def _expected(self, case: Case) -> list[str] | ScoreFailure | None:
        """Return what the reference cites; None where there is none and claims are to be held against the input."""
        reference = case.reference
        silent = self.items is None and isinstance(reference, Mapping) and self.field not in reference
        if reference is None or (silent and self.field is not None):
            return None if self.claims else no_reference(case)
        if self.field is None and isinstance(reference, list | tuple):
            return list(dict.fromkeys(cited_texts(reference, self.cites)))
        claims = self._claims(reference)
        if isinstance(claims, Unreadable):
            message = f"the reference of case {case.id!r}: {claims.reason}"
            return ScoreFailure(kind="wrong_reference", message=message)
        return list(dict.fromkeys(each for claim in claims for each in claim.cited))

    def _claims(self, value: Json | Unreadable) -> list[Claim] | Unreadable:
        if isinstance(value, Unreadable):
            return value
        if self.field is None:
            found = self._read(as_text(value))
            return found if isinstance(found, Unreadable) else [Claim(cited=tuple(found), values={})]
        if self.items is None and not isinstance(value, Mapping):
            return Unreadable(reason=f"the answer is {kind_of(value)}, not an object of fields")
        made: list[Claim] = []
        count = 0
        for item in [value] if self.items is None else follow(self.items, value):
            claim = self._claim(item)
            if isinstance(claim, Unreadable):
                return claim
            made.append(claim)
            count += max(1, len(claim.cited))
            if count > MOST_CITATIONS:
                return Unreadable(reason=f"more than {MOST_CITATIONS} citations")
        return made

    def _claim(self, item: Json) -> Claim | Unreadable:
        if not isinstance(item, Mapping):
            return Unreadable(reason=f"a claim is {kind_of(item)}, not an object of fields")
        found: list[str] = []
        for text in cited_texts(item.get(self.field), self.cites):
            read = [text] if self.cited is None else self._read(text)
            if isinstance(read, Unreadable):
                return read
            found += read
        values = {name: item[name] for name in self.claims or () if not absent(item.get(name))}
        return Claim(cited=tuple(each for each in dict.fromkeys(found) if each), values=values)

    def _read(self, text: str) -> list[str] | Unreadable:
        found: dict[str, None] = {}
        for item in find_all(self.cited or "", text):
            if isinstance(item, Unreadable):
                return item
            found.setdefault(item.strip() if self.cites == "quote" else bare(item))
            if len(found) > MOST_CITATIONS:
                return Unreadable(reason=f"more than {MOST_CITATIONS} citations")
        found.pop("", None)
        return list(found)


def _nothing(read: Sequence[object], expected: int) -> Score:
    """Return the score of a reply that cannot be read: nothing cited, and why."""
    reason = next(each.reason for each in read if isinstance(each, Unreadable))
    details: dict[str, Json] = {"cited": [], "invented": [], "counts": {KIND: [0, 0, expected]}}
    return Score(value=0.0, details={**details, "unreadable": True, "reason": reason})


def _of_claims(claims: Sequence[Claim], bad: set[int]) -> list[int]:
    """Count claims: those with citations that are all good, those with any, and all that say something."""
    telling = {number for number, claim in enumerate(claims) if claim.values}
    citing = {number for number in telling if claims[number].cited}
    return [len(citing - bad), len(citing), len(telling)]


def _unsupported(held: Sequence[Support], right: set[str]) -> Iterator[str]:
    """Yield what is cited for something that it does not hold; the reference knows better why a right one is cited."""
    for each in held:
        yield from each.lacking
        yield from (f"{place}: {values}" for place, values in each.idle.items() if place not in right)
