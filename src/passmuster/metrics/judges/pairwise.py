"""Which of two replies does a judge prefer, asked in both orders: `pairwise`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, NamedTuple

from pydantic import BeforeValidator

from passmuster.errors import ConfigurationError
from passmuster.metrics.answers import as_text
from passmuster.metrics.judges.judge import rubric_of
from passmuster.metrics.judges.panel import Panel, PanelRule, members
from passmuster.metrics.judges.prompt import (
    LONGEST,
    PairForm,
    Shown,
    pair_question,
    pair_sections,
    pictures_of,
    reply_text,
)
from passmuster.metrics.judges.rubric import Criterion, Rubric
from passmuster.metrics.judges.verdict import Preference, read_preference
from passmuster.metrics.metric import UNIT, Bounds, Summary, no_reference
from passmuster.metrics.two_steps import NOTHING_TO_COMPARE, Asked, not_scored, question
from passmuster.records.case import Case
from passmuster.records.rating import reply_digest
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Outcome, Reply

REFERENCE = "reference"
"""What `against` says where a reply is compared with the case's reference: no candidate can be called so there."""

PREFERENCE = Rubric(
    name="preference",
    low=0,
    high=1,
    instruction=(
        "Say which reply is of more use to the person who asked. A longer reply is not a better one, nor is one that "
        "looks more elaborate."
    ),
    criteria=(
        Criterion(
            name="better", question="Which reply serves what was asked better: right, complete, to the point?"
        ),
    ),
)
"""What a judge compares by where no rubric is given."""

_WORTH = {"first": 1.0, "tie": 0.5, "second": 0.0}
_TURNED = {"first": "second", "tie": "tie", "second": "first"}


