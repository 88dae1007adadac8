"""How every baseline answers: one rule, asked in this process, its time really measured."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from passmuster.ports import Clock
from passmuster.records.case import Case
from passmuster.records.trial import Attempt, Exchange, Failure, Reply, Request, Source, Usage

NO_TOKENS = Usage(input=0, output=0)
"""A baseline has no tokens: they are counted (as none), not unknown."""


class Answer(NamedTuple):
    """What a rule says: the text, how sure it is in [0, 1], and the probability of every label."""

    text: str
    confidence: float | None = None
    probabilities: Mapping[str, float] | None = None


class Rule(Protocol):
    """Answers a case without a model."""

    def answer(self, case: Case) -> Answer | Failure:
        """Return the answer, or why there is none."""


class BaselineProvider:
    """A rule as a provider: no tokens, no cost, and the measured time of applying the rule."""

    def __init__(self, rule: Rule, clock: Clock) -> None:
        self._rule = rule
        self._clock = clock

    @property
    def source(self) -> Source:
        """Where its times come from: they are measured."""
        return "measured"

    async def ask(self, request: Request) -> Exchange:
        """Apply the rule to the case."""
        started = self._clock.now()
        answer = self._rule.answer(request.case)
        seconds = self._clock.now() - started
        if isinstance(answer, Failure):
            failed = Attempt(
                started=started, seconds=seconds, error=answer.kind, message=answer.message, cost=0.0
            )
            return Exchange(answer, failed)
        reply = Reply(text=answer.text, confidence=answer.confidence, probabilities=answer.probabilities)
        return Exchange(reply, Attempt(started=started, seconds=seconds, usage=NO_TOKENS, cost=0.0))

    async def close(self) -> None:
        """Let go of nothing."""


def not_fitted(case: Case) -> Failure:
    """Return the failure of a fitted baseline that was asked too early."""
    message = f"the baseline was asked for case {case.id!r} before it was fitted"
    return Failure(kind="internal", message=message)
