"""How a reply ends, from all that is known of it."""

import pytest

from passmuster.metrics.endings.ending import ending_of
from passmuster.records.case import Message, ToolCall
from passmuster.records.trial import Reply


@pytest.mark.parametrize("reason", ["length", "max_tokens", "MAX_TOKENS"])
def test_what_the_endpoint_cut_is_truncated(reason: str) -> None:
    assert ending_of(Reply(text="The total is 12.", finish_reason=reason)).kind == "truncated"


@pytest.mark.parametrize("reason", ["content_filter", "SAFETY", "guardrail_intervened"])
def test_what_a_filter_stopped_is_a_refusal(reason: str) -> None:
    assert ending_of(Reply(text="", finish_reason=reason)).kind == "refusal"


def test_a_call_of_a_tool_is_no_empty_reply() -> None:
    call = ToolCall(name="look_up", arguments="{}")
    assert ending_of(Reply(text="", tool_calls=(call,))).kind == "answer"


@pytest.mark.parametrize("tool", ["transfer_to_human_agents", "escalate", "handoff"])
def test_a_call_that_hands_over_is_an_escalation(tool: str) -> None:
    assert ending_of(Reply(text="", tool_calls=(ToolCall(name=tool, arguments="{}"),))).kind == "escalation"


@pytest.mark.parametrize(
    "tool", ["transferToAgent", "forward_ticket_to_support_team", "request_human_review", "hand-over"]
)
def test_a_tool_that_hands_over_may_have_many_names(tool: str) -> None:
    assert ending_of(Reply(text="", tool_calls=(ToolCall(name=tool, arguments="{}"),))).kind == "escalation"


@pytest.mark.parametrize(
    "tool", ["transfer_to_account", "connect_to_database", "forward_email_to", "humanize_date"]
)
def test_a_call_that_moves_money_or_data_hands_nothing_over(tool: str) -> None:
    assert ending_of(Reply(text="", tool_calls=(ToolCall(name=tool, arguments="{}"),))).kind == "answer"


@pytest.mark.parametrize("text", ["I don't know that yet, let me look.", "I can't help with that."])
def test_a_reply_that_calls_a_tool_acts_whatever_it_says(text: str) -> None:
    reply = Reply(text=text, tool_calls=(ToolCall(name="delete_account", arguments="{}"),))
    assert ending_of(reply).kind == "answer"
    assert (
        ending_of(Reply(text=text, tool_calls=reply.tool_calls, finish_reason="length")).kind == "truncated"
    )


def test_what_was_handed_over_on_the_way_is_an_escalation() -> None:
    calls = (ToolCall(name="transfer_to_human_agents", arguments="{}"),)
    steps = (Message(role="assistant", content="", tool_calls=calls),)
    assert ending_of(Reply(text="Thank you for calling.", steps=steps)).kind == "escalation"


def test_null_is_json_without_a_value() -> None:
    assert ending_of(Reply(text=" null\n")).kind == "empty"


def test_json_without_any_value_is_empty_and_a_refusal_in_its_answer_is_one() -> None:
    assert ending_of(Reply(text='{"party": null, "date": ""}')).kind == "empty"
    assert ending_of(Reply(text='{"answer": "I cannot help with that.", "clause": null}')).kind == "refusal"
    assert ending_of(Reply(text='{"party": "I cannot Ltd", "clause": "4"}')).kind == "answer"
    assert ending_of(Reply(text="[]")).kind == "answer"


def test_empty_lists_are_an_answer_that_there_is_nothing() -> None:
    assert ending_of(Reply(text='{"entities": []}')).kind == "answer"
    assert ending_of(Reply(text='{"party": null, "items": []}')).kind == "empty"
    assert ending_of(Reply(text="{}")).kind == "empty"


def test_patterns_of_the_task_come_first() -> None:
    assert ending_of(Reply(text="I can't help."), {"answer": ["can't help"]}).kind == "answer"
