"""How trials turn out: right, wrong and silent about it, or a failure that anybody can see."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

from passmuster.records.record import Record
from passmuster.records.score import Estimate

Turn: TypeAlias = Literal[
    "correct",
    "silent_failure",
    "failed",
    "refusal",
    "gave_up",
    "escalation",
    "clarification",
    "apology",
    "empty",
    "truncated",
    "malformed",
    "hedged",
    "unknown",
]
"""How one trial turned out. `failed` is a trial without a reply, `unknown` one whose correctness is not known."""

EndingKind: TypeAlias = Literal[
    "answer",
    "hedged",
    "refusal",
    "escalation",
    "clarification",
    "gave_up",
    "apology",
    "truncated",
    "empty",
]
"""How a reply ends, as it can be read from the reply alone."""

LOUD: tuple[Turn, ...] = tuple(
    turn for turn in get_args(Turn) if turn not in ("correct", "silent_failure", "unknown")
)
"""The loud failures: whoever gets the reply sees that it is none."""

LOUD_FAILURE = "loud_failure"
"""All loud failures together, where severities are given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeReport(Record):
    """How one candidate's trials turned out, as shares of all its trials; `unjudged` is that of those nobody can judge.

    `kinds` has the share of each loud failure that occurred. `refusals` is the share of refusals among the cases that
    expect an answer. `severity` is the mean severity of a trial, where the project gives severities. `unknown` counts
    the replies whose correctness is not known. Where no trial can be judged, no share is known.
    """

    correct: Estimate
    silent: Estimate
    loud: Estimate
    kinds: Mapping[Turn, Estimate] = field(default_factory=dict)
    refusals: Estimate | None = None
    severity: Estimate | None = None
    unknown: int = 0
    unjudged: Estimate | None = None
