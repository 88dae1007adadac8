"""tool_called, forbidden_tools, tool_order and tool_arguments: what was called, in which order, with what."""

from typing import Any

import pytest
from tests.unit.metrics.agents.agent import call, did, failed, scored

from passmuster.errors import ConfigurationError
from passmuster.metrics.agents.did import MOST_CALLS, Done, calls_asked, calls_made
from passmuster.metrics.agents.tool_arguments import ToolArguments
from passmuster.metrics.agents.tools import ForbiddenTools, ToolCalled, ToolOrder
from passmuster.records.case import Case, Message, ToolCall
from passmuster.records.trial import Reply

FOUND = call("find", city="Oslo")
BOOKED = call("book", flight="A7", seats=2)
BOTH = did(FOUND, "[A7]", BOOKED, "ok")
ASKED = [{"name": "find"}, {"name": "book", "arguments": {"flight": "A7", "seats": 2}}]


class TestWhatWasCalled:
    def test_calls_come_from_the_steps_with_what_they_gave_back(self) -> None:
        assert [(each.name, each.result) for each in calls_made(BOTH)] == [("find", "[A7]"), ("book", "ok")]

    def test_results_are_found_by_the_id_of_their_call(self) -> None:
        calls = tuple(ToolCall(name=name, arguments="{}", id=name) for name in ("a", "b"))
        steps = (
            Message(role="assistant", tool_calls=calls),
            Message(role="tool", content="of b", tool_call_id="b"),
            Message(role="tool", content="of a", tool_call_id="a"),
            Message(role="tool", content="of nobody", tool_call_id="c"),
        )
        made = calls_made(Reply(text="", steps=steps))

        assert [(each.name, each.result) for each in made] == [("a", "of a"), ("b", "of b")]

    def test_a_reply_without_steps_has_its_own_calls(self) -> None:
        assert [each.name for each in calls_made(Reply(text="", tool_calls=(FOUND,)))] == ["find"]

    def test_calls_that_are_in_the_last_step_too_count_once(self) -> None:
        steps = (
            Message(role="assistant", tool_calls=(FOUND,)),
            Message(role="assistant", tool_calls=(BOOKED,)),
        )

        assert len(calls_made(Reply(text="", steps=steps, tool_calls=(BOOKED,)))) == 2
        assert len(calls_made(Reply(text="", steps=steps[:1], tool_calls=(BOOKED,)))) == 2

    def test_no_more_than_a_thousand_are_looked_at(self) -> None:
        assert len(calls_made(Reply(text="", tool_calls=(FOUND,) * 5000))) == MOST_CALLS

    @pytest.mark.timeout(30)  # minutes, where each result is looked for among all calls
    def test_many_results_of_many_calls_do_not_hang(self) -> None:
        calls = tuple(ToolCall(name="f", arguments="", id=str(number)) for number in range(100_000))
        results = tuple(Message(role="tool", content="", tool_call_id=str(9e9 + n)) for n in range(10_000))
        reply = Reply(text="", steps=(Message(role="assistant", tool_calls=calls), *results))

        assert {len(calls_made(reply)) for _ in range(5)} == {MOST_CALLS}

    @pytest.mark.parametrize("arguments", ["{", "[]", "7", "[" * 10_000])
    def test_arguments_that_are_no_object_are_kept_as_unreadable(self, arguments: str) -> None:
        (made,) = calls_made(Reply(text="", tool_calls=(ToolCall(name="f", arguments=arguments),)))

        assert made.unreadable

    @pytest.mark.parametrize(
        "reference",
        [
            [{"name": "f", "arguments": {"a": 1}}],
            [{"name": "f", "kwargs": {"a": 1}}],
            {"name": "f", "args": {"a": 1}},
            {"calls": [{"function": {"name": "f", "arguments": '{"a": 1}'}}], "state": {}},
            '[{"name": "f", "arguments": {"a": 1}}]',
        ],
    )
    def test_a_reference_may_be_written_in_many_ways(self, reference: Any) -> None:
        assert calls_asked(Case(id="1", input="", reference=reference)) == [
            Done(name="f", arguments={"a": 1})
        ]

    @pytest.mark.parametrize(
        "reference", [7, [7], {"a": 1}, [{"name": "f", "arguments": "[]"}], "", [""], "[{"]
    )
    def test_what_names_no_call_is_a_wrong_reference(self, reference: Any) -> None:
        assert failed(ToolOrder(), BOTH, reference) == "wrong_reference"


class TestToolCalled:
    def test_every_tool_is_a_part(self) -> None:
        outcome = scored(ToolCalled(tools=("find", "refund")), BOTH)

        assert outcome.value == 0
        assert outcome.details["parts"] == {"find": 1, "refund": 0}
        assert outcome.details["missing"] == ["refund"]

    def test_any_of_them_may_do(self) -> None:
        assert scored(ToolCalled(tools=("find", "refund"), which="any"), BOTH).value == 1

    def test_the_reference_names_them_where_nothing_else_does(self) -> None:
        assert scored(ToolCalled(), BOTH, ASKED).value == 1
        assert scored(ToolCalled(), did(FOUND), ASKED).value == 0
        assert failed(ToolCalled(), BOTH, []) == "not_applicable"
        assert failed(ToolCalled(), BOTH) == "no_reference"


