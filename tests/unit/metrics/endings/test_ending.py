"""How a reply ends, from all that is known of it."""

import pytest

from passmuster.metrics.endings.ending import ending_of
from passmuster.records.case import ToolCall
from passmuster.records.trial import Reply


@pytest.mark.parametrize("reason", ["length", "max_tokens", "MAX_TOKENS"])
def test_what_the_endpoint_cut_is_truncated(reason: str) -> None:
    assert ending_of(Reply(text="The total is 12.", finish_reason=reason)).kind == "truncated"


def test_what_a_filter_stopped_is_a_refusal() -> None:
    assert ending_of(Reply(text="", finish_reason="content_filter")).kind == "refusal"


def test_a_call_of_a_tool_is_no_empty_reply() -> None:
    call = ToolCall(name="look_up", arguments="{}")
    assert ending_of(Reply(text="", tool_calls=(call,))).kind == "answer"


@pytest.mark.parametrize("tool", ["transfer_to_human_agents", "escalate", "handoff"])
def test_a_call_that_hands_over_is_an_escalation(tool: str) -> None:
    assert ending_of(Reply(text="", tool_calls=(ToolCall(name=tool, arguments="{}"),))).kind == "escalation"


def test_json_without_any_value_is_empty_and_a_refusal_in_its_answer_is_one() -> None:
    assert ending_of(Reply(text='{"party": null, "date": ""}')).kind == "empty"
    assert ending_of(Reply(text='{"answer": "I cannot help with that.", "clause": null}')).kind == "refusal"
    assert ending_of(Reply(text='{"party": "I cannot Ltd", "clause": "4"}')).kind == "answer"
    assert ending_of(Reply(text="[]")).kind == "answer"


def test_patterns_of_the_task_come_first() -> None:
    assert ending_of(Reply(text="I can't help."), {"answer": ["can't help"]}).kind == "answer"
