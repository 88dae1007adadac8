"""What an agent did, as people read it."""

from passmuster.decide.steps import MOST, WIDTH, step_lines
from passmuster.records.case import Message, ToolCall
from passmuster.records.trial import Reply


def test_calls_and_results_stand_in_their_order() -> None:
    reply = Reply(
        text="Done.",
        steps=(
            Message(
                role="assistant",
                content="Let me see.",
                tool_calls=(ToolCall(name="find", arguments='{"id":7}'),),
            ),
            Message(role="tool", content="not found"),
        ),
        state={"orders": 0},
    )
    assert step_lines(reply) == (
        "assistant: Let me see.",
        'find({"id":7})',
        "-> not found",
        'left: {"orders":0}',
    )


def test_a_plain_reply_has_no_steps() -> None:
    assert step_lines(Reply(text="a")) == ()


def test_a_long_way_is_cut() -> None:
    call = ToolCall(name="f", arguments="x" * 10_000)
    lines = step_lines(Reply(text="", tool_calls=(call,) * 500))
    assert len(lines) == MOST + 1
    assert all(len(line) < WIDTH + 30 for line in lines)
    assert lines[-1] == "... and 440 more steps"