class TestForbiddenTools:
    def test_a_forbidden_call_is_named(self) -> None:
        outcome = scored(ForbiddenTools(tools=("book",)), BOTH)

        assert (outcome.value, outcome.details["forbidden"]) == (0, ["book"])
        assert scored(ForbiddenTools(tools=("refund",)), BOTH).value == 1

    def test_what_is_not_allowed_is_forbidden(self) -> None:
        assert scored(ForbiddenTools(allowed=("find", "book")), BOTH).value == 1
        assert scored(ForbiddenTools(allowed=()), BOTH).details["forbidden"] == ["find", "book"]

    @pytest.mark.parametrize("options", [{}, {"tools": ("a",), "allowed": ("b",)}])
    def test_one_of_the_two_lists_is_needed(self, options: Any) -> None:
        with pytest.raises(ConfigurationError, match="either tools or allowed"):
            ForbiddenTools(**options)


class TestToolOrder:
    @pytest.mark.parametrize(
        ("called", "strict", "in_order", "anyhow"),
        [
            ("find book", 1, 1, 1),
            ("book find", 0, 0, 1),
            ("find find book", 0, 1, 0),
            ("find", 0, 0, 0),
            ("", 0, 0, 0),
        ],
    )
    def test_orders_are_told_apart(self, called: str, strict: int, in_order: int, anyhow: int) -> None:
        reply = did(*map(call, called.split()))
        found = [
            scored(ToolOrder(mode=mode, order=("find", "book")), reply).value
            for mode in ("strict", "in_order", "any")
        ]
        assert found == [strict, in_order, anyhow]

    def test_some_tools_need_not_count(self) -> None:
        reply = did(call("think"), FOUND, call("think"), BOOKED)

        assert scored(ToolOrder(mode="strict", ignore=("think",)), reply, ASKED).value == 1

    def test_nothing_asked_for_and_nothing_called_is_in_order(self) -> None:
        assert scored(ToolOrder(mode="strict"), did(), []).value == 1
        assert scored(ToolOrder(mode="strict"), did(FOUND), []).value == 0


class TestToolArguments:
    def test_each_call_asked_for_is_right_or_not(self) -> None:
        assert scored(ToolArguments(), BOTH, ASKED).value == 1
        half = scored(ToolArguments(), did(FOUND, call("book", flight="A8", seats=2)), ASKED)
        assert half.value == 0.5
        assert half.details["wrong"] == [
            {"tool": "book", "argument": "flight", "answer": "A8", "reference": "A7"}
        ]
        assert scored(ToolArguments(), did(FOUND), ASKED).details["missing"] == ["book"]

    def test_a_call_counts_once(self) -> None:
        assert scored(ToolArguments(), did(BOOKED), [ASKED[1], ASKED[1]]).value == 0.5

    def test_the_choosiest_call_takes_first(self) -> None:
        asked = ["book", {"name": "book", "arguments": {"flight": "A7"}}]
        reply = did(call("book", flight="A7"), call("book", flight="B2"))

        assert scored(ToolArguments(), reply, asked).value == 1

    def test_an_argument_too_many_is_wrong_unless_others_may_be(self) -> None:
        reply, asked = (
            did(call("book", flight="A7", meal="none")),
            {"name": "book", "arguments": {"flight": "A7"}},
        )

        assert scored(ToolArguments(), reply, asked).details["wrong"] == [
            {"tool": "book", "argument": "meal", "answer": "none"}
        ]
        assert scored(ToolArguments(others=True), reply, asked).value == 1
        assert scored(ToolArguments(ignore=("meal",)), reply, asked).value == 1

    def test_as_many_calls_as_can_be_are_met(self) -> None:
        asked = [{"name": "book", "arguments": {"flight": "A7"}}, ASKED[1]]
        reply = did(BOOKED, call("book", flight="A7", meal="none"))

        assert scored(ToolArguments(others=True), reply, asked).value == 1

    def test_a_call_too_many_is_wrong_where_that_is_asked(self) -> None:
        reply = did(FOUND, BOOKED, BOOKED)

        assert scored(ToolArguments(), reply, ASKED).value == 1
        counted = scored(ToolArguments(extra=True), reply, ASKED)
        assert counted.value == pytest.approx(2 / 3)
        assert counted.details["extra"] == ["book"]
        assert scored(ToolArguments(extra=True), reply, []).value == 0
        assert scored(ToolArguments(extra=True), did(), []).value == 1
        assert failed(ToolArguments(), reply, []) == "not_applicable"

    def test_calls_of_other_tools_and_calls_that_failed_can_be_left_out(self) -> None:
        reply = did(FOUND, "[A7]", call("book", flight="A9"), "Error: sold out", BOOKED, "ok")
        metric = ToolArguments(tools=("book",), extra=True, failed="^Error")

        assert scored(metric, reply, ASKED).value == 1
        assert scored(ToolArguments(tools=("book",), extra=True), reply, ASKED).value == 0.5

    def test_values_are_compared_as_everywhere(self) -> None:
        asked = {"name": "book", "arguments": {"flight": "a7", "seats": "2"}}

        assert scored(ToolArguments(normalise=("case",)), did(BOOKED), asked).value == 1
        assert scored(ToolArguments(), did(BOOKED), asked).value == 0

    def test_arguments_that_are_no_json_are_told(self) -> None:
        reply = did(FOUND, ToolCall(name="book", arguments="{flight: A7}"))

        assert "not JSON" in str(scored(ToolArguments(), reply, ASKED).details["wrong"])
