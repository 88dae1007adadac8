"""The contract of a metric."""

from math import inf
from typing import Literal, Protocol, TypeAlias, runtime_checkable

from passmuster.records.case import Case
from passmuster.records.score import Direction, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Reply

Summary: TypeAlias = Literal["mean", "classes", "parts", "counts"]
Bounds: TypeAlias = tuple[float, float]

UNIT: Bounds = (0.0, 1.0)
"""The bounds of a share."""

UNBOUNDED: Bounds = (-inf, inf)

NOT_APPLICABLE = "not_applicable"
"""The kind of score failure of a metric that does not concern a case: it says nothing about the candidate."""

SHOWN_CHARACTERS = 500
"""What a score keeps of a text; a reply may be a megabyte."""


@runtime_checkable
class Metric(Protocol):
    """Scores one reply to one case.

    `score` never raises, never hangs and depends on nothing but its arguments. `version` grows when the same
    reply would get another score. `bounds` are the least and the greatest value there can be; `binary` says
    that every value is 0 or 1. `summary` says what is shown beside the mean:

    - `mean`: nothing;
    - `classes`: a table of classes, from `answer` and `details["reference"]`;
    - `parts`: the mean of each part, from `details["parts"]` (name -> value in [0, 1]);
    - `counts`: precision, recall and F1 of each kind and of all together, from `details["counts"]`
      (kind -> [right, answered, in the reference]), and what is wrong rather than missed or invented from
      `details["differing"]` (kind -> how many), where it is given. The figure of many cases is then the F1 of the sums, not
      the mean, and a trial without a reply is counted as an empty answer where bars are tested.
    """

    @property
    def name(self) -> str:
        """How it is shown, and how bars refer to it."""

    @property
    def version(self) -> int:
        """The version of what it computes, from 1."""

    @property
    def direction(self) -> Direction:
        """Whether more is better."""

    @property
    def bounds(self) -> Bounds:
        """The least and the greatest value."""

    @property
    def binary(self) -> bool:
        """Whether each value is 0 or 1."""

    @property
    def summary(self) -> Summary:
        """What is shown beside the mean."""

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return the score of this reply, or why there is none."""


@runtime_checkable
class LabelMetric(Metric, Protocol):
    """A metric whose answers are labels; its summary is `classes`."""

    def label(self, case: Case) -> str | None:
        """Return the right label of a case as the confusion matrix names it; None without a reference."""


def no_reference(case: Case) -> ScoreFailure:
    """Return the failure of a metric that needs a reference which the case does not have."""
    return ScoreFailure(kind="no_reference", message=f"case {case.id!r} has no reference to compare with")


def shown(text: str) -> str:
    """Return `text` as a score keeps it: cut when long, with lone surrogates replaced.

    Example:
        >>> shown("a" * 600)[-24:]
        'aaaa... (600 characters)'
    """
    if len(text) > SHOWN_CHARACTERS:
        text = f"{text[:SHOWN_CHARACTERS]}... ({len(text)} characters)"
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
