"""No reply makes a metric of texts or of agents raise, hang or keep much, as its text, its calls or its state."""

import json
from typing import Any

import pytest
from tests.unit.metrics.test_hostile_text import REPLIES

from passmuster.metrics.agents.end_state import EndState
from passmuster.metrics.agents.steps import Steps
from passmuster.metrics.agents.stopping import Escalated, GaveUp
from passmuster.metrics.agents.tool_arguments import ToolArguments
from passmuster.metrics.agents.tools import ForbiddenTools, ToolCalled, ToolOrder
from passmuster.metrics.metric import Metric
from passmuster.metrics.text.choice import Choice
from passmuster.metrics.text.contains import Contains
from passmuster.metrics.text.edit_similarity import EditSimilarity
from passmuster.metrics.text.numeric import Numeric
from passmuster.metrics.text.regex import Regex
from passmuster.metrics.text.rouge import RougeScore
from passmuster.metrics.text.tokens import TokenF1
from passmuster.metrics.text.translation import Bleu, Chrf
from passmuster.records.case import Case, Message, ToolCall
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.trial import Reply

pytestmark = pytest.mark.slow

TEXTS: list[Metric] = [
    Contains(texts=("a",) * 30, whole_words=True, normalise=("case", "accents", "punctuation")),
    Contains(which="all", whole_words=True),
    Regex(pattern="(a+)+$"),
    Numeric(units={"a": 2}),
    Numeric(which="first", percent="share"),
    Choice(options=("a", "1.1")),
    TokenF1(),
    RougeScore(stemmed=True),
    RougeScore(kind="rouge_2", words="any_script"),
    Bleu(),
    Bleu(tokenise="intl"),
    Chrf(word_order=2),
    EditSimilarity(normalise=("space", "quotes")),
]
AGENTS: list[Metric] = [
    ToolCalled(),
    ForbiddenTools(allowed=("a",)),
    ToolOrder(mode="any"),
    ToolArguments(extra=True, failed="(a+)+$"),
    Steps(),
    EndState(any_order=("a",)),
    GaveUp(),
    Escalated(),
]


def is_in_order(metric: Metric, case: Case, reply: Reply) -> None:
    outcome = metric.score(case, reply)
    if isinstance(outcome, Score):
        assert metric.bounds[0] <= outcome.value <= metric.bounds[1]
        assert len(json.dumps([outcome.answer, outcome.details])) < 50_000
    else:
        assert isinstance(outcome, ScoreFailure)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("text", REPLIES.values(), ids=list(REPLIES))
def test_any_text_is_scored(text: str) -> None:
    for metric in TEXTS:
        for reference in ("a 1.1", text, [text, "b"]):
            is_in_order(metric, Case(id="1", input="", reference=reference), Reply(text=text))


@pytest.mark.timeout(60)
@pytest.mark.parametrize("text", REPLIES.values(), ids=list(REPLIES))
def test_any_call_and_any_state_is_scored(text: str) -> None:
    calls = tuple(ToolCall(name=name, arguments=text) for name in ("a", text))
    steps = (Message(role="assistant", tool_calls=calls), Message(role="tool", content=text)) * 3
    state: Any = {"a": [text], text: text}
    reply = Reply(text=text, tool_calls=calls, steps=steps, state=state, finish_reason=text)
    references = (
        ["a", text],
        [{"name": "a", "arguments": {"a": text}}],
        {"calls": text, "state": state},
        text,
    )
    for metric in AGENTS:
        for reference in references:
            is_in_order(metric, Case(id="1", input="", reference=reference), reply)


@pytest.mark.timeout(60)
def test_thousands_of_calls_are_scored() -> None:
    calls = tuple(ToolCall(name="a", arguments=json.dumps({"n": number})) for number in range(20_000))
    reference = [{"name": "a", "arguments": {"n": -number}} for number in range(20_000)]
    for metric in AGENTS:
        is_in_order(metric, Case(id="1", input="", reference=reference), Reply(text="", tool_calls=calls))
