"""What does a judge say of a reply, by a rubric: `judge`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator

from passmuster.errors import ConfigurationError
from passmuster.metrics.judges.panel import Panel, PanelRule, members
from passmuster.metrics.judges.prompt import LONGEST, Shown, rubric_question
from passmuster.metrics.judges.ready.library import READY, ready
from passmuster.metrics.judges.rubric import Rubric
from passmuster.metrics.judges.verdict import Verdict, read_verdict
from passmuster.metrics.metric import Bounds, Summary, no_reference
from passmuster.metrics.two_steps import Asked, not_scored, question
from passmuster.records.case import Case
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Outcome, Reply


def rubric_of(given: Any) -> Any:
    """Return what an option `rubric` means: a ready one by its name, else what it is.

    `criteria` may be an object of names and questions.
    """
    if isinstance(given, str):
        return ready(given)
    if not isinstance(given, dict):
        return given
    made = dict(given)
    criteria = made.get("criteria")
    if isinstance(criteria, dict):
        made["criteria"] = tuple({"name": name, "question": said} for name, said in criteria.items())
    elif isinstance(criteria, list):  # what a validator was given before is no JSON to it any more
        made["criteria"] = tuple(criteria)
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class RubricJudge(Record):
    """What a judge, or a panel of judges, says of a reply by a rubric, in the rubric's own unit.

    Each judge is asked once about a reply, and its answer is read strictly (`judges.verdict`): what is no verdict is a
    score failure, never a value.

    Args:
        asks: The scorer that judges; several are a panel.
        rubric: What is judged: the name of a ready rubric, a file, or a rubric written out.
        panel: How the values of a panel become one: `mean`, `median` or `majority`.
        at_least: How many judges of a panel must have been readable; default: more than half.
        reference: Whether the judge is shown the case's reference; default: as the rubric says.
        context: Whether it is shown the documents that the candidate was given.
        images: Whether it is shown the images of the task.
        reasons: Whether it gives reasons before its values.
        longest: Characters of a text that it is shown.
        independent: Whether a judge of a candidate's own model or family is refused.
        at_its_word: Whether bars take the judge at its word where people rated too few replies.

    Example:
        >>> judge = RubricJudge(asks="small", rubric=READY["helpfulness"])
        >>> case, reply = Case(id="1", input="Hi?"), Reply(text="Hello!")
        >>> [asked.scorer for asked in judge.ask(case, reply)]
        ['small']
        >>> judge.read(case, reply, [Reply(text='{"values": {"helpfulness": 4}}')]).value
        4.0
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"

    name: str = "judge"
    asks: str | tuple[str, ...]
    rubric: Annotated[Rubric, BeforeValidator(rubric_of)] = READY["response_quality"]
    panel: PanelRule | None = None
    at_least: int | None = None
    reference: bool | None = None
    context: bool = True
    images: bool = True
    reasons: bool = True
    longest: int = LONGEST
    independent: bool = False
    at_its_word: bool = False

    def __post_init__(self) -> None:
        self._panel()
        if self.longest < 1:
            raise ConfigurationError(f"longest: {self.longest} characters are no text")

    @property
    def bounds(self) -> Bounds:
        """The lowest and the highest value of the rubric's scale."""
        return self.rubric.bounds

    @property
    def binary(self) -> bool:
        """Whether each value is 0 or 1; the mean or median of a panel may lie between."""
        return self.rubric.binary and self._panel().whole

    @property
    def summary(self) -> Summary:
        """The criteria, where there are several."""
        return "parts" if len(self.rubric.criteria) > 1 else "mean"

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return why there is no score yet, or the score where nothing need be asked."""
        found = self.ask(case, reply)
        return not_scored(self.name) if isinstance(found, tuple) else found

    def ask(self, case: Case, reply: Reply) -> tuple[Asked, ...] | ScoreOutcome:
        """Return the question of each judge."""
        guided = self.rubric.reference if self.reference is None else self.reference
        if guided and case.reference is None:
            return no_reference(case)
        shown = Shown(context=self.context, reference=guided, images=self.images)
        asked = rubric_question(self.rubric, case, reply, shown, reasons=self.reasons, longest=self.longest)
        return tuple(Asked(name, question(case, asked)) for name in members(self.asks))

    def read(self, case: Case, reply: Reply, answers: Sequence[Outcome]) -> ScoreOutcome:
        """Return the value that the judges' verdicts give."""
        del case, reply
        verdicts = [read_verdict(answer, self.rubric) for answer in answers]
        panel = self._panel()
        values = [
            each if isinstance(each, ScoreFailure) else self.rubric.value(each.values) for each in verdicts
        ]
        found = panel.together(values)
        if isinstance(found, ScoreFailure):
            return found
        low, high = self.bounds
        read = [each for each in verdicts if isinstance(each, Verdict)]
        details: dict[str, Json] = {**self._criteria(read), **found.details}
        models = [each.model for each in answers if isinstance(each, Reply) and each.model]
        if models:
            details["models"] = list(dict.fromkeys(models))
        return Score(value=min(high, max(low, found.value)), details=details)

    def _criteria(self, read: Sequence[Verdict]) -> dict[str, Json]:
        low, high = self.bounds
        means = {
            each.name: sum(verdict.values[each.name] for verdict in read) / len(read)
            for each in self.rubric.criteria
        }
        details: dict[str, Json] = {"criteria": dict(means)}
        if len(means) > 1:
            details["parts"] = {name: (mean - low) / (high - low) for name, mean in means.items()}
        reasons: list[Json] = [verdict.reasons for verdict in read if verdict.reasons]
        if reasons:
            details["reasons"] = reasons if len(reasons) > 1 else reasons[0]
        return details

    def _panel(self) -> Panel:
        rule: PanelRule = self.panel or ("majority" if self.rubric.binary else "mean")
        return Panel(judges=members(self.asks), rule=rule, at_least=self.at_least)