class _Both(NamedTuple):
    """What one judge said with the reply first, and with the reply second."""

    ahead: Preference
    behind: Preference

    @property
    def lean(self) -> str:
        """Whether the order made a difference, and which place it favoured."""
        first, second = _WORTH[self.ahead.better], _WORTH[_TURNED[self.behind.better]]
        return "consistent" if first == second else "first" if first > second else "second"

    @property
    def value(self) -> float:
        """What the reply is worth: a verdict that changes with the order is a tie."""
        return _WORTH[self.ahead.better] if self.lean == "consistent" else _WORTH["tie"]

    @property
    def orders(self) -> list[Json]:
        return [self.ahead.better, self.behind.better]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairwise(Record):
    """Whether a judge prefers a reply to that of another candidate, or to the reference: 1, 0.5 for a tie, 0.

    Each judge is asked twice, with the reply first and with the reply second. Where its verdict changes with the order
    it is a tie, and `details["swapped"]` says which place it favoured. Equal replies are a tie, and nobody is asked.

    Args:
        against: The candidate that replies are compared with; `reference`, or nothing, is the case's reference.
        asks: The scorer that judges; several are a panel.
        rubric: By what they are compared: its criteria and instruction count, its scale does not.
        ties: Whether the judge may say that neither is better.
        panel: How the values of a panel become one: `mean`, `median` or `majority`.
        at_least: How many judges of a panel must have been readable; default: more than half.
        reference: Whether a judge is shown the case's reference beside two candidates' replies; default: as the rubric says.
        context: Whether a judge is shown the documents that the candidates were given.
        images: Whether it is shown the images of the task.
        reasons: Whether it gives reasons before its verdict.
        longest: Characters of a text that it is shown.
        independent: Whether a judge of a candidate's own model or family is refused.
        at_its_word: Whether bars take the judge at its word where people rated too few pairs.

    Example:
        >>> metric = Pairwise(asks="small")
        >>> case, reply = Case(id="1", input="Who sat?", reference="The cat sat."), Reply(text="A cat.")
        >>> len(metric.ask(case, reply))
        2
        >>> answers = [Reply(text='{"better": "first"}'), Reply(text='{"better": "second"}')]
        >>> metric.read(case, reply, answers).value
        1.0
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = False
    summary: ClassVar[Summary] = "parts"

    name: str = "pairwise"
    against: str | None = None
    asks: str | tuple[str, ...]
    rubric: Annotated[Rubric, BeforeValidator(rubric_of)] = PREFERENCE
    ties: bool = True
    panel: PanelRule = "mean"
    at_least: int | None = None
    reference: bool | None = None
    context: bool = True
    images: bool = True
    reasons: bool = True
    longest: int = LONGEST
    independent: bool = False
    at_its_word: bool = False

    def __post_init__(self) -> None:
        if self.against == REFERENCE:
            object.__setattr__(self, "against", None)
        # What people are asked is in the metric's own unit, better (1) or not (0): a rubric's own scale says nothing here.
        plain = tuple(replace(each, anchors={}) for each in self.rubric.criteria)
        object.__setattr__(self, "rubric", replace(self.rubric, low=0, high=1, criteria=plain))
        if self.longest < 1:
            raise ConfigurationError(f"longest: {self.longest} characters are no text")
        _ = self.together

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return why there is no score yet, or the score where nothing need be asked."""
        if self.against is not None:
            return not_scored(self.name)
        found = self.ask(case, reply)
        return not_scored(self.name) if isinstance(found, tuple) else found

    def beside(self, other: Reply) -> "Beside":
        """Return the metric that compares with this reply."""
        return Beside(pairwise=self, text=reply_text(other), versus=reply_digest(other))

    def ask(self, case: Case, reply: Reply) -> tuple[Asked, ...] | ScoreOutcome:
        """Return the questions about a reply beside the reference."""
        found = self._reference(case)
        return found if isinstance(found, ScoreFailure) else found.ask(case, reply)

    def read(self, case: Case, reply: Reply, answers: Sequence[Outcome]) -> ScoreOutcome:
        """Return what the judges' verdicts on a reply beside the reference give."""
        found = self._reference(case)
        return found if isinstance(found, ScoreFailure) else found.read(case, reply, answers)

    def _reference(self, case: Case) -> "Beside | ScoreFailure":
        if self.against is not None:
            message = f"{self.name} compares with {self.against}, of which no reply was given"
            return ScoreFailure(kind=NOTHING_TO_COMPARE, message=message)
        if case.reference is None:
            return no_reference(case)
        return self.beside(Reply(text=as_text(case.reference)))

    @property
    def together(self) -> Panel:
        """How what the judges say becomes one value."""
        return Panel(judges=members(self.asks), rule=self.panel, at_least=self.at_least, split=_WORTH["tie"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside(Record):
    """A pairwise metric with the other reply: its text, and its digest (`versus`), which ratings of people name too."""

    version: ClassVar[int] = Pairwise.version
    direction: ClassVar[Direction] = Pairwise.direction
    bounds: ClassVar[Bounds] = Pairwise.bounds
    binary: ClassVar[bool] = Pairwise.binary
    summary: ClassVar[Summary] = Pairwise.summary

    pairwise: Pairwise
    text: str
    versus: str

    @property
    def name(self) -> str:
        """The name of the metric."""
        return self.pairwise.name

    @property
    def asks(self) -> str | tuple[str, ...]:
        """The names of the judges."""
        return self.pairwise.asks

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return why there is no score yet, or the score where nothing need be asked."""
        found = self.ask(case, reply)
        return not_scored(self.name) if isinstance(found, tuple) else found

    def ask(self, case: Case, reply: Reply) -> tuple[Asked, ...] | ScoreOutcome:
        """Return both orders of the question for each judge; a tie where the replies are equal."""
        own = reply_text(reply)
        if self._guided and case.reference is None:
            return no_reference(case)
        if own == self.text:
            details: dict[str, Json] = {"versus": self.versus, "equal": True, "parts": _parts(_WORTH["tie"])}
            return Score(value=_WORTH["tie"], details=details)
        ahead, behind = self._question(case, own, self.text), self._question(case, self.text, own)
        return tuple(Asked(judge, each) for judge in members(self.asks) for each in (ahead, behind))

    def read(self, case: Case, reply: Reply, answers: Sequence[Outcome]) -> ScoreOutcome:
        """Return what the judges' verdicts give: 1, 0.5 or 0 by each judge."""
        del case, reply
        said = [read_preference(answer, ties=self.pairwise.ties) for answer in answers]
        asked = [_both(*pair) for pair in zip(said[::2], said[1::2], strict=False)]
        values = [each if isinstance(each, ScoreFailure) else each.value for each in asked]
        judges = self.pairwise.together
        found = judges.together(values)
        if isinstance(found, ScoreFailure):
            return found
        read = {
            name: each
            for name, each in zip(judges.judges, asked, strict=False)
            if not isinstance(each, ScoreFailure)
        }
        same = sum(each.lean == "consistent" for each in read.values()) / len(read)
        parts = {**_parts(found.value), "same in both orders": same}
        details = {"versus": self.versus, "parts": parts, **_told(read), **found.details}
        return Score(value=found.value, details=details)

    @property
    def _guided(self) -> bool:
        metric = self.pairwise
        guided = metric.rubric.reference if metric.reference is None else metric.reference
        return guided and metric.against is not None

    def _question(self, case: Case, first: str, second: str) -> Case:
        metric = self.pairwise
        shown = Shown(context=metric.context, reference=self._guided, images=metric.images)
        form = PairForm(
            ties=metric.ties,
            reasons=metric.reasons,
            longest=metric.longest,
            pictures=pictures_of(case, shown),
        )
        return question(case, pair_question(metric.rubric, pair_sections(case, first, second, shown), form))


def _both(ahead: Preference | ScoreFailure, behind: Preference | ScoreFailure) -> _Both | ScoreFailure:
    """Return what one judge said in both orders: where one of them cannot be read, nothing can be said."""
    if isinstance(ahead, ScoreFailure):
        return ahead
    return behind if isinstance(behind, ScoreFailure) else _Both(ahead, behind)


def _parts(value: float) -> dict[str, Json]:
    tie = _WORTH["tie"]
    return {"won": float(value > tie), "tied": float(value == tie), "lost": float(value < tie)}


def _told(read: Mapping[str, _Both]) -> dict[str, Json]:
    """Return what the judges said in each order: of one at once, of several by name."""
    if len(read) == 1:
        return dict(_orders(next(iter(read.values()))))
    return {"judges": {name: _orders(each) for name, each in read.items()}}


def _orders(asked: _Both) -> dict[str, Json]:
    told: dict[str, Json] = {"orders": list(asked.orders), "swapped": asked.lean}
    reasons = [each.reasons for each in (asked.ahead, asked.behind) if each.reasons]
    return {**told, "reasons": list(reasons)} if reasons else told
