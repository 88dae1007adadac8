"""How much of what a reply claims is borne out, and which key points it leaves out, as a model says: `claims`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple

from passmuster.errors import ConfigurationError
from passmuster.metrics.judges.verdict import JUDGE_UNREADABLE
from passmuster.metrics.metric import NOT_APPLICABLE, UNIT, Bounds, Summary, shown
from passmuster.metrics.quotes import Passage, Quotable, pieces_of
from passmuster.metrics.summary import claim_questions
from passmuster.metrics.summary.claim_answers import (
    CONTRADICTED,
    MISSING,
    SUPPORTED,
    Checked,
    Made,
    Said,
    read_checks,
    read_claims,
    read_points,
)
from passmuster.metrics.summary.key_points import points_of
from passmuster.metrics.two_steps import Asked, Questions, not_scored, question
from passmuster.records.case import Case, Conversation, KeyPoint
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.text import input_text, written
from passmuster.records.trial import Outcome, Reply

PIECE = 6_000
"""Characters of a reply that are looked at by one question."""

BEFORE = 1_000
"""Characters before a piece that are shown with it, so that what it speaks of is known."""

MOST_PIECES = 20
MOST_CLAIMS = 100
"""Claims of one piece."""

MOST_UNPLACED = 0.25
"""The share of listed claims whose words may be missing from the reply; of more, the list is not believed."""

MOST_SHOWN = 20


class Claimed(NamedTuple):
    """A claim of a reply, where its words stand there, and what was said of it."""

    said: Said
    place: Passage
    checked: Checked


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims(Record):
    """The share of a reply's claims that the source supports, as a model says; or the share of the key points left out.

    A model is asked twice: which claims the reply makes, in whose words (`figure: precision`), and whether the
    source says so. The source is the case's input with its context, the reference where `reference` is set, and the
    key points. With `figure: omission` it is asked once: which of the case's key points the reply makes.
    Where quoted words stand is looked up, never believed.

    Args:
        asks: The scorer; of two the first lists claims (and looks for points), the second checks them.
        figure: What the value is.
        reference: Whether the case's reference belongs to the source.
        batch: Claims, or points, of one question.
        longest: Characters of a source, and of a reply whose points are looked for; a longer one is a score failure.
        at_its_word: Whether bars take the model at its word where people rated too few replies.

    Example:
        >>> case, reply = Case(id="1", input="It rained all day."), Reply(text="It rained. It froze.")
        >>> metric = Claims(asks="checker")
        >>> listed = '{"claims": [{"quote": "It rained", "claim": "It rained."}, {"quote": "It froze", "claim": "It froze."}]}'
        >>> first = [Reply(text=listed)]
        >>> len(metric.ask(case, reply)), len(metric.read(case, reply, first))
        (1, 1)
        >>> row = '{"number": %d, "reason": "", "quote": null, "verdict": "%s"}'
        >>> checked = '{"claims": [%s, %s]}' % (row % (1, "supported"), row % (2, "not in the source"))
        >>> score = metric.read(case, reply, [*first, Reply(text=checked)])
        >>> score.value, score.details["unsupported"][0]["start"]
        (0.5, 11)
    """

    version: ClassVar[int] = 1
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = False
    summary: ClassVar[Summary] = "parts"

    name: str = "claims"
    asks: str | tuple[str, ...]
    figure: Literal["precision", "omission"] = "precision"
    reference: bool = False
    batch: int = 20
    longest: int = 200_000
    at_its_word: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.asks, str) and not 1 <= len(self.asks) <= 2:
            raise ConfigurationError(
                f"asks names {len(self.asks)} scorers",
                hint="one, or two: who lists claims, and who checks them",
            )
        if not 1 <= self.batch <= MOST_CLAIMS:
            raise ConfigurationError(f"batch: from 1 to {MOST_CLAIMS}, not {self.batch}")
        if self.longest < 1:
            raise ConfigurationError(f"longest: {self.longest} characters are no text")

    @property
    def direction(self) -> Direction:
        """Whether more is better: of what is borne out, not of what is left out."""
        return "higher" if self.figure == "precision" else "lower"

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return why there is no score yet, or why there can be none."""
        found = self.ask(case, reply)
        return not_scored(self.name) if isinstance(found, tuple) else found

    def ask(self, case: Case, reply: Reply) -> Questions | ScoreOutcome:
        """Return the questions which claims each piece of the reply makes, or which points all of it makes."""
        if self.figure == "omission":
            return self._ask_points(case, reply)
        source = self._source(case)
        if isinstance(source, ScoreFailure):
            return source
        pieces = pieces_of(reply.text, PIECE)
        if not pieces:
            return _claims_nothing(case)
        if len(pieces) > MOST_PIECES:
            return _too_long(f"the reply to case {case.id!r} has {len(reply.text):,}", MOST_PIECES * PIECE)
        return tuple(self._listing(case, reply.text, piece) for piece in pieces)

    def read(self, case: Case, reply: Reply, answers: Sequence[Outcome]) -> Questions | ScoreOutcome:
        """Return the questions about the claims that were listed, and the score once they are answered."""
        if self.figure == "omission":
            return self._read_points(case, answers)
        listed = _listed(reply.text, answers)
        if isinstance(listed, ScoreFailure):
            return listed
        placed, unplaced = listed
        if not placed:
            return _claims_nothing(case)
        pieces = len(pieces_of(reply.text, PIECE))
        if len(answers) == pieces:
            return self._ask_checks(case, [said for said, _ in placed])
        checked: list[Checked] = []
        for start, answer in zip(range(0, len(placed), self.batch), answers[pieces:], strict=True):
            found = read_checks(answer, min(self.batch, len(placed) - start))
            if isinstance(found, ScoreFailure):
                return found
            checked += found
        claims = [Claimed(said, place, each) for (said, place), each in zip(placed, checked, strict=True)]
        source = self._source(case)
        return _precision(
            claims,
            unplaced,
            Quotable(reply.text),
            Quotable("" if isinstance(source, ScoreFailure) else source),
        )

    def _listing(self, case: Case, text: str, piece: Passage) -> Case:
        before = text[max(0, piece.start - BEFORE) : piece.start]
        return question(case, claim_questions.extraction(text[piece.start : piece.end], before))

    def _ask_checks(self, case: Case, listed: Sequence[Said]) -> Questions | ScoreFailure:
        source = self._source(case)
        if isinstance(source, ScoreFailure):
            return source
        points = [point.text for point in case.key_points]
        checker = self.asks if isinstance(self.asks, str) else self.asks[-1]
        batches = [listed[start : start + self.batch] for start in range(0, len(listed), self.batch)]
        return tuple(
            Asked(
                checker, question(case, claim_questions.check([said.claim for said in batch], source, points))
            )
            for batch in batches
        )

    def _ask_points(self, case: Case, reply: Reply) -> Questions | ScoreOutcome:
        points = points_of(case)
        if isinstance(points, ScoreFailure):
            return points
        if not reply.text.strip():
            return _omission(points, [Made(made=False, quote=None)] * len(points))
        if len(reply.text) > self.longest:
            return _too_long(f"the reply to case {case.id!r} has {len(reply.text):,}", self.longest)
        batches = [points[start : start + self.batch] for start in range(0, len(points), self.batch)]
        return tuple(
            question(case, claim_questions.points([point.text for point in batch], reply.text))
            for batch in batches
        )

    def _read_points(self, case: Case, answers: Sequence[Outcome]) -> ScoreOutcome:
        points = points_of(case)
        if isinstance(points, ScoreFailure):
            return points
        made: list[Made] = []
        for start, answer in zip(range(0, len(points), self.batch), answers, strict=True):
            found = read_points(answer, min(self.batch, len(points) - start))
            if isinstance(found, ScoreFailure):
                return found
            made += found
        return _omission(points, made)

    def _source(self, case: Case) -> str | ScoreFailure:
        """Return what claims are checked against, but for the key points, which have a place of their own."""
        if isinstance(case.input, Conversation) and case.input.images:
            message = f"the source of case {case.id!r} has images, which are not read"
            return ScoreFailure(kind=NOT_APPLICABLE, message=message)
        parts = [input_text(case.input)]
        if isinstance(case.input, Conversation) and case.input.system:
            parts.insert(0, case.input.system)
        if self.reference and case.reference is not None:
            parts.append(str(written(case.reference)))
        source = "\n\n".join(part for part in parts if part.strip())
        if len(source) > self.longest:
            return _too_long(f"the source of case {case.id!r} has {len(source):,}", self.longest)
        if not source and not case.key_points:
            return ScoreFailure(
                kind="no_reference", message=f"case {case.id!r} has nothing to check claims against"
            )
        return source


