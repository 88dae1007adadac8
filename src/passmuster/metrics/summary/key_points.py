"""Which key points of a case does a reply make: `key_points` and `omission_rate`."""

import math
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

from passmuster.errors import ConfigurationError
from passmuster.metrics.metric import UNIT, Bounds, Summary, shown
from passmuster.metrics.summary.key_words import Places, key_words, places_of, share_found
from passmuster.metrics.summary.labels import LabelBook, LabelledReply
from passmuster.records.case import Case, KeyPoint
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Reply
from passmuster.stats.language.detect import language_of

THRESHOLD = 0.5
"""The share of a point's words that must stand in one passage of the reply."""

MOST_POINTS = 100
MOST_SHOWN = 20


class _Made(NamedTuple):
    """A key point: whether the reply makes it, and the share of its words that was found (None: labelled)."""

    point: KeyPoint
    made: bool
    share: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPoints(Record):
    """The share of the case's key points that a reply makes, by their weights.

    Where people labelled this reply (`labels`), what they said counts. Else a point is made where at least
    `threshold` of its words, or of those of one of its other wordings, stand in one passage of the reply
    (`summary.key_words`): words, not meaning, so that "did not rise" makes the point "did rise".

    Args:
        threshold: The least share of words, above 0 and at most 1.
        labels: Labelled replies; in a project file the path of a JSONL file with one of them a line.

    Example:
        >>> case = Case(
        ...     id="1", input="", key_points=(KeyPoint(text="Rent is due in May"), KeyPoint(text="No pets"))
        ... )
        >>> score = KeyPoints().score(case, Reply(text="The rent will be due on the first of May."))
        >>> score.value, score.details["omitted"]
        (0.5, [{'point': 'No pets', 'words': 0.0}])
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = False
    summary: ClassVar[Summary] = "parts"

    name: str = "key_points"
    threshold: float = THRESHOLD
    labels: tuple[LabelledReply, ...] = ()
    _book: Any = field(init=False, repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        if not 0 < self.threshold <= 1:
            raise ConfigurationError(
                f"threshold lies above 0 and at most at 1, not at {self.threshold!r}",
                hint=f"leave it out for {THRESHOLD}",
            )
        object.__setattr__(self, "_book", LabelBook(self.labels))

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return the share of the points made, with those that were found and omitted."""
        found = self._found(case, reply.text)
        if isinstance(found, ScoreFailure):
            return found
        made = sum(each.point.weight for each in found if each.made)
        value = made / sum(each.point.weight for each in found)
        return Score(value=min(1.0, value), details=_details(found))

    def _found(self, case: Case, text: str) -> list[_Made] | ScoreFailure:
        points = points_of(case)
        if isinstance(points, ScoreFailure):
            return points
        labels: LabelledReply | None = self._book.of(case.id, text)
        said = {} if labels is None else {each.text: each.found for each in labels.key_points or ()}
        places = places_of(text)
        language = language_of(" ".join(point.text for point in points))  # one point is too short to tell
        return [
            _Made(point, said[point.text], None)
            if point.text in said
            else self._told(point, places, language)
            for point in points
        ]

    def _told(self, point: KeyPoint, places: Places, language: str) -> _Made:
        wordings = (point.text, *point.others)
        share = max(share_found(key_words(wording, language), places) for wording in wordings)
        return _Made(point, share >= self.threshold, share)


@dataclass(frozen=True, slots=True, kw_only=True)
class OmissionRate(KeyPoints):
    """The share of the case's key points that a reply leaves out, by their weights: 1 - `key_points`.

    Example:
        >>> case = Case(id="1", input="", key_points=(KeyPoint(text="No pets"), KeyPoint(text="Rent due in May")))
        >>> OmissionRate().score(case, Reply(text="Pets are not allowed.")).value
        0.5
    """

    direction: ClassVar[Direction] = "lower"

    name: str = "omission_rate"

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return the share of the points left out, with those that were found and omitted."""
        found = self._found(case, reply.text)
        if isinstance(found, ScoreFailure):
            return found
        omitted = sum(each.point.weight for each in found if not each.made)
        value = omitted / sum(each.point.weight for each in found)
        return Score(value=min(1.0, value), details=_details(found))


def points_of(case: Case) -> tuple[KeyPoint, ...] | ScoreFailure:
    """Return the key points of a case; why they say nothing where there are none, too many, or weights that are none.

    Example:
        >>> points_of(Case(id="1", input="")).kind
        'no_reference'
    """
    points = tuple(case.key_points)
    if not points:
        return ScoreFailure(kind="no_reference", message=f"case {case.id!r} has no key points")
    weights = [point.weight for point in points]
    if len(points) > MOST_POINTS or min(weights) < 0 or not 0 < sum(weights) < math.inf:
        message = f"case {case.id!r} has over {MOST_POINTS} key points, or weights that are no weights"
        return ScoreFailure(kind="wrong_reference", message=message)
    return points


def _details(found: list[_Made]) -> dict[str, Json]:
    return {
        "found": [_line(each) for each in found if each.made][:MOST_SHOWN],
        "omitted": [_line(each) for each in found if not each.made][:MOST_SHOWN],
        "points": len(found),
        "parts": {"every point made": int(all(each.made for each in found))},
    }


def _line(made: _Made) -> Json:
    words = "labelled" if made.share is None else round(made.share, 3)
    return {"point": shown(made.point.text), "words": words}
