"""Metrics of agents: any steps, any state and any reference give a score in bounds or a failure, identity 1."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from passmuster.metrics.agents.end_state import EndState
from passmuster.metrics.agents.steps import Steps
from passmuster.metrics.agents.stopping import Escalated, GaveUp
from passmuster.metrics.agents.tool_arguments import ToolArguments
from passmuster.metrics.agents.tools import ForbiddenTools, ToolCalled, ToolOrder
from passmuster.metrics.metric import Metric
from passmuster.records.case import Case, Message, ToolCall
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.trial import Reply

law = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # shared machines stall

METRICS: list[Metric] = [
    ToolCalled(),
    ToolCalled(tools=("a", "b"), which="any"),
    ForbiddenTools(tools=("a",)),
    ToolOrder(mode="strict"),
    ToolOrder(),
    ToolOrder(mode="any"),
    ToolArguments(extra=True, failed="a"),
    ToolArguments(others=True, normalise=("case", "space")),
    Steps(),
    Steps(count="turns"),
    EndState(),
    EndState(others=False, any_order=("a",), ignore=("b",)),
    GaveUp(),
    Escalated(),
]

NAMES = st.sampled_from(["a", "b", "transfer_to_human", "\ud800"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | NAMES
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
FINITE = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
CALLS = st.builds(
    ToolCall,
    name=NAMES,
    arguments=st.dictionaries(NAMES, FINITE, max_size=3).map(json.dumps) | st.text(max_size=5),
    id=st.none() | st.sampled_from(["1", "2"]),
)
STEPS = st.lists(
    st.builds(
        Message,
        role=st.sampled_from(["assistant", "tool", "user"]),
        content=st.text(max_size=5),
        tool_calls=st.lists(CALLS, max_size=2).map(tuple),
        tool_call_id=st.none() | st.sampled_from(["1", "2"]),
    ),
    max_size=4,
).map(tuple)
REPLIES = st.builds(
    Reply,
    text=st.text(max_size=9),
    tool_calls=st.lists(CALLS, max_size=2).map(tuple),
    steps=st.none() | STEPS,
    state=JSON,
    finish_reason=st.none() | st.text(max_size=5) | st.just("length"),
)
ASKED = st.lists(
    st.fixed_dictionaries({"name": NAMES, "arguments": st.dictionaries(NAMES, FINITE, max_size=3)})
)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
@law
@given(REPLIES, JSON | ASKED | st.lists(NAMES))
def test_any_agent_is_judged_in_bounds_or_not_at_all(metric: Metric, reply: Reply, reference: Any) -> None:
    outcome = metric.score(Case(id="1", input="", reference=reference), reply)
    if isinstance(outcome, Score):
        assert metric.bounds[0] <= outcome.value <= metric.bounds[1]
        assert outcome.value in (0, 1) or not metric.binary
        repr(outcome).encode("utf-8")
    else:
        assert isinstance(outcome, ScoreFailure)


@pytest.mark.parametrize(
    "metric",
    [ToolCalled(), ToolOrder(mode="strict"), ToolOrder(mode="any"), ToolArguments(extra=True)],
    ids=lambda metric: metric.name,
)
@law
@given(ASKED)
def test_doing_what_is_asked_scores_1(metric: Metric, asked: Any) -> None:
    calls = tuple(ToolCall(name=call["name"], arguments=json.dumps(call["arguments"])) for call in asked)
    readable = all("ud800" not in call.arguments for call in calls)
    outcome = metric.score(Case(id="1", input="", reference=asked), Reply(text="", tool_calls=calls))
    if readable:
        assert isinstance(outcome, ScoreFailure) is (not asked and metric.name == "tool_called")
        assert isinstance(outcome, ScoreFailure) or outcome.value == 1


@law
@given(FINITE)
def test_leaving_what_is_asked_scores_1(state: Any) -> None:
    for metric in (EndState(), EndState(others=False), EndState(any_order=("a", "b[0]"))):
        outcome = metric.score(
            Case(id="1", input="", reference={"state": state}), Reply(text="", state=state)
        )
        assert isinstance(outcome, Score)
        assert outcome.value == 1