def _listed(text: str, answers: Sequence[Outcome]) -> tuple[list[tuple[Said, Passage]], int] | ScoreFailure:
    """Return the claims that were listed with their places in the reply, each once, and how many have none."""
    placed: dict[tuple[str, Passage], tuple[Said, Passage]] = {}
    listed = unplaced = 0
    for piece, answer in zip(pieces_of(text, PIECE), answers, strict=False):
        said = read_claims(answer, MOST_CLAIMS)
        if isinstance(said, ScoreFailure):
            return said
        own, last = Quotable(text[piece.start : piece.end]), 0
        for each in said:
            found = own.find(each.quote, last)
            listed += 1
            if found is None:
                unplaced += 1
                continue
            last = found.start
            place = Passage(piece.start + found.start, piece.start + found.end)
            placed.setdefault((" ".join(each.claim.casefold().split()), place), (each, place))
    if unplaced > MOST_UNPLACED * listed:
        message = f"{unplaced} of {listed} claims are in words that the reply does not have"
        return ScoreFailure(kind=JUDGE_UNREADABLE, message=message)
    return list(placed.values()), unplaced


def _precision(claims: Sequence[Claimed], unplaced: int, reply: Quotable, source: Quotable) -> Score:
    verdicts = [each.checked.verdict for each in claims]
    wrong = [each for each in claims if each.checked.verdict != SUPPORTED]
    unsupported = [_line(each, reply, source) for each in wrong[:MOST_SHOWN]]
    quoted = [each.checked.quote for each in claims if each.checked.verdict != MISSING]
    return Score(
        value=verdicts.count(SUPPORTED) / len(claims),
        details={
            "claims": len(claims),
            "supported": verdicts.count(SUPPORTED),
            "contradicted": verdicts.count(CONTRADICTED),
            "not in the source": verdicts.count(MISSING),
            "unsupported": unsupported,
            "unplaced": unplaced,
            "unquoted": sum(quote is None or source.find(quote) is None for quote in quoted),
            "parts": {
                "every claim supported": int(not wrong),
                "nothing contradicted": int(CONTRADICTED not in verdicts),
                "nothing beyond the source": int(MISSING not in verdicts),
            },
        },
    )


