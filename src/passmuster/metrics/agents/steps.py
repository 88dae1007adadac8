"""How many steps an agent took: `steps`."""

from dataclasses import dataclass
from math import inf
from typing import ClassVar, Literal

from passmuster.metrics.agents.did import all_calls
from passmuster.metrics.metric import Bounds, Summary
from passmuster.records.case import Case
from passmuster.records.record import Record
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps(Record):
    """How many tools were called on the way, how many turns the agent took, or how many messages there were.

    A reply without steps has the calls that it asks for itself; its turns and messages are not known.

    Example:
        >>> from passmuster.records.case import Message
        >>> steps = (Message(role="assistant", content="One moment."), Message(role="assistant", content="Done."))
        >>> Steps(count="turns").score(Case(id="1", input=""), Reply(text="Done.", steps=steps)).value
        2.0
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "lower"
    bounds: ClassVar[Bounds] = (0.0, inf)
    binary: ClassVar[bool] = False
    summary: ClassVar[Summary] = "mean"

    name: str = "steps"
    count: Literal["calls", "turns", "messages"] = "calls"

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return the count; turns and messages of a reply that does not give its steps are a failure."""
        steps = reply.steps
        if self.count == "calls":
            return Score(value=float(len(all_calls(reply))))
        if steps is None:
            message = f"the reply to case {case.id!r} does not say what happened on the way"
            return ScoreFailure(kind="no_steps", message=message)
        counted = [message for message in steps if self.count == "messages" or message.role == "assistant"]
        return Score(value=float(len(counted)))
