"""Did an agent give up, and did it hand over to a person where it should: `gave_up` and `escalated`."""

from dataclasses import dataclass
from typing import ClassVar

from passmuster.metrics.agents.did import calls_asked, calls_made
from passmuster.metrics.endings.ending import HANDS_OVER
from passmuster.metrics.endings.reading import read_text
from passmuster.metrics.metric import UNIT, Bounds, Summary, shown
from passmuster.records.case import Case
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Reply

STOPPED = frozenset(
    {
        "length",
        "max_tokens",
        "max_steps",
        "max_turns",
        "max_iterations",
        "max_tool_calls",
        "recursion_limit",
        "timeout",
        "error",
        "incomplete",
    }
)
"""Reasons to finish by which an agent did not come to its end."""

LONGEST_NAME = 200
"""Characters of a tool's name that are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GaveUp(Record):
    """1 where an agent gave up, else 0: lower is better.

    It did where it was stopped (by a limit of steps, tokens or time), where it ended without an answer (and not
    by handing over to a person), or where its last words say that it gives up.

    Example:
        >>> GaveUp().score(Case(id="1", input=""), Reply(text="", finish_reason="max_steps")).details["reason"]
        'stopped: max_steps'
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "lower"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = True
    summary: ClassVar[Summary] = "mean"

    name: str = "gave_up"

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:  # noqa: ARG002 - every metric is given the case
        """Return 1 or 0, with the reason."""
        reason = _reason(reply)
        return Score(value=float(reason is not None), details={} if reason is None else {"reason": reason})


def _reason(reply: Reply) -> str | None:
    finish = (reply.finish_reason or "").casefold()
    if finish in STOPPED:
        return f"stopped: {finish}"
    if not reply.text.strip():
        if reply.tool_calls and reply.steps is None:  # it asks for tools, and somebody is to call them
            return None
        calls = calls_made(reply)
        over = bool(calls) and HANDS_OVER.search(calls[-1].name[:LONGEST_NAME]) is not None
        return None if over else "it ended without an answer"
    ending = read_text(reply.text, whole=True)
    return f"it says so: {shown(ending.said)}" if ending.kind == "gave_up" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalated(Record):
    """1 where an agent handed over to a person exactly where it should have, else 0.

    It should where the case says `expect: escalation`, or its reference asks for one of the tools. It did where it
    called one of `tools` (default: tools named like `transfer_to_human`, `escalate` or `handoff`), or where its last
    words say so.

    Example:
        >>> case = Case(id="1", input="", expect="escalation")
        >>> Escalated().score(case, Reply(text="I will transfer you to a colleague who can help.")).value
        1.0
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = True
    summary: ClassVar[Summary] = "mean"

    name: str = "escalated"
    tools: tuple[str, ...] = ()

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return 1 or 0, with whether it did, whether it should have, and by what it was told."""
        asked = calls_asked(case)
        names = [] if isinstance(asked, ScoreFailure) else [call.name for call in asked]
        if isinstance(case.reference, str) and " " in case.reference.strip() and not self.tools:
            names = [name for name in names if " " not in name]  # a sentence that says "escalated" is no tool
        expected = case.expect == "escalation" or any(map(self._hands_over, names))
        tool = next((call.name for call in calls_made(reply) if self._hands_over(call.name)), None)
        ending = read_text(reply.text, whole=True)
        said = ending.said if ending.kind == "escalation" else None
        did = tool is not None or said is not None
        details: dict[str, Json] = {"escalated": did, "expected": expected}
        if did:
            details["by"] = shown(f"tool {tool}" if tool is not None else f"words: {said}")
        return Score(value=float(did == expected), details=details)

    def _hands_over(self, name: str) -> bool:
        return name in self.tools if self.tools else HANDS_OVER.search(name[:LONGEST_NAME]) is not None
