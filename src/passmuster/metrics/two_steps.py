"""Metrics that need something done before they can score: a call of a model, or a run of a program.

Each is two pure functions around it, and what lies between is done by `passmuster score`, which keeps the
outcome in the store. Until then `score` is the failure `not_scored`.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol, TypeAlias, runtime_checkable

from passmuster.metrics.metric import Metric
from passmuster.records.case import Case, Conversation
from passmuster.records.program import Execution, Program
from passmuster.records.score import ScoreFailure, ScoreOutcome
from passmuster.records.trial import Outcome, Reply

NOT_SCORED = "not_scored"
"""The kind of score failure of a trial for which the step between was not made yet."""

SCORER_FAILED = "scorer_failed"
"""The kind of score failure of a trial about which a scorer was asked and failed."""


NOTHING_TO_COMPARE = "nothing_to_compare"
"""The kind of score failure of a comparison where the other side has no reply: it says nothing about the candidate."""


WITHHELD = "withheld"
"""The kind of score failure of a reply about which a scorer may not be asked: its egress rules forbid it."""


class Asked(NamedTuple):
    """A question and who is asked it: the name of an entry under `scorers`."""

    scorer: str
    question: Case


Questions: TypeAlias = tuple[Case | Asked, ...]
"""What is asked, in order; a bare case goes to the first of those whom the metric asks."""


@runtime_checkable
class AskingMetric(Metric, Protocol):
    """A metric that asks models: each question is an ordinary trial of a scorer."""

    @property
    def asks(self) -> str | tuple[str, ...]:
        """The names of whom it asks: entries under `scorers` of the project file."""

    def ask(self, case: Case, reply: Reply) -> Questions | ScoreOutcome:
        """Return what is to be asked of this reply, or the score where nothing need be."""

    def read(self, case: Case, reply: Reply, answers: Sequence[Outcome]) -> Questions | ScoreOutcome:
        """Return the score that the answers give, or what is to be asked besides.

        `answers` has one for each question so far, in order.
        """


@runtime_checkable
class ComparingMetric(Metric, Protocol):
    """A metric that compares a reply with that of another candidate to the same case."""

    @property
    def against(self) -> str | None:
        """The name of the other candidate; None where it compares with something else."""

    @property
    def asks(self) -> str | tuple[str, ...]:
        """The names of whom it asks."""

    def beside(self, other: Reply) -> AskingMetric:
        """Return the metric that compares with this reply."""


def scorers_of(metric: AskingMetric | ComparingMetric) -> tuple[str, ...]:
    """Return the names of whom a metric asks."""
    return (metric.asks,) if isinstance(metric.asks, str) else tuple(metric.asks)


@runtime_checkable
class RunningMetric(Metric, Protocol):
    """A metric that runs a program that the reply holds, in a sandbox."""

    def program(self, case: Case, reply: Reply) -> Program | ScoreOutcome:
        """Return what is to be run, or the score where nothing need be."""

    def read(self, case: Case, reply: Reply, execution: Execution) -> ScoreOutcome:
        """Return the score that the run gives."""


def question(case: Case, asked: str | Conversation) -> Case:
    """Return what is asked of a model about a reply to this case, as a case of its own.

    It belongs where the case belongs, so that what may not be sent to a candidate is not sent to a scorer.

    Example:
        >>> asked = question(Case(id="1", input="a", reference="b", stratum="s"), "Is b right?")
        >>> asked.input, asked.stratum, asked.reference
        ('Is b right?', 's', None)
    """
    blank = Case(id=case.id, input=asked, category=case.category)
    return replace(blank, stratum=case.stratum, group=case.group, tags=case.tags)


def not_scored(metric: str, *, runs: bool = False) -> ScoreFailure:
    """Return the failure that stands for a score until `passmuster score` has made it."""
    verb = "passmuster score --allow-exec" if runs else "passmuster score"
    return ScoreFailure(kind=NOT_SCORED, message=f"{metric} is not scored yet: {verb}")
