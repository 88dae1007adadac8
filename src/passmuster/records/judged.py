"""What a judge says of candidates, beside what people say of the same replies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from passmuster.records.record import Record
from passmuster.records.score import Estimate

UNCALIBRATED = "uncalibrated judge"
"""The note of a figure that a judge gives and nobody has corrected."""

Trust: TypeAlias = Literal["calibrated", "uncalibrated", "at_its_word"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedReport(Record):
    """A candidate's figure by a judge: what the judge says alone, and what people's ratings make of it.

    `corrected` is None where too few of the candidate's replies were rated. `labels` rated replies entered it, of
    `raters` people, the newest at `date` (ISO 8601); `drawn` of them were drawn at random. `judge` is the judge's
    version. `sensitivity` and `specificity` are those of a judge that passes or fails, `correlation` that of one that
    grades. `worth` is how many more rated replies the judge stands for.
    """

    raw: Estimate
    corrected: Estimate | None
    trust: Trust
    judge: str
    labels: int = 0
    drawn: int = 0
    raters: int = 0
    method: str = ""
    date: str | None = None
    sensitivity: Estimate | None = None
    specificity: Estimate | None = None
    correlation: Estimate | None = None
    worth: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeReport(Record):
    """A metric that asks a judge: whom, in which version, on which question, and what it costs.

    `models` are the models behind the scorers `asks`; `version` names the models, their parameters, the question and
    the reading, so that another version is another judge. The scorers answered `calls` questions in this project, for
    `spend` US dollars in all and `cost` a question (None: unknown); `costs` are those of a question to each of them, where known. `akin` says which candidates are of the same model or family.
    `against` is the candidate with whose replies a pairwise judge compares those of the others, None where there is none.
    `labels` counts the replies that `raters` people rated, over all candidates, `date` (ISO 8601) is the newest rating's.
    """

    metric: str
    asks: tuple[str, ...]
    models: tuple[str, ...]
    version: str
    question: str
    calls: int = 0
    spend: float | None = None
    cost: float | None = None
    akin: Mapping[str, str] = field(default_factory=dict)
    against: str | None = None
    labels: int = 0
    raters: int = 0
    date: str | None = None
    trust: Trust = "uncalibrated"
    remarks: tuple[str, ...] = ()
    costs: Mapping[str, float] = field(default_factory=dict)