def _line(claimed: Claimed, reply: Quotable, source: Quotable) -> Json:
    said, place, checked = claimed
    there = None if checked.quote is None else source.find(checked.quote)
    return {
        "claim": shown(said.claim),
        "verdict": checked.verdict,
        "line": reply.line(place.start),
        "start": place.start,
        "end": place.end,
        "quote": shown(reply.text[place.start : place.end]),
        "reason": shown(checked.reason),
        "source": None if there is None else shown(source.text[there.start : there.end]),
    }


def _omission(points: Sequence[KeyPoint], made: Sequence[Made]) -> Score:
    pairs = list(zip(points, made, strict=True))
    omitted = [point for point, each in pairs if not each.made]
    value = sum(point.weight for point in omitted) / sum(point.weight for point in points)
    return Score(
        value=min(1.0, value),
        details={
            "found": [
                {"point": shown(point.text), "quote": None if each.quote is None else shown(each.quote)}
                for point, each in pairs
                if each.made
            ][:MOST_SHOWN],
            "omitted": [{"point": shown(point.text)} for point in omitted[:MOST_SHOWN]],
            "points": len(points),
            "parts": {"every point made": int(not omitted)},
        },
    )


def _claims_nothing(case: Case) -> ScoreFailure:
    return ScoreFailure(kind=NOT_APPLICABLE, message=f"the reply to case {case.id!r} claims nothing")


def _too_long(what: str, most: int) -> ScoreFailure:
    return ScoreFailure(kind="too_long", message=f"{what} characters, and at most {most:,} are read")
