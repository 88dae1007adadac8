"""Replies of agents, written short."""

import json
from typing import Any

from passmuster.metrics.metric import Metric
from passmuster.records.case import Case, Expect, Message, ToolCall
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.trial import Reply


def call(name: str, **arguments: Any) -> ToolCall:
    return ToolCall(name=name, arguments=json.dumps(arguments))


def did(*steps: ToolCall | str, text: str = "Done.") -> Reply:
    """Return the reply of an agent that made these calls, each text being what the last one gave back."""
    return Reply(
        text=text,
        steps=tuple(
            Message(role="tool", content=step)
            if isinstance(step, str)
            else Message(role="assistant", tool_calls=(step,))
            for step in steps
        ),
    )


def scored(metric: Metric, reply: Reply, reference: Any = None, expect: Expect | None = None) -> Score:
    outcome = metric.score(Case(id="1", input="q", reference=reference, expect=expect), reply)
    assert isinstance(outcome, Score)
    return outcome


def failed(metric: Metric, reply: Reply, reference: Any = None) -> str:
    outcome = metric.score(Case(id="1", input="q", reference=reference), reply)
    assert isinstance(outcome, ScoreFailure)
    return outcome.kind
